"""`guichet demo`: a month of an invented town, in an installation of its own. On a real mongod, by the command itself."""

import asyncio
import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from case_router.domain.keys import RouterKeys
from case_router.domain.participants import Participants
from case_router.domain.thread_marks import read_marks
from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseState
from guichet.contracts.delivery import Purpose, mail_message_id
from guichet.contracts.inbound_content import MAIL_ADDRESS
from guichet.ids import receipt_id
from guichet.law.calendar import paris_date
from guichet.mongo.client import connect
from guichet.privacy.follow_link import read_follow_link
from guichet.privacy.pseudonyms import mail_anchor
from guichet.runtime.settings import MongoSettings, OpeningSettings
from guichet.store.deliveries.document import OPEN
from guichet.store.deliveries.spending import MongoSpending
from guichet.store.follow_views.document import FollowView, open_view
from guichet.store.messages.document import INBOUND_CONTENT, MessageDocument
from guichet.vault.fields import open_each
from guichet.vault.mongo_vault import open_vault
from guichet_cli.__main__ import app
from guichet_cli.demo.material import messages, people
from guichet_cli.demo.month import Keys, lines_of, make_month
from guichet_cli.demo.story import Story
from guichet_cli.demo.threads import is_still_told, threads_of
from guichet_cli.demo.words import Words
from guichet_testing.builders.example_town import EXAMPLE_TOWN, the_example_town
from notifier.domain.wording import Wording

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
KEYS = Keys(b"r" * 32, b"s" * 32, b"t" * 32)
PORTAL = "http://127.0.0.1:8000/"


def test_nobody_of_it_can_be_reached() -> None:
    assert len(people()) > 200
    assert all(re.fullmatch(r"\+3363998\d{4}\d?", each.telephone) for each in people())
    assert all(re.search(r"@(example\.(org|com|net)|.+\.example)$", each.mailbox) for each in people())
    text = " ".join(each.text for each in messages())
    assert not re.search(
        r"(?<![\d.,])0[1-79](?!6? ?39 ?98)(?!99 ?00)([ .]?\d\d){4}",
        text.replace("06 39 98", "").replace("01 99 00", ""),
    )


def test_its_receipts_say_what_the_notifier_would_have() -> None:
    town = replace(the_example_town(), demonstration=True)
    ours, notifiers = Words(town, PORTAL), Wording(town, PORTAL)
    for story in make_month(town, KEYS, PORTAL, NOW, 1).stories:
        record = story.case.record
        assert ours.receipt(record, story.link) == notifiers.receipt(record, story.link, record.channel, None)


def test_a_month_is_that_of_its_seed_and_ends_now() -> None:
    town = replace(the_example_town(), demonstration=True)
    month, again, other = (make_month(town, KEYS, PORTAL, NOW, seed) for seed in (1, 1, 2))
    told = [
        [(each.case.record.reference, each.case.record.state) for each in one.stories] for one in (month, again, other)
    ]
    assert told[0] == told[1] != told[2]
    assert {each.case.record.state for each in month.stories} == {
        CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN, CaseState.CLOSED,
    }  # fmt: skip
    for story in month.stories:
        moments = [entry.at for entry in story.journal]
        assert moments == sorted(moments)
        assert NOW - timedelta(days=32) < moments[0] <= moments[-1] <= NOW
        assert [entry.version for entry in story.journal] == [*range(1, story.case.record.version + 1)]
        assert not any(each.state in OPEN for each in story.deliveries), "nothing is left to be sent"


def test_who_signs_a_message_is_who_wrote_it() -> None:
    town = replace(the_example_town(), demonstration=True)
    mails = [
        said
        for story in make_month(town, KEYS, PORTAL, NOW, 1).stories
        for _, said in story.received
        if "\n" in said.text
    ]
    assert len(mails) > 50
    assert {said.text.splitlines()[-1] == said.display_name for said in mails} == {True}


def test_the_pages_that_it_names_differ_by_their_state() -> None:
    town = replace(the_example_town(), demonstration=True)
    month = make_month(town, KEYS, PORTAL, NOW, 1)
    assert {each.case.record.state for each in month.one_of_each_state()} == {
        each.case.record.state for each in month.stories
    }
    assert len(month.one_of_each_state()) == 4


def test_who_writes_on_joins_the_case() -> None:
    town = replace(the_example_town(), demonstration=True)
    month = make_month(town, KEYS, PORTAL, NOW, 1)
    leads = {each["anchor"]: each["claims"] for each in threads_of(month.stories, town, KEYS.thread)}
    keys = RouterKeys(KEYS.registry, KEYS.sector, KEYS.thread, b"a" * 32)
    for story in month.stories:
        case, facts = story.case.record, town.facts[story.case.record.channel]
        for message, said in story.received:
            marks = read_marks(message, said, facts, keys, town.mailboxes)
            assert {claim.case_id for claim in leads[marks.own]} == {case.case_id}
            assert marks.conversation is None or case.case_id in {each.case_id for each in leads[marks.conversation]}
        assert Participants(KEYS.thread).first_of(case.case_id, marks.sender, marks.people) == case.participants
        if story.received[0][1].sender[0].kind == MAIL_ADDRESS:
            receipt = mail_message_id(receipt_id(case.case_id, Purpose.AEE), town.domain)
            assert leads[mail_anchor(KEYS.thread, receipt)][0].case_id == case.case_id


def test_nobody_opens_a_case_by_what_would_go_on_with_another() -> None:
    town = replace(the_example_town(), demonstration=True)
    stories = make_month(town, KEYS, PORTAL, NOW, 1).stories
    newest: dict[str, Story] = {}
    again = 0
    for story in stories:
        case = story.case.record
        if town.facts[case.channel].is_conversation:
            who = f"{case.channel} {story.received[0][1].sender[0].value}"
            again += who in newest
            assert who not in newest or not is_still_told(newest[who], case.received_at, town)
            newest[who] = story
    assert again, "somebody comes back in a month"


def test_every_line_is_one_that_an_import_takes_out_of_a_file() -> None:
    town = replace(the_example_town(), demonstration=True)
    parts = [*lines_of(make_month(town, KEYS, PORTAL, NOW, 1), town, KEYS, NOW)]
    assert [kind.name for kind, _ in parts[:4]] == ["citizens", "identifiers", "cases", "journal"]
    for kind, lines in parts:
        assert [kind.line.model_validate_json(each.model_dump_json()) for each in lines] == lines


@pytest.mark.real
class TestOnMongo:
    @pytest.fixture
    def command(
        self, mongo_server: Any, mongo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., Result]:
        town = tmp_path / "town"
        town.mkdir()
        for file in EXAMPLE_TOWN.rglob("*"):
            if file.suffix in (".yaml", ".txt"):
                target = town / file.relative_to(EXAMPLE_TOWN)
                target.parent.mkdir(exist_ok=True)
                target.write_text(file.read_text("utf-8"), "utf-8")
        key = base64.b64encode(b"k" * 32).decode()
        self.town, self.opening = (
            town,
            OpeningSettings(
                mongodb_uri=mongo_server.uri,
                vault_database=f"{mongo_database}_vault",
                root_key_file=tmp_path / "root.key",
            ),
        )
        self.database_settings = MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)
        variables = {
            "GUICHET_MONGODB_URI": mongo_server.uri,
            "GUICHET_MONGODB_DATABASE": mongo_database,
            "GUICHET_VAULT_DATABASE": f"{mongo_database}_vault",
            "GUICHET_ROOT_KEY_FILE": str(tmp_path / "root.key"),
            "GUICHET_OBJECTS_URL": (tmp_path / "objects").as_uri(),
            **{f"GUICHET_{name}_KEY": key for name in ("REGISTRY", "SECTOR", "THREAD")},
            "GUICHET_TOWN": str(town),
            "GUICHET_PORTAL_URL": PORTAL,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

        def run(*arguments: str) -> Result:
            return CliRunner().invoke(app, list(arguments))

        for first in (("vault", "init"), ("store", "prepare")):
            assert run(*first).exit_code == 0
        return run

    def mark(self) -> None:
        with (self.town / "town.yaml").open("a", encoding="utf-8") as file:
            file.write("\ndemonstration: true\n")

    def test_a_town_that_is_none_is_not_filled(self, command: Callable[..., Result]) -> None:
        refused = command("demo")
        assert refused.exit_code == 1
        assert "This town is no demonstration." in refused.output

    def test_it_is_filled_once_and_lives(self, command: Callable[..., Result]) -> None:
        self.mark()
        done = command("demo")
        assert done.exit_code == 0, done.output
        assert "400 cases of 220 invented people are there. Nothing was sent." in done.output
        again = command("demo")
        assert again.exit_code == 1
        assert "Something is in citizens" in again.output
        links = re.findall(rf"{PORTAL}suivi/(\S+) \(", done.output)
        asyncio.run(self.lives(links))

    async def lives(self, tokens: list[str]) -> None:
        database = connect(self.database_settings)
        assert await database["cases"].count_documents({}) == 400
        assert await database["cases"].count_documents({"outbox.0": {"$exists": True}}) == 0
        assert await database["deliveries"].count_documents({"state": {"$in": list(OPEN)}}) == 0
        assert await database["deliveries"].count_documents({"undecided_since": {"$exists": True}}) == 0
        for token in tokens:
            link = read_follow_link(token)
            assert link is not None
            view = FollowView.model_validate(await database["follow_views"].find_one({"_id": link.lookup}))
            page = open_view(link, view)
            assert page is not None
            assert page.reference.startswith("2026-") or page.reference[:2] == "20"
        found = [
            MessageDocument.model_validate(each) async for each in database["messages"].find({"direction": "inbound"})
        ]
        sealed = {each.message_id: INBOUND_CONTENT.on(each.message_id, each.content) for each in found}
        opened = await open_each(open_vault(self.opening, SystemClock().now), sealed)
        assert len(opened.values) == len(found) >= 400
        assert await database["threads"].count_documents({}) > len(found)
        spent = await MongoSpending(database).spent("twilio", paris_date(datetime.now(UTC)))
        assert spent.month.units > 0 or datetime.now(UTC).day == 1
