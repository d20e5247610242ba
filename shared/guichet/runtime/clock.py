"""The clock of a process, chosen once by its composition root. No town runs unseen on one that can be moved."""

from datetime import timedelta
from ipaddress import ip_address

import structlog

from guichet.clock import Clock, MappedClock, SystemClock
from guichet.errors import SettingsError
from guichet.runtime.settings import ClockSettings, read_settings
from guichet.runtime.telemetry.alarms import Alarm, alarm_while

log = structlog.get_logger()


def clock_of(service: str) -> Clock:
    """Return the machine's clock, or the one that GUICHET_CLOCK_FILE lets others move.

    The latter is told in the log, and by an alarm as long as it is moved. Raises SettingsError for a wrong file, and
    where the broker is another machine: a town's services are spread, and would each keep a time of its own.
    """
    clock = clock_to_look_at()
    if isinstance(clock, MappedClock):
        log.warning("the clock can be moved: for tests alone", variable="GUICHET_CLOCK_FILE", moved=str(clock.offset))
        alarm_while(Alarm.CLOCK_MOVED, service, lambda: clock.offset != timedelta(0))
    return clock


def clock_to_look_at() -> Clock:
    """Return the same clock and tell nobody: for what does nothing by it but compare. Raises SettingsError likewise."""
    settings = read_settings(ClockSettings)
    if settings.clock_file is None:
        return SystemClock()
    if not all(map(_is_here, settings.kafka_bootstrap_servers.split(","))):
        raise SettingsError(
            "GUICHET_CLOCK_FILE lets tests move the clock, which only a stack of one machine may: the broker of "
            "GUICHET_KAFKA_BOOTSTRAP_SERVERS is elsewhere. Leave GUICHET_CLOCK_FILE unset."
        )
    return MappedClock(settings.clock_file)


def _is_here(server: str) -> bool:
    """server: host:port."""
    host = server.strip().rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
