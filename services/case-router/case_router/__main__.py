"""File each message into exactly one case. Start it with: python -m case_router"""

from case_router.app import SERVICE, build_app
from case_router.settings import CaseRouterSettings
from guichet.errors import SettingsError
from guichet.kafka.consume.worker import Worker, run
from guichet.runtime.service import begin, stop_misconfigured
from guichet.town import load_town


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting or a town file is wrong."""
    run(_worker(begin(SERVICE, CaseRouterSettings)))


def _worker(settings: CaseRouterSettings) -> Worker:
    try:
        return build_app(settings, load_town(settings.town))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
