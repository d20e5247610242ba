"""Supervisord for a town under test: it has imported the services' code once, and each of their processes is its fork.

Ten services import the same libraries, a second each at every start: a third of what a town costs. A fork runs what
`python -m` would, in the environment that it would have; what is started otherwise (Kafka, mongod) is executed as ever.
`make run`, the benchmarks, `make faults` and the tests of the local stack execute every process.
"""

import atexit
import ctypes
import gc
import importlib
import importlib.util
import os
import runpy
import shlex
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from supervisor import supervisord
from supervisor.options import ServerOptions

from guichet_local.machine.process import end_with_parent

HANDLED: Final = (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2)  # by supervisord
PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
IMPORTED: Final = "app"  # the composition root, which every service's `__main__` begins with


class QuickOptions(ServerOptions):  # type: ignore[misc]  # supervisor has no types
    """Supervisord's options, and what it asks of the system."""

    def realize(self, *arguments: Any, **options: Any) -> None:
        """Read the configuration, and import what its programs will run."""
        super().realize(*arguments, **options)
        for group in self.process_group_configs:
            for process in group.process_configs:
                if module := module_of(shlex.split(process.command)):
                    _import(module)
        gc.freeze()  # else the first collection of each fork copies all of it

    def execve(self, filename: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """In the child: become what is to be executed. Returns never."""
        module = module_of(argv)
        if module and env.get("PYTHONPATH") == os.environ.get("PYTHONPATH"):  # else it would import something else
            _become(module, env)
        super().execve(filename, argv, env)


def module_of(argv: Sequence[str]) -> str | None:
    """Return the module that a command runs with this Python, and that alone."""
    *before, module = argv
    return module if before == [*end_with_parent(), sys.executable, "-m"] else None


def _import(module: str) -> None:
    """Import a service's composition root; a test's own program in a service's place is a file, and has none."""
    found = importlib.util.find_spec(module)
    if found and found.submodule_search_locations and importlib.util.find_spec(f"{module}.{IMPORTED}"):
        importlib.import_module(f"{module}.{IMPORTED}")


def _become(module: str, env: Mapping[str, str]) -> NoReturn:
    """Run a module as `python -m` does, and end. What is above on the stack stays referred to: it owns descriptors."""
    gc.freeze()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # as `setpriv` would have asked
    for number in HANDLED:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module]
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


if __name__ == "__main__":
    supervisord.ServerOptions = QuickOptions
    supervisord.main()
