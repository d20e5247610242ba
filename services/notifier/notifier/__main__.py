"""Send receipts and answers on the channel of origin. Start it with: python -m notifier"""

from guichet.runtime.service import run_service
from notifier.app import SERVICE, build_app
from notifier.settings import NotifierSettings

if __name__ == "__main__":
    run_service(SERVICE, NotifierSettings, build_app)
