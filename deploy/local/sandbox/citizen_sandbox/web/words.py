"""What the page calls things, in French."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from citizen_sandbox.play.entry import Entry, State

PARIS = ZoneInfo("Europe/Paris")

STATES = {
    State.WAITING: "En attente",
    State.ACCEPTED: "Remis à la mairie",
    State.REFUSED: "Refusé par la mairie",
    State.ARRIVED: "Reçu",
}

PAYLOADS = {
    State.WAITING: "↻ Sera retenté",
    State.ACCEPTED: "✓ Accepté",
    State.REFUSED: "✕ Refusé",
}

REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")  # a case's, as a town writes it to its citizens


def clock(moment: datetime) -> str:
    """Return the time of day in the town, such as 14:32."""
    return moment.astimezone(PARIS).strftime("%H:%M")


def day(moment: datetime) -> str:
    """Return day and time in the town, such as 03/05/2026 à 14:32."""
    return moment.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    if count < 1000:
        return f"{count} o"
    if count < 1_000_000:
        return f"{count / 1000:.0f} ko"
    return f"{count / 1_000_000:.1f} Mo".replace(".", ",")


def reference(entry: Entry) -> str:
    """Return the first case reference that a message names, or an empty string."""
    found = REFERENCE.search(f"{entry.subject} {entry.text}")
    return found.group() if found else ""
