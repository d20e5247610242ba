"""Serve the agents' pages. Start it with: python -m agent_desk"""

from agent_desk.app import SERVICE, run
from agent_desk.settings import DeskSettings
from guichet.runtime.service import run_service

if __name__ == "__main__":
    run_service(SERVICE, DeskSettings, run)
