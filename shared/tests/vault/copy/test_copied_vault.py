"""What a copy of a vault holds is read in bounded memory, however long its changes grew."""

import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import bson
import pytest
from bson.timestamp import Timestamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.mongo.backup_files import Manifest, write_manifest
from guichet.mongo.dump import file_of
from guichet.vault.copy import copied_vault
from guichet.vault.copy.changes import Changes
from guichet.vault.copy.copied_vault import CopiedVault
from guichet.vault.copy.folder import CHANGES
from guichet.vault.copy.frames import FrameFile

LEDGER = "erasures"
ABOUT = 300  # bytes of a document


def a_copy(path: Path, before: Iterator[dict], frames: Iterator[list[dict]]) -> CopiedVault:
    """Write a copy whose backup holds these documents, and what happened since in frames."""
    path.mkdir()
    with gzip.open(path / file_of(LEDGER), "wb", 1) as file:
        for document in before:
            file.write(bson.encode(document))
    changes = FrameFile(path / CHANGES)
    for nth, happened in enumerate(frames):
        changes.append(Changes(Timestamp(1_700_000_000 + nth, 1), {"_data": f"{nth}"}, tuple(happened)).encoded())
    changes.close()
    write_manifest(path, Manifest(kind="vault", taken_at=datetime(2026, 3, 2, tzinfo=UTC), version="1", files=()))
    return CopiedVault(path)


def put(name: object, says: object = "x") -> dict:
    return {"in": LEDGER, "id": name, "doc": {"_id": name, "says": says}}


@pytest.mark.usefixtures("_little_at_once")
def test_reading_it_takes_no_more_memory_the_longer_nobody_pruned_it(tmp_path: Path) -> None:
    def frames(many: int) -> Iterator[list[dict]]:
        for frame in range(many):
            yield [put(f"{frame:05}-{nth:04}", "x" * ABOUT) for nth in range(500)]

    peaks = []
    for many in (5, 30):
        copied = a_copy(tmp_path / f"of-{many}", iter(()), frames(many))
        tracemalloc.start()
        found = sum(1 for _ in copied.documents(LEDGER))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found == many * 500
    assert peaks[1] < peaks[0] * 2, peaks


@pytest.fixture
def _little_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied_vault, "AT_ONCE", 500_000)


NAMES = st.integers(0, 12) | st.sampled_from(["a", "b", "last_destroyed"])
SAYS = st.integers(0, 99)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.dictionaries(NAMES, SAYS, max_size=12),
    happened=st.lists(st.lists(st.tuples(NAMES, st.none() | SAYS), max_size=5), max_size=8),
    at_once=st.sampled_from([1, 150, 10_000]),
)
def test_it_ends_in_what_the_vault_held_however_it_is_read(
    tmp_path_factory: pytest.TempPathFactory, before: dict, happened: list, at_once: int
) -> None:
    held = dict(before)
    frames = []
    for batch in happened:
        frames.append([put(name, says) if says is not None else {"in": LEDGER, "id": name} for name, says in batch])
        for name, says in batch:
            held[name] = says
    path = tmp_path_factory.mktemp("copy") / "copy-1"
    copied = a_copy(path, ({"_id": name, "says": says} for name, says in before.items()), iter(frames))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copied_vault, "AT_ONCE", at_once)
        found = [(each["_id"], each["says"]) for each in copied.documents(LEDGER)]
    assert len(found) == len(dict(found))
    assert dict(found) == {name: says for name, says in held.items() if says is not None}
