"""Watch topics, services and alarms. Start it with: python -m ops_console"""

from functools import partial

from guichet.runtime.service import run_service
from ops_console.app import SERVICE, run
from ops_console.settings import OpsConsoleSettings

main = partial(run_service, SERVICE, OpsConsoleSettings, run)

if __name__ == "__main__":
    main()
