"""Take in what citizens write by telephone number. Start it with: python -m ingest_sms"""

from guichet.runtime.service import run_service
from ingest_sms.app import SERVICE, run
from ingest_sms.settings import IngestSmsSettings

if __name__ == "__main__":
    run_service(SERVICE, IngestSmsSettings, run)
