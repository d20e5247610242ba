"""Take SMS and WhatsApp messages from Twilio. Start it with: python -m ingest_sms"""

from functools import partial

from guichet.runtime.service import run_service
from ingest_sms.app import SERVICE, run
from ingest_sms.settings import IngestSmsSettings

main = partial(run_service, SERVICE, IngestSmsSettings, run)

if __name__ == "__main__":
    main()
