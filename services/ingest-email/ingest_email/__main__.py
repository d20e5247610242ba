"""Take the town's mail by LMTP. Start it with: python -m ingest_email"""

from guichet.runtime.service import run_service
from ingest_email.app import SERVICE, run
from ingest_email.settings import IngestEmailSettings

if __name__ == "__main__":
    run_service(SERVICE, IngestEmailSettings, run)
