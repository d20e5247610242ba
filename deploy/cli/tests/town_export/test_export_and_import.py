"""A town leaves, and arrives elsewhere: export, import, export again. On a real mongod, by the commands themselves."""

import asyncio
import base64
import email
import email.policy
import io
import json
import os
import random
import re
import secrets
import tarfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pyrage
import pytest
from typer.testing import CliRunner, Result

from guichet.clock import SystemClock
from guichet.contracts.base import Sealed
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Attachment
from guichet.contracts.inbound_content import InboundContent, MailThread
from guichet.data_subject.assemble import open_finder, open_removal
from guichet.ids import AgentId, CaseId, EventId, MessageId
from guichet.mongo.client import Database, connect, connect_vault
from guichet.privacy.follow_link import new_follow_link
from guichet.privacy.pseudonyms import erased_citizen_tag
from guichet.runtime.settings import MongoSettings, OpeningSettings
from guichet.store.audit.trail import MongoAuditTrail
from guichet.store.cases.fields import LINK
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import MongoDeliveries
from guichet.store.follow_views.document import FollowPage, GenericState, open_view, seal_view
from guichet.store.follow_views.store import MongoFollowViews
from guichet.store.messages.document import (
    INBOUND_CONTENT,
    OUTBOUND_CONTENT,
    Direction,
    MessageDocument,
    OutboundContent,
)
from guichet.store.messages.store import MongoMessageStore
from guichet.store.objects import ObstoreObjects, attachment
from guichet.store.setup.arrival import Arrival
from guichet.vault.erasure_ledger.entry import ErasureEntry, ErasureStep
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.mongo_vault import MongoVault, open_vault
from guichet_cli.__main__ import app
from guichet_cli.town_export.kinds import KINDS
from guichet_cli.town_export.under_way import OnTheBroker
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.shared_phone import AMINA, EMAIL, REGISTRY_KEY, ROADS, SECTOR_KEY, SharedPhone
from guichet_testing.builders.signers import a_seed, public_keys_folder
from guichet_testing.sealing import seal_attachment

pytestmark = pytest.mark.real

KEY = pyrage.x25519.Identity.generate()
ANOTHER = pyrage.x25519.Identity.generate()
LEAVING = Path(__file__).parents[4] / "docs" / "leaving.md"
LEDGER_KEY = b"l" * 32
FILE = "0123456789abcdef0123456789abcdef"
PENDING = MessageId("receipt-of-bruno-roads")


@dataclass
class Behind:
    """What lies behind an installation, within one loop."""

    database: Database
    vault_database: Database
    vault: MongoVault
    objects: ObstoreObjects


class Installation:
    """One Guichet: its databases, its files, and the commands on it."""

    def __init__(self, mongo: Any, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self.folder, self.name, self._mongo, self._monkeypatch = folder, name, mongo, monkeypatch
        self.is_prepared = False
        self.variables = {
            "GUICHET_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "GUICHET_MONGODB_URI": mongo.uri,
            "GUICHET_MONGODB_DATABASE": name,
            "GUICHET_VAULT_DATABASE": f"{name}_vault",
            "GUICHET_ROOT_KEY_FILE": str(folder / "root.key"),
            "GUICHET_OBJECTS_URL": (folder / "objects").as_uri(),
            "GUICHET_REGISTRY_KEY": base64.b64encode(REGISTRY_KEY).decode(),
            "GUICHET_SECTOR_KEY": base64.b64encode(SECTOR_KEY).decode(),
            "GUICHET_THREAD_KEY": base64.b64encode(REGISTRY_KEY).decode(),
            "GUICHET_SIGNING_KEY": base64.b64encode(a_seed("guichet-cli")).decode(),
            "GUICHET_TOWN": str(EXAMPLE_TOWN),
            **public_keys_folder(folder / "public-keys"),
        }

    def prepare(self) -> None:
        """Make vault and store, once somebody asks for them."""
        if not self.is_prepared:
            self.is_prepared = True
            self.done("vault", "init")
            self.done("store", "prepare")

    def as_operator(self, uid: int, *arguments: str) -> Result:
        self.prepare()
        for name, value in self.variables.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.setattr(os, "getuid", lambda: uid)
        result = CliRunner().invoke(app, list(arguments))
        assert "Traceback" not in result.output
        return result

    def done(self, *arguments: str, uid: int = 1001) -> str:
        result = self.as_operator(uid, *arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def refused(self, *arguments: str, uid: int = 1001) -> str:
        result = self.as_operator(uid, *arguments)
        assert result.exit_code == 1, (result.output, result.exception)
        return " ".join(result.output.split())

    def behind(self, act: Callable[[Behind], Coroutine[Any, Any, Any]]) -> Any:
        self.prepare()

        async def run() -> Any:
            opening = OpeningSettings(
                mongodb_uri=self._mongo.uri,
                vault_database=f"{self.name}_vault",
                root_key_file=self.folder / "root.key",
            )
            database = connect(MongoSettings(mongodb_uri=self._mongo.uri, mongodb_database=self.name))
            vault = connect_vault(opening)
            objects = ObstoreObjects(self.variables["GUICHET_OBJECTS_URL"])
            try:
                return await act(Behind(database, vault, open_vault(opening, SystemClock().now), objects))
            finally:
                database.client.close()
                vault.client.close()

        return asyncio.run(run())

    def approved(self) -> Path:
        """Have one operator ask and another approve."""
        asked, approved = self.folder / "asked.json", self.folder / "approved.json"
        for file in (asked, approved):
            file.unlink(missing_ok=True)
        self.done("export-town", "ask", str(asked), "--person", "agent-11", "--key", str(KEY.to_public()))
        self.done("export-town", "approve", str(asked), str(approved), "--person", "agent-12", uid=1002)
        return approved

    def exported(self, name: str) -> Path:
        file = self.folder / name
        self.said = self.done("export-town", "write", str(self.approved()), str(file))
        return file


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The groups that have members; there is no broker here."""
    found: list[str] = []

    async def running_groups(_kafka: object, groups: Iterable[str]) -> list[str]:
        return sorted({*found} & {*groups})

    monkeypatch.setattr("guichet_cli.town_export.import_command.running_groups", running_groups, raising=False)
    return found


@pytest.fixture
def installations(
    mongo_server: Any, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Installation, Installation]:
    here = Installation(mongo_server, mongo_database, tmp_path / "here", monkeypatch)
    there = Installation(mongo_server, f"{mongo_database}_there", tmp_path / "there", monkeypatch)
    here.prepare()
    here.behind(a_town)
    return here, there


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    file = tmp_path / "key.txt"
    file.write_text(f"# created: today\n# public key: {KEY.to_public()}\n{KEY}\n")
    return file


async def a_town(behind: Behind) -> None:
    """Two people on one phone, and what else a town holds."""
    await SharedPhone(behind.database, behind.vault, behind.objects).insert()
    key, link = (await behind.vault.new_keys(1))[0], new_follow_link()
    case = CaseId("bruno-roads")
    sealed = LINK.seal(key, case, link).model_dump()
    await behind.database["cases"].update_one({"_id": case}, {"$set": {"link": sealed, "follow": link.lookup}})
    page = FollowPage(reference="2026-7F3K-29Q", received_at=ARRIVED, state=GenericState.RECEIVED)
    await MongoFollowViews(behind.database).put([seal_view(link, page, case_id=case, version=2)])
    content = InboundContent(
        sender=(EMAIL,),
        display_name="Amina « la voisine »",
        subject="Nid-de-poule, rue des Érables",
        text="Bonjour,\nil y a un trou.",
        thread=MailThread(message_id="one@courriel.example", to_addresses=("contact@mairie.example",)),
        attachment_names={FILE: "trou élargi.txt"},
    )
    await behind.objects.put(FILE, seal_attachment(key, "a-mail", FILE, b"a picture of it"))
    mail = MessageDocument(
        _id=MessageId("a-mail"),
        direction=Direction.INBOUND,
        channel="email",
        accounts=("contact@mairie.example",),
        at=ARRIVED,
        filed=case,
        sector=ROADS,
        attachments=(Attachment(attachment_id=FILE, content_type="text/plain", size_bytes=15),),
        content=INBOUND_CONTENT.seal(key, "a-mail", content),
    )
    reply = MessageDocument(
        _id=MessageId("a-reply"),
        direction=Direction.OUTBOUND,
        channel="email",
        accounts=("contact@mairie.example",),
        at=ARRIVED,
        filed=case,
        author=AgentId("agent-11"),
        purpose=Purpose.REPLY,
        content=OUTBOUND_CONTENT.seal(key, "a-reply", OutboundContent(subject="Re: Nid-de-poule", text="C’est fait.")),
    )
    await MongoMessageStore(behind.database).insert_causes([mail, reply])
    owed = DeliveryDocument(
        _id=PENDING,
        case_id=case,
        purpose=Purpose.AEE,
        channel="email",
        lane="mail",
        account="contact@mairie.example",
        answers=MessageId("a-mail"),
        requested_at=ARRIVED,
        due_at=ARRIVED,
        changed_at=ARRIVED,
    )
    sent = owed.model_copy(update={"outbound_id": MessageId("a-reply"), "state": DeliveryState.SENT})
    await MongoDeliveries(behind.database).insert_new(owed, sent)


def opened(file: Path) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(file.read_bytes(), [KEY]))) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def lines(members: dict[str, bytes], kind: str) -> list[dict[str, Any]]:
    parts = [content for name, content in sorted(members.items()) if name.startswith(f"{kind}/")]
    return [json.loads(line) for part in parts for line in part.splitlines()]


@pytest.fixture(scope="module")
def exported_once(mongo_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    name = f"test_{secrets.token_hex(6)}"
    with pytest.MonkeyPatch.context() as monkeypatch:
        here = Installation(mongo_server, name, tmp_path_factory.mktemp("left") / "here", monkeypatch)
        here.prepare()
        here.behind(a_town)
        yield opened(here.exported("town.tar.age"))
    mongo_server.drop_databases(name)


@pytest.fixture
def members(exported_once: dict[str, bytes]) -> dict[str, bytes]:
    """What one export holds, for those who only look."""
    return exported_once


class TestAWholeTown:
    def test_export_import_and_export_again_are_equal(
        self, installations: tuple[Installation, Installation], identity: Path
    ) -> None:
        here, there = installations
        first = here.exported("town.tar.age")
        told = there.done("import-town", str(first), "--identity", str(identity))
        assert "Nothing was sent" in told
        before, after = opened(first), opened(there.exported("again.tar.age"))
        returning = {name for name in before if not name.startswith(("manifest", "audit/", "end"))}
        assert {name: after.get(name) for name in returning} == {name: before[name] for name in returning}
        assert after.keys() - before.keys() <= {"audit/000001.jsonl"}

        assert there.behind(opens_like_at_home) == here.behind(opens_like_at_home)
        assert there.behind(may_be_sent) == []
        assert here.behind(may_be_sent) == [PENDING]

    def test_every_line_is_of_its_published_schema_and_every_kind_that_is_there_is_in_it(
        self, members: dict[str, bytes]
    ) -> None:
        for kind in KINDS:
            schema = json.loads(members[f"schema/{kind.name}.json"])
            for line in lines(members, kind.name):
                jsonschema.validate(line, schema)
        found = {name.partition("/")[0] for name in members}
        assert {"citizens", "identifiers", "cases", "journal", "messages-received", "messages-sent", "threads"} <= found
        assert {"deliveries", "commands", "follow-pages", "unseen-mail", "town", "files", "mails", "audit"} <= found
        counted = json.loads(members["end.json"])["counts"]
        assert counted["cases"] == 6
        assert counted["files"] == sum(name.startswith("files/") for name in members)

    def test_words_files_and_journal_are_in_clear(self, members: dict[str, bytes]) -> None:
        [case] = [each for each in lines(members, "cases") if each["case_id"] == "bruno-roads"]
        assert case["subject"] == "bruno-roads"
        [rerouted] = [each for each in lines(members, "journal") if each["case_id"] == "bruno-roads" and each["reason"]]
        assert rerouted["reason"] == "not ours"
        words = {each["message_id"]: each["content"]["text"] for each in lines(members, "messages-received")}
        assert words["bruno-roads"] == "The words of bruno-roads"
        assert members["files/amina-roads/file-amina-roads"] == b"her payslip"
        [draft] = [each for each in lines(members, "drafts") if each["case_id"] == "bruno-roads"]
        assert [each["name"] for each in draft["files"]] == ["the-plan.pdf"]
        assert members[f"draft-files/{draft['draft_id']}/drafted-bruno-roads"] == b"an agent's file"
        [amina] = [each for each in lines(members, "citizens") if each["citizen_id"] == AMINA]
        assert amina["record"]["given_name"] == AMINA
        [hers] = [each for each in lines(members, "cases") if each["case_id"] == "amina-roads"]
        assert hers["citizen"] in amina["sector_ids"][ROADS]
        assert members["town/town.yaml"] == (EXAMPLE_TOWN / "town.yaml").read_bytes()

    def test_a_mail_opens_in_any_mail_program(self, members: dict[str, bytes]) -> None:
        mail = email.message_from_bytes(members["mails/a-mail.eml"], policy=email.policy.default)
        assert mail["Subject"] == "Nid-de-poule, rue des Érables"
        assert mail["From"].addresses[0].addr_spec == EMAIL.value
        assert mail["From"].addresses[0].display_name == "Amina « la voisine »"
        assert mail["Message-ID"] == "<one@courriel.example>"
        assert mail.get_body().get_content().split("\r\n") == ["Bonjour,", "il y a un trou.", ""]
        [file] = mail.iter_attachments()
        assert (file.get_filename(), file.get_content().strip()) == ("trou élargi.txt", "a picture of it")
        reply = email.message_from_bytes(members["mails/a-reply.eml"], policy=email.policy.default)
        assert reply["To"].addresses[0].addr_spec == EMAIL.value

    def test_nothing_readable_lies_on_the_disk(self, installations: tuple[Installation, Installation]) -> None:
        here = installations[0]
        file = here.exported("town.tar.age")
        assert file.stat().st_mode & 0o777 == 0o600
        for each in (path for path in here.folder.rglob("*") if path.is_file()):
            assert b"The words of" not in each.read_bytes()
        assert not [*here.folder.glob("*.partial")]

    def test_who_is_erased_is_not_in_it(self, installations: tuple[Installation, Installation]) -> None:
        here = installations[0]
        here.behind(erase_amina)
        members = opened(here.exported("town.tar.age"))
        everything = b"".join(content for name, content in members.items() if not name.startswith("town/"))
        for hers in (b"amina@courriel.example", b"The words of amina", b"her payslip", b"il y a un trou"):
            assert hers not in everything
        assert b"The words of bruno-roads" in everything
        assert {each["case_id"] for each in lines(members, "destroyed-cases")} >= {"amina-roads", "amina-welfare"}


class TestWhatIsOnTheBroker:
    def test_dead_letters_and_records_that_are_not_in_the_file_are_counted_and_said(
        self, installations: tuple[Installation, Installation], identity: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here, there = installations

        async def two_and_three(_kafka: object) -> OnTheBroker:
            return OnTheBroker(dead_letters=2, records=3)

        monkeypatch.setattr("guichet_cli.town_export.export_command.on_the_broker", two_and_three)
        file = here.exported("town.tar.age")
        for said in (here.said, there.done("import-town", str(file), "--identity", str(identity))):
            assert "2 dead letter(s) wait for a decision and are not in the file" in said
            assert "3 record(s) on topics were not handled yet" in said
        assert "guichet dead-letters list" in here.said
        end = json.loads(opened(file)["end.json"])
        assert (end["dead_letters"], end["records"]) == (2, 3)

    def test_a_broker_that_does_not_answer_is_said_too(self, installations: tuple[Installation, Installation]) -> None:
        here = installations[0]
        here.exported("town.tar.age")
        assert "the broker did not answer" in here.said


class TestWhoMay:
    def test_two_operators_for_two_people_of_the_town_and_each_step_is_in_the_audit(
        self, installations: tuple[Installation, Installation]
    ) -> None:
        here, file = installations[0], installations[0].folder
        ask = ("export-town", "ask", str(file / "a.json"), "--key", str(KEY.to_public()))
        assert "no agent nobody" in here.refused(*ask, "--person", "nobody")
        here.done(*ask, "--person", "agent-11")
        approve = ("export-town", "approve", str(file / "a.json"), str(file / "b.json"))
        assert "another operator" in here.refused(*approve, "--person", "agent-12")
        assert "somebody else of the town" in here.refused(*approve, "--person", "agent-11", uid=1002)
        write = ("export-town", "write", str(file / "a.json"), str(file / "t.age"))
        assert "Nobody has approved" in here.refused(*write)
        assert not (file / "t.age").exists()
        here.exported("town.tar.age")
        trail = here.behind(lambda behind: MongoAuditTrail(behind.database).about("agent-11"))
        assert [(each.act, each.agent) for each in reversed(trail)] == [
            ("export-asked", "uid-1001"),
            ("export-asked", "uid-1001"),
            ("export-approved", "uid-1002"),
            ("exported", "uid-1001"),
        ]

    def test_what_was_changed_since_is_not_obeyed(
        self, installations: tuple[Installation, Installation], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = installations[0]
        approved = here.approved()
        whole = approved.read_text()
        approved.write_text(whole.replace(str(KEY.to_public()), str(ANOTHER.to_public())))
        assert "changed since" in here.refused("export-town", "write", str(approved), str(here.folder / "t.age"))
        approved.write_text(whole)
        later = datetime.now(UTC) + timedelta(days=8)
        monkeypatch.setattr("guichet_cli.town_export.export_command.operators_now", lambda: later)
        assert "older than 7 days" in here.refused("export-town", "write", str(approved), str(here.folder / "t.age"))

    def test_none_while_an_erasure_is_open(self, installations: tuple[Installation, Installation]) -> None:
        here = installations[0]
        here.behind(lambda behind: MongoErasureLedger(behind.vault_database).add(an_erasure(finished=False)))
        said = here.refused("export-town", "write", str(here.approved()), str(here.folder / "t.age"))
        assert "Erasure erasure-1 is not finished" in said
        assert not (here.folder / "t.age").exists()


class TestWhatIsNoExport:
    def test_each_gets_a_sentence_and_nothing_is_taken_in(
        self, installations: tuple[Installation, Installation], identity: Path, tmp_path: Path
    ) -> None:
        here, there = installations
        whole = here.exported("town.tar.age").read_bytes()
        bad = tmp_path / "bad.age"
        wrong = tmp_path / "wrong.txt"
        wrong.write_text(f"{ANOTHER}\n")

        def said(content: bytes, key: Path = identity) -> str:
            bad.write_bytes(content)
            return there.refused("import-town", str(bad), "--identity", str(key))

        assert "encrypted to another key" in said(whole, wrong)
        assert "no secret key" in said(whole, bad)
        assert "is no file of age" in said(b"PK\x03\x04 something else")
        assert "damaged or was cut short" in said(whole[:-20])
        assert "damaged or was cut short" in said(whole[:70_000])
        middle = len(whole) // 2
        assert "damaged" in said(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        assert "no export of a town" in said(sealed(b"no archive at all"))
        assert "manifest" in said(sealed(tar_of({"cases/000001.jsonl": b"{}"})))
        members = opened(here.folder / "town.tar.age")
        manifest = json.loads(members["manifest.json"])

        def with_manifest(**changed: Any) -> bytes:
            return sealed(tar_of({**members, "manifest.json": json.dumps({**manifest, **changed}).encode()}))

        assert "has format 2" in said(with_manifest(format=2))
        assert "another form (migration 7;" in said(with_manifest(migration=7))
        assert "GUICHET_THREAD_KEY is another" in said(with_manifest(keys={**manifest["keys"], "THREAD": "0"}))
        assert "no department cirque" in said(with_manifest(departments=["cirque"]))
        assert "line 1: case_id cannot be read" in said(sealed(tar_of({**members, "cases/000001.jsonl": b"{}\n"})))
        assert "is not whole" in said(sealed(tar_of({k: v for k, v in members.items() if k != "end.json"})))
        assert there.behind(lambda behind: behind.database["citizens"].find_one({})) is None

        cases = members["cases/000001.jsonl"]
        twice = Counter(json.loads(members["end.json"])["counts"]) + Counter(cases=cases.count(b"\n"))
        end = json.dumps({**json.loads(members["end.json"]), "counts": twice}).encode()
        doubled = sealed(tar_of({**members, "cases/000001.jsonl": cases * 2, "end.json": end}))
        assert "cases has" in said(doubled)

        assert "not empty: something is in citizens" in here.refused(
            "import-town", str(here.folder / "town.tar.age"), "--identity", str(identity)
        )

    def test_nothing_is_taken_in_while_a_service_runs(
        self,
        installations: tuple[Installation, Installation],
        identity: Path,
        running: list[str],
    ) -> None:
        here, there = installations
        file = here.exported("town.tar.age")
        running[:] = ["case-router", "gdpr-worker"]
        said = there.refused("import-town", str(file), "--identity", str(identity))
        assert "case-router run(s)" in said
        assert there.behind(lambda behind: behind.database["citizens"].find_one({})) is None
        running[:] = ["gdpr-worker"]  # which keeps the vault's second copy
        there.done("import-town", str(file), "--identity", str(identity))

    def test_a_key_that_is_none_and_a_file_that_exists(self, installations: tuple[Installation, Installation]) -> None:
        here = installations[0]
        ask = ("export-town", "ask", str(here.folder / "a.json"), "--person", "agent-11", "--key")
        assert "no key to encrypt to" in here.refused(*ask, "age1nonsense")
        assert "no key to encrypt to" in here.refused(*ask, "hello")
        there_already = here.folder / "t.age"
        there_already.write_text("mine")
        assert "exists already" in here.refused("export-town", "write", str(here.approved()), str(there_already))
        assert there_already.read_text() == "mine"


class Killed(BaseException):
    """What no code of ours catches, as a process that is gone."""


def killed_after(there: Installation, operations: int, *arguments: str) -> bool:
    """Run a command that is stopped in the middle of its nth write; return whether it came so far.

    Keys were made then, or half of the documents are in, or a file is.
    """
    left = iter(range(operations - 1, -operations * 10_000, -1))
    insert, put, new_keys = Arrival.insert, ObstoreObjects.put, MongoVault.new_keys

    def die_at_last() -> None:
        if next(left) == 0:
            raise Killed

    async def half_inserted(self: Arrival, name: str, documents: list[dict[str, Any]]) -> None:
        half = len(documents) // 2
        await insert(self, name, documents[:half])
        die_at_last()
        await insert(self, name, documents[half:])

    async def put_and_die(self: ObstoreObjects, key: str, content: bytes) -> None:
        await put(self, key, content)
        die_at_last()

    async def made(self: MongoVault, count: int) -> Any:
        keys = await new_keys(self, count)
        die_at_last()
        return keys

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Arrival, "insert", half_inserted)
        patch.setattr(ObstoreObjects, "put", put_and_die)
        patch.setattr(MongoVault, "new_keys", made)
        try:
            there.done(*arguments)
        except Killed:
            return True
    return False


class TestAnImportThatWasStopped:
    @pytest.mark.parametrize("seed", range(3))
    def test_goes_on_however_often_it_was_killed(
        self, installations: tuple[Installation, Installation], identity: Path, seed: int
    ) -> None:
        here, there = installations
        chance = random.Random(seed)
        first = here.exported("town.tar.age")
        command = ("import-town", str(first), "--identity", str(identity))
        there.prepare()
        kills = 0
        while killed_after(there, chance.randint(1, 3) + kills, *command):
            kills += 1
        assert kills > 3
        assert "was taken in already" in there.refused(*command)
        before, after = opened(first), opened(there.exported("again.tar.age"))
        returning = {name for name in before if not name.startswith(("manifest", "audit/", "end"))}
        assert {name: after.get(name) for name in returning} == {name: before[name] for name in returning}
        assert there.behind(opens_like_at_home) == here.behind(opens_like_at_home)

    def test_takes_nothing_for_its_own_that_changed_since(
        self, installations: tuple[Installation, Installation], identity: Path
    ) -> None:
        here, there = installations
        command = ("import-town", str(here.exported("town.tar.age")), "--identity", str(identity))
        there.prepare()
        assert killed_after(there, 6, *command)
        there.behind(lambda behind: behind.database["citizens"].update_one({}, {"$set": {"formerly": ["someone"]}}))
        assert "is not what this file holds" in there.refused(*command)

    def test_nor_brings_back_what_is_gone_since(
        self, installations: tuple[Installation, Installation], identity: Path
    ) -> None:
        here, there = installations
        command = ("import-town", str(here.exported("town.tar.age")), "--identity", str(identity))
        there.prepare()
        assert killed_after(there, 6, *command)
        citizens = there.behind(lambda behind: behind.database["citizens"].count_documents({}))
        there.behind(lambda behind: behind.database["citizens"].delete_one({}))
        assert "something else was written here since, or removed" in there.refused(*command)
        assert there.behind(lambda behind: behind.database["citizens"].count_documents({})) == citizens - 1

    def test_another_file_does_not_go_on_with_it(
        self, installations: tuple[Installation, Installation], identity: Path
    ) -> None:
        here, there = installations
        there.prepare()
        assert killed_after(there, 6, "import-town", str(here.exported("one.age")), "--identity", str(identity))
        another = here.exported("another.age")
        assert "not empty" in there.refused("import-town", str(another), "--identity", str(identity))


class TestThePage:
    """Every command of docs/leaving.md, as it stands there."""

    def test_is_typed_as_it_stands(
        self,
        installations: tuple[Installation, Installation],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        here, there = installations
        monkeypatch.chdir(tmp_path)
        typed = [
            line.partition(" #")[0].split()
            for block in re.findall(r"^ *```sh\n(.*?)^ *```$", LEAVING.read_text(), re.DOTALL | re.MULTILINE)
            for line in block.splitlines()
            if line.strip()
        ]
        said = []
        for program, *arguments in typed:
            if program == "guichet":
                words = [str(KEY.to_public()) if word == "age1…" else word for word in arguments]
                where = there if words[0] == "import-town" else here
                said.append(where.done(*words, uid=1002 if words[1] == "approve" else 1001))
            elif program == "age-keygen":
                Path(arguments[1]).write_text(f"{KEY}\n")
            else:
                assert (program, arguments[-2:]) == ("age", ["tar", "--extract"])
                assert "manifest.json" in opened(tmp_path / "town.tar.age")
        assert len(typed) == 7
        assert "Nothing was sent" in said[-1]
        assert (tmp_path / "new-town" / "town.yaml").exists()
        assert here.behind(opens_like_at_home) == there.behind(opens_like_at_home)


def tar_of(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, each in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(each)
            tar.addfile(info, io.BytesIO(each))
    return content.getvalue()


def sealed(content: bytes) -> bytes:
    return pyrage.encrypt(content, [KEY.to_public()])


async def opens_like_at_home(behind: Behind) -> tuple[Any, ...]:
    """Open a citizen's page with their link, a message and a file, as the services do."""
    case = await behind.database["cases"].find_one({"_id": "bruno-roads"})
    view = await MongoFollowViews(behind.database).find(case["follow"])
    keys = await behind.vault.open_keys([case["link"]["key_id"]])
    link = LINK.open(keys[case["link"]["key_id"]], "bruno-roads", Sealed.model_validate(case["link"]))
    messages = await MongoMessageStore(behind.database).of_case(CaseId("bruno-roads"))
    mail = next(each for each in messages if each.message_id == "a-mail")
    key = (await behind.vault.open_keys([mail.content.key_id]))[mail.content.key_id]
    file = attachment(FILE).open_box(key, "a-mail", await behind.objects.get(FILE))
    assert view is not None
    return open_view(link, view), INBOUND_CONTENT.open(key, "a-mail", mail.content), file


async def may_be_sent(behind: Behind) -> list[MessageId]:
    """Return what a sender would take up, now or ever short of an agent's word."""
    deliveries = MongoDeliveries(behind.database)
    in_ten_years, hold = datetime.now(UTC) + timedelta(days=3650), timedelta(seconds=1)
    claimed = [
        each
        for lane in ("mail", "mail-gathered", "twilio-sms")
        for each in await deliveries.claim(lane, "token", in_ten_years, hold, 100)
    ]
    return [each.outbound_id for each in claimed]


def an_erasure(*, finished: bool) -> ErasureEntry:
    now = datetime.now(UTC)
    return ErasureEntry(
        _id=EventId("erasure-1"),
        citizen=None,
        tags=(erased_citizen_tag(LEDGER_KEY, AMINA),),
        requested_by=AgentId("uid-1"),
        requested_at=now,
        decision="DPO-1",
        visa="AD-1",
        step=ErasureStep.CERTIFIED if finished else ErasureStep.WAITING,
        reached={},
        finished=finished,
    )


async def erase_amina(behind: Behind) -> None:
    finder = open_finder(behind.database, behind.vault, registry_key=REGISTRY_KEY, sector_key=SECTOR_KEY)
    removal = open_removal(behind.database, behind.vault, behind.objects, finder)
    await behind.database["messages"].update_one({"_id": "a-mail"}, {"$set": {"citizen": None, "filed": "amina-roads"}})
    await removal.divert(AMINA)
    found = await finder.find(AMINA)
    await removal.destroy_keys(found)
    await removal.delete(found, datetime.now(UTC))
    await MongoErasureLedger(behind.vault_database).add(an_erasure(finished=True))
