"""Imported first of all by a service's `__main__`: what libraries would load for a terminal only is left out.

structlog and httpx look for rich (with pygments) and greenlet and load what they find; a service writes JSON and has
no terminal. Where the `guichet` command is installed beside it, they find them: 4 to 5 MiB of every process.
"""

import sys

for _name in ("rich", "greenlet"):
    sys.modules[_name] = None  # type: ignore[assignment]  # to whoever imports it, it is not installed
