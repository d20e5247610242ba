"""What can go wrong on a machine, each with the sentence that says what to do.

LocalStackError
├── NoNetworkError           the first start fetches parts, and nothing answers
├── UntrustedJarError        what was fetched is not what the repository names
├── UnsupportedMachineError  no build of a server for this processor or system
├── MissingLibraryError      the system lacks a library or a program
├── PortTakenError           somebody else listens where we must
├── DiskFullError            no room left
├── AlreadyRunningError      this stack runs already
├── NotRunningError          it does not run
└── StartFailedError         a server, a service or a preparation step ended or never became ready
"""


class LocalStackError(Exception):
    """The message is one line for the person at the terminal; it names the remedy."""


class NoNetworkError(LocalStackError):
    """Something must be fetched and cannot be."""


class UntrustedJarError(LocalStackError):
    """A jar has other bytes than those that are pinned."""


class UnsupportedMachineError(LocalStackError):
    """There is no build of a server for this machine."""


class MissingLibraryError(LocalStackError):
    """A shared library or program of the system is missing."""


class PortTakenError(LocalStackError):
    """Another process listens on a port that we were told to use, or on all that we may."""


class DiskFullError(LocalStackError):
    """There is not enough room on the disk."""


class AlreadyRunningError(LocalStackError):
    """The stack of this folder runs in another terminal, or detached."""


class NotRunningError(LocalStackError):
    """There is no stack to act on."""


class StartFailedError(LocalStackError):
    """Something was started and ended, or did not become ready in time."""
