"""A day as somebody typed it. Pure."""

from datetime import UTC, date, datetime


def typed_day(typed: str) -> date | None:
    """Return a day as a browser's date field gives it, or as it is typed in French; None for anything else."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(typed.strip(), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None
