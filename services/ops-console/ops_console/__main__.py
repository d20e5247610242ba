"""Watch topics, services and alarms. Start it with: python -m ops_console"""

from guichet.runtime.service import run_service
from ops_console.app import SERVICE, run
from ops_console.settings import OpsConsoleSettings

if __name__ == "__main__":
    run_service(SERVICE, OpsConsoleSettings, run)
