"""Take messages of social networks. Start it with: python -m ingest_social"""

from functools import partial

from guichet.runtime.service import run_service
from ingest_social.app import SERVICE, run
from ingest_social.settings import IngestSocialSettings

main = partial(run_service, SERVICE, IngestSocialSettings, run)

if __name__ == "__main__":
    main()
