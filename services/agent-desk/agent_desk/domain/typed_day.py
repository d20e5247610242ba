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


def fault_of_day(typed: str, first: date, last: date) -> str | None:
    """Return what is wrong with a day that has to lie between two, or be one of them; None: nothing is.

    "unreadable": it is no day; "before" the first; "in-the-future": after the last, which mostly is today.
    """
    day = typed_day(typed)
    if day is None:
        return "unreadable"
    return "before" if day < first else "in-the-future" if day > last else None
