"""What the attacks are made on: the servers as a town's stack has them, prepared for its services; none of them runs."""

from collections.abc import Iterator

import pytest

from guichet_local.plan.preparation import Preparation, PrepareStep
from guichet_local.stack import LocalStack


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Broker and store, as `guichet prepare` leaves them."""
    prepared = Preparation(before=(PrepareStep(("prepare",)),), meanwhile=())
    with LocalStack(tmp_path_factory.mktemp("servers"), services=(), preparation=prepared) as stack:
        yield stack
