"""Trim topics, erase persons, rotate the keys of the vault. Start it with: python -m gdpr_worker"""

from gdpr_worker.app import SERVICE, build_app
from gdpr_worker.settings import GdprWorkerSettings
from guichet.errors import SettingsError
from guichet.kafka.consume.worker import run
from guichet.runtime.service import begin, stop_misconfigured


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting is wrong."""
    settings = begin(SERVICE, GdprWorkerSettings)
    try:
        worker = build_app(settings)
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)
    run(worker)


if __name__ == "__main__":
    main()
