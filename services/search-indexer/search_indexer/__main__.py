"""Keep by which words messages are found. Start it with: python -m search_indexer"""

from guichet.runtime.service import run_service
from search_indexer.app import SERVICE, build_app
from search_indexer.settings import SearchIndexerSettings

if __name__ == "__main__":
    run_service(SERVICE, SearchIndexerSettings, build_app)
