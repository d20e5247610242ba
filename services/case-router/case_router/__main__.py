"""File each message into exactly one case. Start it with: python -m case_router"""

from case_router.app import SERVICE, build_app
from case_router.settings import CaseRouterSettings
from guichet.runtime.service import run_service

if __name__ == "__main__":
    run_service(SERVICE, CaseRouterSettings, build_app)
