"""How the run tells of its steps."""

import sys


def say(line: str, seconds: float | None = None) -> None:
    """Print a line at once, after the seconds that it took."""
    took = "" if seconds is None else f"  {seconds:6.1f} s  "
    sys.stdout.write(f"{took}{line}\n")
    sys.stdout.flush()
