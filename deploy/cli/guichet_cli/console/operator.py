"""Who types the command, as the audit trail knows them: by a number that the system vouches for, never by a variable.

`$USER` and `$LOGNAME` are what anybody says they are; the uid is what the kernel let in. It is a pseudonym as well:
which person it was, the machine's own accounts say.
"""

import os
import re

from guichet.ids import AgentId

_UID = re.compile(r"0|[1-9]\d*", re.ASCII)


def operator() -> AgentId:
    """Return the id of who runs this process: `uid-1000`.

    Through sudo it is who called it: SUDO_UID, believed only of root. Whoever is root may pretend to be anybody anyway.
    """
    uid, called_by = os.getuid(), os.environ.get("SUDO_UID", "")
    return AgentId(f"uid-{called_by if uid == 0 and _UID.fullmatch(called_by) else uid}")
