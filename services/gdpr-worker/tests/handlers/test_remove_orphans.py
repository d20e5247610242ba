"""A file that nothing names goes a month after it came; whatever may still be asked for stays."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from gdpr_worker.handlers import remove_orphans
from gdpr_worker.handlers.remove_orphans import AT_ONCE, FEW, ON_ITS_WAY, PAUSE, OrphanedFiles, claim_files
from guichet.errors import PermanentError, TransientError, UnopenableError
from guichet.ids import derive_id
from guichet.kafka.admin import client
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.store.objects import CLAIM, ORPHANS_KEPT
from guichet_testing.builders.tampered import is_alarmed
from guichet_testing.twins.store.documents import InMemoryDocumentFinder
from guichet_testing.twins.store.objects import InMemoryObjects

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
OLD: Final = NOW - ORPHANS_KEPT - timedelta(minutes=1)
YOUNG: Final = NOW - ORPHANS_KEPT + timedelta(minutes=1)


def file(name: str) -> str:
    return derive_id("test-file", name)


def kept() -> bool:
    return is_alarmed("objects", Alarm.ORPHANS_KEPT)


class Town:
    """A town of two filed messages, with three files; meanwhile: what happens while the round waits."""

    def __init__(self) -> None:
        self.objects, self.documents = InMemoryObjects(), InMemoryDocumentFinder()
        self.on_topics, self.unreadable, self.restoring = set[str](), False, False
        self.anothers = False
        self.slept: list[timedelta] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        copies = [{"key_id": "k", "files": [file("filed-copy")]}]
        self.file_message("m1", "filed-1", copies=copies)
        self.file_message("m2", "filed-2")

    def file_message(self, message: str, name: str, **more: object) -> None:
        attachments = [{"attachment_id": file(name)}]
        self.documents.add("messages", {"_id": message, "attachments": attachments, **more})

    async def put(self, *names: str, at: datetime = OLD) -> None:
        for name in names:
            await self.objects.put(name, b"sealed")
            self.objects.put_at[name] = at

    async def live(self) -> None:
        await self.put(CLAIM, *map(file, ("filed-1", "filed-2", "filed-copy")))

    async def file_many(self, count: int) -> None:
        filed = [file(f"filed-{number}") for number in range(count)]
        await self.put(*filed)
        self.documents.add("messages", {"_id": "many", "attachments": [{"attachment_id": each} for each in filed]})

    async def round(self) -> dict[str, int]:
        return await OrphanedFiles(
            objects=self.objects,
            documents=self.documents,
            on_topics=self._on_topics,
            claim=self._claim,
            check_whole=self._check,
            sleep=self._sleep,
        ).remove(NOW)

    async def _on_topics(self, files: Collection[str]) -> set[str]:
        if self.unreadable:
            raise UnopenableError("a dead letter cannot be read")
        return self.on_topics & set(files)

    async def _claim(self) -> None:
        await self.objects.put(CLAIM, b"another" if self.anothers else b"sealed")

    async def _check(self) -> None:
        if self.restoring:
            raise TransientError("data is being restored")

    async def _sleep(self, pause: timedelta) -> None:
        self.slept.append(pause)
        if pause == ON_ITS_WAY and self.meanwhile is not None:
            await self.meanwhile()


@pytest.fixture
async def town() -> Town:
    clear_alarm(Alarm.ORPHANS_KEPT, "objects")
    town = Town()
    await town.live()
    return town


async def test_an_old_file_that_nothing_names_goes_and_nothing_else(town: Town) -> None:
    await town.put(file("orphan"), "of-an-operator")
    await town.put(file("young"), at=YOUNG)
    before = set(town.objects.objects)
    assert await town.round() == {"objects": 1}
    assert set(town.objects.objects) == before - {file("orphan")}
    assert await town.round() == {"objects": 0}


async def test_what_lies_on_a_topic_or_in_a_dead_letter_keeps_its_files(town: Town) -> None:
    await town.put(file("waits"), file("orphan"))
    town.on_topics = {file("waits")}
    assert await town.round() == {"objects": 1}
    assert file("waits") in town.objects.objects


async def test_a_message_that_is_being_accepted_keeps_its_files_also_where_a_clock_is_a_month_ahead(town: Town) -> None:
    async def published() -> None:
        town.on_topics.add(file("just-put"))

    await town.put(file("just-put"))
    town.meanwhile = published
    assert await town.round() == {"objects": 0}
    assert file("just-put") in town.objects.objects


async def test_what_is_filed_while_the_round_looks_keeps_its_files(town: Town) -> None:
    """It had left its topic when topics were read: documents are looked at last."""

    async def filed() -> None:
        town.file_message("late", "late")

    await town.put(file("late"))
    town.meanwhile = filed
    assert await town.round() == {"objects": 0}
    assert file("late") in town.objects.objects


async def test_a_file_of_an_answer_stays_as_long_as_its_draft_names_it(town: Town) -> None:
    """Who dies between putting one and naming it leaves one that goes; its draft keeps the others."""
    kept = {"files": [{"file_id": file("attached")}], "leaving": None}
    leaves = {"files": [], "leaving": {"files": [{"file_id": file("leaves")}]}}
    town.documents.add("drafts", {"_id": "d1", **kept}, {"_id": "d2", **leaves})
    await town.put(*map(file, ("attached", "leaves", "never-named")))
    assert await town.round() == {"objects": 1}
    assert {file("attached"), file("leaves")} <= set(town.objects.objects)
    assert file("never-named") not in town.objects.objects


async def test_an_answer_that_is_taken_back_while_the_round_looks_keeps_its_file(town: Town) -> None:
    """That one look sees a name that moves is the finder's suite's."""
    drafted, leaving = [{"file_id": file("moves")}], {"files": [{"file_id": file("moves")}]}

    async def taken_back() -> None:
        town.documents.add("drafts", {"_id": "d", "files": drafted, "leaving": None})

    town.documents.add("drafts", {"_id": "d", "files": [], "leaving": leaving})
    town.meanwhile = taken_back
    await town.put(file("moves"), file("orphan"))
    assert await town.round() == {"objects": 1}
    assert file("moves") in town.objects.objects


async def test_while_nobody_knows_what_a_dead_letter_names_every_file_stays(town: Town) -> None:
    await town.put(file("orphan"))
    town.unreadable = True
    assert await town.round() == {}
    assert file("orphan") in town.objects.objects
    assert kept()
    town.unreadable = False
    await town.round()
    assert not kept(), "what a person has mended is an alarm no more"


async def test_a_store_that_has_lost_its_messages_loses_no_file(town: Town) -> None:
    town.documents.documents["messages"].clear()
    await town.put(*(file(f"lost-{number}") for number in range(FEW)))
    before = set(town.objects.objects)
    assert await town.round() == {}
    assert set(town.objects.objects) == before
    assert kept()


async def test_of_a_young_town_a_few_go(town: Town) -> None:
    for name in ("filed-2", "filed-copy"):
        await town.objects.delete(file(name))
    await town.put(*map(file, ("orphan-1", "orphan-2", "orphan-3")))
    assert await town.round() == {"objects": 3}
    assert not kept()


@pytest.mark.parametrize(("more", "removed"), [(0, {"objects": FEW + 1}), (1, {})], ids=["one percent", "more"])
async def test_more_than_a_few_go_only_where_a_hundred_times_as_many_are_named(
    town: Town, more: int, removed: dict[str, int]
) -> None:
    await town.file_many(100 * (FEW + 1) - 1)
    await town.put(*(file(f"orphan-{number}") for number in range(FEW + 1 + more)))
    assert await town.round() == removed
    assert kept() == (not removed)


async def test_while_data_is_being_restored_every_file_stays(town: Town) -> None:
    await town.put(file("orphan"))
    town.restoring = True
    with pytest.raises(TransientError):
        await town.round()
    assert file("orphan") in town.objects.objects


async def test_where_no_file_is_without_a_document_no_topic_is_read(town: Town) -> None:
    town.unreadable = True
    assert (await town.round(), town.slept) == ({"objects": 0}, [])


async def test_a_store_that_is_anothers_loses_no_file(town: Town) -> None:
    """A copy of the town, set up to try a restore, was given the town's own address of files."""
    await town.put(file("of-the-town"))
    town.anothers = True
    assert await town.round() == {}
    assert file("of-the-town") in town.objects.objects


async def test_a_store_loses_nothing_before_its_claim_is_as_old_as_an_orphan(town: Town) -> None:
    """It is another installation's, or came back from an older backup: what was filed since has no document."""
    await town.objects.delete(CLAIM)
    await town.put(file("filed-since"))
    await town.round()
    assert CLAIM in town.objects.objects, "claimed at once, before anything is nobody's"
    town.objects.put_at[CLAIM] = YOUNG
    assert await town.round() == {"objects": 0}
    assert file("filed-since") in town.objects.objects
    assert not kept()
    town.objects.put_at[CLAIM] = OLD
    assert await town.round() == {"objects": 1}


@pytest.mark.parametrize("nothing", ["", None])
async def test_a_cluster_without_an_id_claims_nothing(nothing: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broker:
        async def describe_cluster(self) -> dict[str, str | None]:
            return {"cluster_id": nothing}

    @asynccontextmanager
    async def administration(_kafka: KafkaSettings) -> AsyncIterator[Broker]:
        yield Broker()

    monkeypatch.setattr(client, "administration", administration)
    objects = InMemoryObjects()
    with pytest.raises(PermanentError, match="has no id"):
        await claim_files(objects, KafkaSettings())
    assert not objects.objects


async def test_many_go_a_thousand_a_second_and_killed_in_between_the_next_round_ends_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remove_orphans, "FEW", 3 * AT_ONCE)
    orphans = [file(f"orphan-{number}") for number in range(2 * AT_ONCE + 1)]
    filed = [file(f"filed-{number}") for number in range(2 * AT_ONCE + 1)]
    await town.put(*orphans)
    await town.file_many(len(filed))
    delete, left = town.objects.delete, [AT_ONCE + 10]

    async def dies(key: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise TransientError("away")
        await delete(key)

    town.objects.delete = dies  # type: ignore[method-assign]
    with pytest.raises(TransientError):
        await town.round()
    assert not set(orphans).isdisjoint(town.objects.objects)
    left[0] = len(orphans)
    town.slept.clear()
    assert await town.round() == {"objects": AT_ONCE - 9}
    assert set(orphans).isdisjoint(town.objects.objects)
    assert set(filed) <= set(town.objects.objects)
    looked = (len(filed) + AT_ONCE - 9 + 3) // AT_ONCE
    assert town.slept == [PAUSE] * looked + [ON_ITS_WAY]
