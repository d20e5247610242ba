"""What a fork of a process that has imported our code does to be what `python -m` would have made of it."""

import atexit
import ctypes
import gc
import importlib
import importlib.util
import os
import runpy
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from guichet_local.machine.process import end_with_parent

HANDLED: Final = (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2)  # by supervisord
PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
IMPORTED: Final = "app"  # the composition root, which every service's `__main__` begins with


def module_of(argv: Sequence[str]) -> str | None:
    """Return the module that a command runs with this Python until its parent ends, and that alone."""
    *before, module = argv
    return module if before == [*end_with_parent(), sys.executable, "-m"] else None


def import_ahead(module: str) -> None:
    """Import a service's composition root; a test's own program in a service's place is a file, and has none."""
    found = importlib.util.find_spec(module)
    if found and found.submodule_search_locations and importlib.util.find_spec(f"{module}.{IMPORTED}"):
        importlib.import_module(f"{module}.{IMPORTED}")


def _handle(number: signal.Signals, handler: Any) -> None:
    """Handle a signal so, unless it is ignored: that lasts, as it does through an execution (`nohup`, `&`)."""
    if signal.getsignal(number) is not signal.SIG_IGN:
        signal.signal(number, handler)


def become(module: str, env: Mapping[str, str], arguments: Sequence[str] = ()) -> NoReturn:
    """Run a module as `python -m` does, and end. What is above on the stack stays referred to: it owns descriptors."""
    gc.freeze()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # as `setpriv` would have asked
    for number in HANDLED:
        _handle(number, signal.SIG_DFL)
    _handle(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module, *arguments]
    status = run(module)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run(module: str) -> int:
    """Run a module as the program, and return the status with which Python would end."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # as the interpreter does
        traceback.print_exc()
        return 1
    return 0
