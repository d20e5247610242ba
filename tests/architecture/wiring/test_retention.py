"""No rule of retention is a mere sentence: each names who deletes, who is led to code that runs and reaches the place.

What nobody executes yet is listed, and printed as done nowhere.
"""

import asyncio
import inspect
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final
from unittest.mock import AsyncMock, MagicMock

import pytest
import yaml

from agent_desk.domain.sign_in.sessions import LONGEST
from agent_desk.domain.sign_in.try_limits import REMEMBERED_FOR
from gdpr_worker.entry.ended_round import PAUSE, EndedRound
from gdpr_worker.entry.erasure_rounds import ErasureWork
from gdpr_worker.entry.nightly_rotation import NightlyRotation
from gdpr_worker.entry.trim_rounds import keep_trimming
from gdpr_worker.handlers.destroy_search_keys import FormerSearchKeys
from gdpr_worker.handlers.remove_evidence import FormerEvidence
from gdpr_worker.handlers.remove_leavers import Leavers
from gdpr_worker.handlers.remove_orphans import NAMING, PLACE, OrphanedFiles
from gdpr_worker.handlers.remove_spam import ConfirmedSpam
from gdpr_worker.handlers.remove_with_case import remove_with_case
from gdpr_worker.settings import GdprWorkerSettings
from guichet.contracts.duties import TOPIC_DUTIES
from guichet.contracts.topics import CASE_EVENTS, KEPT_DECIDED, TOPICS
from guichet.data_subject.erase import Removal
from guichet.data_subject.evidence import GRACE
from guichet.kafka.consume.worker import Worker
from guichet.kafka.trim import trim, trim_dead_letters
from guichet.law.clocks.delay import Unit
from guichet.mongo.ended import MongoEnded
from guichet.privacy.data_map.entry import Bond, DataMapEntry, Erasure
from guichet.privacy.data_map.register import render_register
from guichet.privacy.data_map.retention import Executor, Expires, ForGood, KeptFor, Owner, Rule, WithIts, days
from guichet.privacy.data_map.retention_page import render_retention
from guichet.runtime.rounds import in_rounds
from guichet.runtime.settings import BackupSettings
from guichet.store import unseen_mail
from guichet.store.agents import sign_in_tries
from guichet.store.agents.leaver_retention import KEPT_AFTER_LEAVING
from guichet.store.agents.leavers import MongoLeftBehind
from guichet.store.agents.staff import MongoStaff
from guichet.store.audit import trail as audit
from guichet.store.letters import MongoLetters
from guichet.store.messages.suspended import SPAM_KEPT_FOR
from guichet.store.objects import ORPHANS_KEPT
from guichet.store.saved_answers import MongoSavedAnswers
from guichet.store.sending_journal import NoJournal, SqliteJournal
from guichet.store.setup.schema import ENDING, whole_data_map
from guichet.store.unseen_mail import MongoUnseenMails
from guichet.town.town_file import TownFile
from guichet.vault import backup as vault_backup
from guichet.vault.rotation.documents import RotationKeys
from guichet.vault.rotation.rotate import VaultRotation
from guichet_cli.backup.nightly import remove_old
from guichet_cli.dead_letters.actions import DeadLetterActions
from guichet_local.processes.supervisor_config import PROGRAM
from notifier.handlers.end_links import end_links
from notifier.handlers.limit_receipts import REMEMBERED_FOR as COUNTS_REMEMBERED_FOR
from search_indexer.handlers.follow_rotation import RotationFollower
from tests.architecture.wiring.composed import PROVIDERS, ROOT, TOWN, built_workers

RULES: Final = [(entry, rule) for entry in whole_data_map() for rule in entry.retention]
DELETES: Final[dict[Executor, Callable[..., Any] | str]] = {
    Executor.TRIMMING: trim,
    Executor.DEAD_LETTER_TRIMMING: trim_dead_letters,
    Executor.ROUND: MongoEnded.remove,
    Executor.ORPHANS: OrphanedFiles.remove,
    Executor.SPAM: ConfirmedSpam.remove,
    Executor.EVIDENCE: FormerEvidence.remove,
    Executor.LEAVERS: MongoLeftBehind.remove,
    Executor.SEEN: MongoUnseenMails.forget,
    Executor.FILED: MongoLetters.finish,
    Executor.CASE_DESTROYED: remove_with_case,
    Executor.TTL_INDEX: "expireAfterSeconds",
    Executor.ENDED_LINKS: end_links,
    Executor.JOURNAL: SqliteJournal.forget_old,
    Executor.SEARCH_FILES: RotationFollower.look,
    Executor.SEARCH_KEYS: FormerSearchKeys.destroy,
    Executor.BACKUP: remove_old,
    Executor.ROTATION: RotationKeys.remove_wrapping,
    Executor.OPERATOR: DeadLetterActions.drop,
    Executor.ADMINISTRATOR: MongoStaff.remove,
    Executor.SAVED_ANSWERS: MongoSavedAnswers.remove,
    Executor.ERASURE: Removal.delete,
    Executor.LOG_ROTATION: PROGRAM,
}
BOND: Final = {
    Owner.CASE: {Bond.CASE},
    Owner.MESSAGE: {Bond.KEY, Bond.MESSAGE},  # its files are found by the message, and are noise with its key
    Owner.CITIZEN: {Bond.CITIZEN},
    Owner.SEALED: {Bond.KEY},
}


def ruled_by(executor: Executor) -> list[tuple[DataMapEntry, Any]]:
    return [(entry, rule) for entry, rule in RULES if rule.by is executor]


def only(entry_name: str, kind: type[Rule]) -> Any:
    [rule] = [rule for entry, rule in RULES if entry.name == entry_name and isinstance(rule, kind)]
    return rule


def test_every_place_has_a_rule_and_every_executor_is_code() -> None:
    assert not [entry.name for entry in whole_data_map() if not entry.retention]
    assert set(DELETES) == set(Executor) - {Executor.NOBODY_YET}
    assert {rule.by for _, rule in RULES} == {*Executor, None}, "an executor of nothing"


def test_only_what_is_kept_for_good_needs_nobody() -> None:
    assert all((rule.by is None) == isinstance(rule, ForGood) for _, rule in RULES)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Worker]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PROVIDERS.items():
            patch.setenv(name, value)
        yield built_workers(tmp_path_factory.mktemp("root"))


def rounds_of(worker: Worker) -> list[object]:
    works = [step.args[0] for step in worker._background if getattr(step, "func", None) is in_rounds]
    return [getattr(work, "__self__", work) for work in works]


def test_who_deletes_by_itself_runs_in_its_worker(workers: dict[str, Worker]) -> None:
    """TRIMMING, ROUND, ORPHANS, SPAM, LEAVERS, ROTATION, ERASURE, SEARCH_KEYS, SEARCH_FILES and ENDED_LINKS."""
    steps = [
        step.func if isinstance(step, partial) else getattr(step, "__self__", None)
        for step in workers["gdpr-worker"]._background
    ]
    assert keep_trimming in steps
    rounds = {step.executor: step for step in steps if isinstance(step, EndedRound)}
    assert isinstance(rounds[Executor.ORPHANS].ended, OrphanedFiles)
    assert isinstance(rounds[Executor.SPAM].ended, ConfirmedSpam)
    assert isinstance(rounds[Executor.EVIDENCE].ended, FormerEvidence)
    assert isinstance(rounds[Executor.LEAVERS].ended, Leavers)
    ended_round = rounds[Executor.ROUND]
    assert isinstance(ended_round.ended, MongoEnded)
    assert tuple(ended_round.ended._ends) == ENDING
    assert ended_round.ended._between.args == (PAUSE,), "so many a second"
    assert [step for step in steps if isinstance(step, NightlyRotation)]
    assert [step for step in steps if isinstance(step, ErasureWork)]
    assert [step for step in rounds_of(workers["gdpr-worker"]) if isinstance(step, FormerSearchKeys)]
    assert [step for step in rounds_of(workers["search-indexer"]) if isinstance(step, RotationFollower)]
    rounds = [step.args[0] for step in workers["notifier"]._background if getattr(step, "func", None) is in_rounds]
    assert [step for step in rounds if getattr(step, "func", None) is end_links]
    assert [step for step in rounds if isinstance(getattr(step, "__self__", None), NoJournal)], "JOURNAL, where it is"


def test_what_is_trimmed_is_every_topic_for_as_long_as_the_registry_says() -> None:
    may_trim = {name for duty in TOPIC_DUTIES if duty.act == "trim" for name in duty.topics}
    trimmed = {entry.name: rule.period.length for entry, rule in ruled_by(Executor.TRIMMING)}
    assert trimmed == {topic.name: topic.retention for topic in TOPICS}
    letters = {entry.name: rule.period.length for entry, rule in ruled_by(Executor.DEAD_LETTER_TRIMMING)}
    assert letters == {topic.dead_letters: KEPT_DECIDED for topic in TOPICS}
    assert may_trim == {*trimmed, *letters}


def test_what_expires_is_what_the_round_removes() -> None:
    assert all(isinstance(rule, Expires) and entry.place == "collection" for entry, rule in ruled_by(Executor.ROUND))
    declared = {entry.name: rule for entry, rule in ruled_by(Executor.ROUND)}
    assert {name: rule.date_field for name, rule in declared.items()} == {
        each.collection: each.field for each in ENDING
    }
    kept_past_the_date = {each.collection: each.kept for each in ENDING if each.kept}
    assert {name: declared[name].period.length for name in kept_past_the_date} == kept_past_the_date


def test_a_file_that_nothing_names_is_kept_as_long_as_the_round_waits() -> None:
    """Whatever names files is asked: services/gdpr-worker/tests/handlers/test_remove_orphans.py, test_files_on_topics.py."""
    [(entry, rule)] = ruled_by(Executor.ORPHANS)
    assert (entry.name, rule.period.length) == (PLACE, ORPHANS_KEPT)
    assert {each.name: each.files for each in whole_data_map() if each.files} == NAMING


def test_confirmed_spam_is_kept_as_long_as_the_round_waits() -> None:
    """That all of it goes: services/gdpr-worker/tests/handlers/test_remove_spam.py."""
    [(entry, rule)] = ruled_by(Executor.SPAM)
    assert (entry.name, rule.period.length) == ("messages", SPAM_KEPT_FOR)


def test_what_is_left_of_who_left_is_kept_as_long_as_the_round_waits() -> None:
    """That all of it goes: services/gdpr-worker/tests/handlers/test_remove_leavers.py."""
    kept = {entry.name: set[timedelta]() for entry, _ in ruled_by(Executor.LEAVERS)}
    for entry, rule in ruled_by(Executor.LEAVERS):
        kept[entry.name].add(rule.period.length)
    ruled = {"agents", "preferences", "saved_answers", "saved_views"}
    assert kept == {name: {KEPT_AFTER_LEAVING} for name in ruled}


def test_a_threat_is_evidence_as_long_as_a_town_that_says_nothing_keeps_it() -> None:
    """That it goes then: services/gdpr-worker/tests/handlers/test_remove_evidence.py."""
    [(entry, rule)] = ruled_by(Executor.EVIDENCE)
    default = TownFile.model_fields["threats_kept"].default
    assert (entry.name, rule.period.number, rule.period.unit) == ("cases", default.count, "month")
    assert default.unit is Unit.MONTHS
    assert f"{GRACE.days} days after" in rule.since.english


def test_what_nobody_has_seen_is_forgotten_once_the_desk_has_shown_it() -> None:
    """That the desk does: services/agent-desk/tests/suspended/test_reading_suspended.py."""
    [(entry, _)] = ruled_by(Executor.SEEN)
    assert entry.name == unseen_mail.COLLECTION


def test_the_audit_trail_is_swept_by_the_server_after_just_its_time() -> None:
    """No role may remove an entry: shared/tests/store/setup/test_roles.py. That it goes: shared/tests/store/test_audit.py."""
    [(entry, rule)] = ruled_by(Executor.TTL_INDEX)
    assert entry.name == audit.COLLECTION
    [sweep] = [index.document for index in audit.INDEXES[entry.name] if DELETES[Executor.TTL_INDEX] in index.document]
    assert list(sweep["key"]) == ["at"]
    assert timedelta(seconds=sweep["expireAfterSeconds"]) == rule.period.length == audit.KEPT


def test_dates_that_others_write_are_no_later_than_declared() -> None:
    assert only("sessions", Expires).at_most.length >= LONGEST
    assert only("sign_in_tries", Expires).at_most.length == sign_in_tries.LONGEST
    assert only("sign_in_places", Expires).period.length == REMEMBERED_FOR
    assert only("receipt_counts", Expires).period.length == COUNTS_REMEMBERED_FOR
    assert only("follow_views", KeptFor).period.length == TownFile.model_fields["follow_links_last"].default
    assert only("backups", KeptFor).period.length == GdprWorkerSettings.model_fields["backups_kept_for"].default


WITH_THEIR_OWNERS: Final = [*ruled_by(Executor.ERASURE), *ruled_by(Executor.CASE_DESTROYED)]


@pytest.mark.parametrize(("entry", "rule"), WITH_THEIR_OWNERS, ids=lambda each: getattr(each, "name", ""))
def test_what_goes_with_its_owner_is_found_from_it_and_deleted(entry: DataMapEntry, rule: WithIts) -> None:
    assert entry.on_erasure in (Erasure.DELETED, Erasure.KEY_DESTROYED)
    assert BOND[rule.owner] & {belonging.bond for belonging in entry.belongs}
    if rule.owner is Owner.MESSAGE:
        [messages] = [each for each in whole_data_map() if each.name == "messages"]
        assert messages.files, "an erasure finds no file"


def test_what_lives_with_its_case_goes_by_the_event_that_says_so(workers: dict[str, Worker]) -> None:
    """That each place is emptied: services/gdpr-worker/tests/handlers/test_remove_with_case.py."""
    assert all(rule.owner is Owner.CASE for _, rule in ruled_by(Executor.CASE_DESTROYED))
    assert not [entry.name for entry, rule in ruled_by(Executor.ERASURE) if rule.owner is Owner.CASE]
    [reading] = [read for read in workers["gdpr-worker"]._reads if CASE_EVENTS in read.topics]
    assert (reading.topics, reading.group) == ((CASE_EVENTS,), "gdpr-worker"), "alone: it holds up no request"
    remove = inspect.getclosurevars(reading.handle).nonlocals["remove"]
    assert remove.func is remove_with_case
    assert isinstance(remove.keywords["removal"], Removal)


def test_a_rotation_removes_the_keys_that_it_is_said_to_remove() -> None:
    database: dict[str, Any] = {name: MagicMock(delete_many=AsyncMock()) for name in _vault_collections()}
    asyncio.run(RotationKeys(database).remove_wrapping(2, ["old"]))  # type: ignore[arg-type]
    emptied = {name for name, collection in database.items() if collection.delete_many.called}
    assert emptied | {"backups"} == {entry.name for entry, _ in ruled_by(Executor.ROTATION)}


def test_a_rotation_replaces_the_vaults_own_backups(workers: dict[str, Worker]) -> None:
    assert vault_backup.KEPT == 2, "the map says: two newer ones"
    steps = [getattr(step, "__self__", None) for step in workers["gdpr-worker"]._background]
    [nightly] = [step for step in steps if isinstance(step, NightlyRotation)]
    assert isinstance(nightly.rotation, VaultRotation)
    assert isinstance(getattr(nightly.rotation._back_up, "__self__", None), vault_backup.VaultBackups)


def _vault_collections() -> list[str]:
    return [entry.name for entry in whole_data_map() if entry.place == "vault-collection"]


def test_the_follow_page_is_what_the_notifier_empties_and_the_aside_object_what_an_operator_decides_on() -> None:
    assert [entry.name for entry, _ in ruled_by(Executor.ENDED_LINKS)] == ["follow_views"]
    assert [entry.name for entry, _ in ruled_by(Executor.OPERATOR)] == ["objects"]


def test_an_administrator_gives_back_what_was_changed_of_the_staff() -> None:
    assert [entry.name for entry, _ in ruled_by(Executor.ADMINISTRATOR)] == ["staff"]


def test_an_agent_throws_away_saved_answers_and_views() -> None:
    assert [entry.name for entry, _ in ruled_by(Executor.SAVED_ANSWERS)] == ["saved_answers", "saved_views"]


def test_the_local_stack_rotates_logs() -> None:
    assert [entry.name for entry, _ in ruled_by(Executor.LOG_ROTATION)] == ["logs"]
    assert re.search(r"stdout_logfile_maxbytes=[1-9]", PROGRAM)
    assert re.search(r"stdout_logfile_backups=[1-9]", PROGRAM)


def test_backups_are_kept_as_long_as_certificates_say() -> None:
    [(entry, rule)] = ruled_by(Executor.BACKUP)
    kept_for = BackupSettings.model_fields["backups_kept_for"].default
    assert kept_for == GdprWorkerSettings.model_fields["backups_kept_for"].default
    assert (entry.name, rule.period) == ("backups", days(kept_for.days))


def test_what_nobody_executes_is_listed_and_printed_as_done_nowhere() -> None:
    entries = whole_data_map()
    listed, done = render_retention(entries).split("## What is executed")
    register = render_register(entries)
    nobodys = ruled_by(Executor.NOBODY_YET)
    assert nobodys
    for entry, rule in nobodys:
        [row] = [
            line for line in listed.splitlines() if line.endswith(f"| {rule.phrase.english} | {rule.phrase.french} |")
        ]
        assert f"`{entry.name}`" in row
        assert rule.phrase.english not in done
        assert rule.phrase.french not in done
        for said in (f"{rule.phrase.english} · **not done yet**", f"{rule.phrase.french} · **pas encore appliqué**"):
            assert said in register or not entry.fields


def test_a_citizen_is_promised_no_delay_that_nobody_keeps() -> None:
    """The example town's notice, which towns copy: each duration is the French of a rule that is executed."""
    notice = yaml.safe_load((TOWN / "privacy.yaml").read_text())
    words = " ".join(paragraph for section in notice["sections"] for paragraph in section["paragraphs"])
    promised = set(re.findall(r"\b\d+ (?:heures?|jours?|semaines?|mois|ans?|années?)\b", words))
    kept = {
        rule.period.phrase.french
        for _, rule in RULES
        if rule.is_executed and isinstance(rule, KeptFor | Expires) and rule.period
    }
    assert promised
    assert promised <= kept


@pytest.mark.parametrize("page", ["docs/privacy.md", "services/gdpr-worker/README.md"])
def test_a_page_names_only_delays_of_the_map_and_says_of_which_nobody_keeps_them(page: str) -> None:
    paragraphs = (ROOT / page).read_text().split("\n\n")
    periods = [(rule, rule.period) for _, rule in RULES if isinstance(rule, KeptFor | Expires) and rule.period]
    kept = {period.phrase.english for rule, period in periods if rule.is_executed}
    not_kept = {period.phrase.english for rule, period in periods} - kept
    for paragraph in paragraphs:
        named = set(re.findall(r"\b\d+ (?:days|months)\b", paragraph))
        assert named <= kept | not_kept, paragraph
        assert not named & not_kept or re.search(r"(nothing|nobody) deletes", paragraph), paragraph


def test_the_example_town_ends_its_links_when_its_notice_says() -> None:
    town = yaml.safe_load((TOWN / "town.yaml").read_text())
    assert town["follow_links_last"] == "90 days"
    assert only("follow_views", KeptFor).period == days(90)


def test_only_an_erasure_destroys_a_case_today_and_the_notice_promises_no_other() -> None:
    assert {entry.name for entry, _ in ruled_by(Executor.NOBODY_YET)} >= {"cases", "citizens"}
    text = (TOWN / "privacy.yaml").read_text()
    assert "Rien n'en est détruit automatiquement" in " ".join(text.split())
