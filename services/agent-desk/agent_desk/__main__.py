"""Serve the agents' pages. Start it with: python -m agent_desk"""

from functools import partial

from agent_desk.app import SERVICE, run
from agent_desk.settings import DeskSettings
from guichet.runtime.service import run_service

main = partial(run_service, SERVICE, DeskSettings, run)

if __name__ == "__main__":
    main()
