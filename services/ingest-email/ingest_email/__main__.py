"""Take the town's mail by LMTP. Start it with: python -m ingest_email"""

from functools import partial

from guichet.runtime.service import run_service
from ingest_email.app import SERVICE, run
from ingest_email.settings import IngestEmailSettings

main = partial(run_service, SERVICE, IngestEmailSettings, run)

if __name__ == "__main__":
    main()
