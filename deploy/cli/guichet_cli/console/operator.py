"""Who types the command, and when: a number that the system vouches for, and the services' own time.

`$USER` and `$LOGNAME` are what anybody says they are; the uid is what the kernel let in. It is a pseudonym as well:
which person it was, the machine's own accounts say.
"""

import os
import re
from datetime import datetime
from functools import cache

from guichet.clock import Clock
from guichet.ids import AgentId
from guichet.runtime.clock import clock_of

_UID = re.compile(r"0|[1-9]\d*", re.ASCII)


def operator() -> AgentId:
    """Return the id of who runs this process: `uid-1000`.

    Through sudo it is who called it: SUDO_UID, believed only of root. Whoever is root may pretend to be anybody anyway.
    """
    uid, called_by = os.getuid(), os.environ.get("SUDO_UID", "")
    return AgentId(f"uid-{called_by if uid == 0 and _UID.fullmatch(called_by) else uid}")


def operators_now() -> datetime:
    """Return the time, aware UTC. Raises SettingsError for a wrong GUICHET_CLOCK_FILE."""
    return commands_clock().now()


@cache  # a vault asks for each key that it remembers, and reading the settings takes a millisecond
def commands_clock() -> Clock:
    """Return the one clock of this command. Raises SettingsError."""
    return clock_of("guichet-cli")
