"""`python -m guichet_server.run.as_user USER WITHOUT ARGUMENTS…`: lay root's rights down, then run `guichet ARGUMENTS`.

A process of its own, whose memory holds what that command may know and nothing else of root's. It does not start anew
once it is that user: a process that begins as a user is open to that user's others, whatever it was before. They may
read the passwords and keys in its environment, memory and open files until it shuts them out (ptrace(2), prctl(2)).
"""

import grp
import os
import pwd
import runpy
import sys
from collections.abc import Collection

from guichet.runtime.prctl import hide_memory

COMMAND = "guichet_cli"


def main(user: str, without: Collection[str], arguments: list[str]) -> None:
    """Become the user, without some of their groups, and run the command to its end."""
    lay_down_rights(pwd.getpwnam(user), without)
    hide_memory()
    sys.argv = [COMMAND, *arguments]
    runpy.run_module(COMMAND, run_name="__main__", alter_sys=True)


def lay_down_rights(account: pwd.struct_passwd, without: Collection[str]) -> None:
    """Become that user."""
    groups = os.getgrouplist(account.pw_name, account.pw_gid)
    os.setgroups([each for each in groups if grp.getgrgid(each).gr_name not in without])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.umask(0o007)  # what it leaves among citizens' files, their group opens


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), sys.argv[3:])
