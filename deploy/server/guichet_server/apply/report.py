"""What `guichet-server apply` says when it is done: what changed, and what to type for it to count. Pure."""

from collections.abc import Sequence
from typing import Final

from guichet_server.layout import SECRETS, TOWN_FILES
from guichet_server.render.everything import CADDYFILE, TRANSPORT_TABLE, UNITS
from guichet_server.render.unit import TARGET

# In this order: what Postfix hands over for a mailbox that no running service knows yet is refused for good (550).
_TAKEN_UP: Final = {
    f"systemctl restart {TARGET} && guichet-server wait": (UNITS, SECRETS, TOWN_FILES),
    "systemctl reload caddy": (CADDYFILE,),
    "systemctl reload postfix": (TRANSPORT_TABLE,),
}


def report(changed: Sequence[str], removed: Sequence[str], *, is_running: bool) -> list[str]:
    """Return it in sentences. is_running: whether services do, which read what was written at their start alone."""
    if not (changed or removed):
        return ["Nothing changed."]
    return [*_what(changed, removed), *_how(changed, removed, is_running=is_running)]


def _what(changed: Sequence[str], removed: Sequence[str]) -> list[str]:
    if [*changed, *removed] == [TOWN_FILES]:
        return ["The town's files have changed."]
    return [
        f"{len(changed)} files written, {len(removed)} taken away.",
        *(f"Taken away: {path}" for path in removed),
    ]


def _how(changed: Sequence[str], removed: Sequence[str], *, is_running: bool) -> list[str]:
    todo = [how for how, where in _TAKEN_UP.items() if any(path.startswith(where) for path in (*changed, *removed))]
    lines = [f"To take it up: {how}" for how in todo if is_running or TARGET not in how]
    return lines if is_running else [*lines, "Guichet does not run: what was written counts from its start."]
