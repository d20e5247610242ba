"""Trim topics, erase persons, rotate the keys of the vault. Start it with: python -m gdpr_worker"""

from gdpr_worker.app import SERVICE, build_app
from gdpr_worker.settings import GdprWorkerSettings
from guichet.runtime.service import run_service

if __name__ == "__main__":
    run_service(SERVICE, GdprWorkerSettings, build_app)
