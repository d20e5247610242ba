"""Take messages of social networks. Start it with: python -m ingest_social"""

from guichet.channel.host.run import name_to_begin_with
from guichet.runtime.service import run_service
from ingest_social.app import SERVICE, run
from ingest_social.settings import IngestSocialSettings

if __name__ == "__main__":
    run_service(name_to_begin_with(SERVICE), IngestSocialSettings, run, distribution=SERVICE)
