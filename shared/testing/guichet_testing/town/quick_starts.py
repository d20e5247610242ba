"""Supervisord for a town under test: it has imported the services' code once, and each of their processes is its fork.

Ten services import the same libraries, a second each at every start: a third of what a town costs. A fork runs what
`python -m` would, in the environment that it would have; what is started otherwise (Kafka, mongod) is executed as ever.
Supervisord itself, and the commands that prepare a town, are forks too, of what has started the towns before.
`make run`, the benchmarks, `make faults` and the tests of the local stack execute every process of a town.
"""

import gc
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from supervisor import supervisord
from supervisor.options import ServerOptions

from guichet_local.machine.process import ServerProcess, end_with_parent
from guichet_testing.forks.become import become, import_ahead, module_of
from guichet_testing.forks.popen import fork, run


def run_command(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run `guichet ARGUMENTS` with these variables, to its end."""
    return run("guichet_cli", arguments, environment=environment)


class QuickProcess(ServerProcess):
    """Supervisord's process, unless it is to outlive ours."""

    def start(self) -> None:
        """Start it, its output appended to the log."""
        python = [*end_with_parent(), sys.executable, "-m"]
        if [*self._command[: len(python)]] != python:
            super().start()
        elif not self.is_alive:
            module, *arguments = self._command[len(python) :]
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                self._process = fork(module, arguments, environment=self._environment or {}, stdout=log, stderr=log)


class QuickOptions(ServerOptions):  # type: ignore[misc]  # supervisor has no types
    """Supervisord's options, and what it asks of the system."""

    def realize(self, *arguments: Any, **options: Any) -> None:
        """Read the configuration, and import what its programs will run."""
        super().realize(*arguments, **options)
        for group in self.process_group_configs:
            for process in group.process_configs:
                if module := module_of(shlex.split(process.command)):
                    import_ahead(module)
        gc.freeze()  # else the first collection of each fork copies all of it

    def execve(self, filename: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """In the child: become what is to be executed. Returns never."""
        module = module_of(argv)
        if module and env.get("PYTHONPATH") == os.environ.get("PYTHONPATH"):  # else it would import something else
            become(module, env)
        super().execve(filename, argv, env)


if __name__ == "__main__":
    supervisord.ServerOptions = QuickOptions
    supervisord.main()
