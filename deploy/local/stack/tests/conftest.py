"""The local stack is tested as `make run` has it, without the quick starts of towns under test."""

from collections.abc import Iterator

import pytest

from guichet_local.machine.process import ServerProcess
from guichet_local.processes import run_steps, supervisor


@pytest.fixture(scope="module", autouse=True)
def _every_process_is_executed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervisor, "SUPERVISORD", "supervisor.supervisord")
        patch.setattr(supervisor, "ServerProcess", ServerProcess)
        patch.setattr(run_steps, "RUN", run_steps.execute)
        yield
