"""Serve the pages for citizens. Start it with: python -m citizen_portal"""

from citizen_portal.app import SERVICE, run
from citizen_portal.settings import PortalSettings
from guichet.runtime.service import run_service

if __name__ == "__main__":
    run_service(SERVICE, PortalSettings, run)
