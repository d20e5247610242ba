"""How a longer work tells of its steps."""

from collections.abc import Callable

Report = Callable[[str], None]
"""Is told each step, in a line."""
