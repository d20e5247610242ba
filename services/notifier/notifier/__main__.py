"""Send receipts and answers on the channel of origin. Start it with: python -m notifier"""

from guichet.errors import SettingsError
from guichet.kafka.consume.worker import Worker, run
from guichet.runtime.service import begin, stop_misconfigured
from guichet.town import load_town
from notifier.app import SERVICE, build_app
from notifier.settings import NotifierSettings


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting or a town file is wrong."""
    run(_worker(begin(SERVICE, NotifierSettings)))


def _worker(settings: NotifierSettings) -> Worker:
    try:
        return build_app(settings, load_town(settings.town))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
