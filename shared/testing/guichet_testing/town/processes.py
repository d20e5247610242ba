"""Which processes of a stack ended although nobody stopped them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from guichet_local.stack import LocalStack

_LINES: Final = 300  # of a log, looked through for a last word


@dataclass
class Watch:
    """killed: the processes that were ended on purpose. ended: those that were not, each with its last error."""

    stack: LocalStack
    killed: set[int] = field(default_factory=set)
    ended: list[str] = field(default_factory=list)
    _pids: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Note whoever has another process id than when it was last looked at."""
        for state in self.stack.supervisor.states():
            before = self._pids.get(state.name, 0)
            if before not in {0, state.pid} and before not in self.killed:
                self.ended.append(f"{state.name} ({last_error(self.stack.folder / 'logs' / f'{state.name}.log')})")
            self._pids[state.name] = state.pid

    def stops(self, service: str) -> None:
        """Look once more, then expect that this one gets another process id."""
        self.look()
        self.killed.add(self._pids.get(service, 0))


def last_error(log: Path) -> str:
    """Return the error that a service's log names last as the reason of its end."""
    for line in reversed(log.read_text(errors="replace").splitlines()[-_LINES:]):
        if '"level": "critical"' in line:
            said = json.loads(line)
            chain = said.get("exception") or [{}]
            return str(said.get("error") or chain[-1].get("class") or said["event"])
    return "its log does not say why"
