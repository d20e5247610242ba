"""The text that goes to whoever is on call. Pure. Ids and codes only: a mail to the on-call address is not sealed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.runtime.overview import AlarmStanding
from guichet.town.long_dates import long_date
from guichet.web.local_time import clock_time
from ops_console.domain.alarms.alarm_words import entry_of, shown_cause, words_of


@dataclass(frozen=True)
class Notice:
    """One notice about one or several causes. identity: the same for the same causes, however often it is sent."""

    subject: str
    text: str
    identity: str
    alarms: tuple[dict[str, Any], ...]


def write_notice(town: str, alarms: Sequence[AlarmStanding], console_url: str) -> Notice:
    """Write the notice. alarms: at least one. console_url: base URL, without a slash at its end."""
    count = len(alarms)
    head = "une alerte" if count == 1 else f"{count} alertes"
    paragraphs = [
        f"Guichet signale {head} ({town}).",
        *(_paragraph(alarm, console_url) for alarm in alarms),
        f"Tableau de bord : {console_url}/",
        "Chaque cause n’est signalée qu’une fois tant qu’elle dure.",
    ]
    first = words_of(alarms[0].alarm).title
    more = f" (et {count - 1} autre{'s' if count > 2 else ''})" if count > 1 else ""
    return Notice(
        subject=with_no_break_spaces(f"[Guichet] {first} : {shown_cause(alarms[0].cause)}{more}"),
        text=with_no_break_spaces("\n\n".join(paragraphs) + "\n"),
        identity=_identity(alarms),
        alarms=tuple(_as_json(alarm, console_url) for alarm in alarms),
    )


def _paragraph(alarm: AlarmStanding, console_url: str) -> str:
    words = words_of(alarm.alarm)
    lines = [
        f"{words.title} ({alarm.alarm})",
        f"  Cause    : {shown_cause(alarm.cause)}",
        f"  Depuis   : {long_date(alarm.since, 'fr')} à {clock_time(alarm.since)}",
        *([f"  Terminée : à {clock_time(alarm.cleared_at)}"] if alarm.cleared_at else []),
        f"  À faire  : {words.remedy}",
        f"  Consigne : {_entry(alarm, console_url)}",
    ]
    return "\n".join(lines)


def _as_json(alarm: AlarmStanding, console_url: str) -> dict[str, Any]:
    words = words_of(alarm.alarm)
    return {
        **alarm.model_dump(mode="json", exclude={"told"}),
        "title": words.title,
        "remedy": words.remedy,
        "link": _entry(alarm, console_url),
    }


def _entry(alarm: AlarmStanding, console_url: str) -> str:
    return f"{console_url}/consignes#{entry_of(alarm.alarm)}"


def _identity(alarms: Sequence[AlarmStanding]) -> str:
    keys = "\n".join(f"{alarm.alarm} {alarm.cause} {alarm.since.isoformat()}" for alarm in alarms)
    return hashlib.sha256(keys.encode()).hexdigest()[:32]
