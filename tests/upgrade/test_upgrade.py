"""The data of an older version, opened by this one: a small town's life of then goes on as if nothing had happened.

The dumps were made once, by the code that they are named after (make_dump.py), and stay: each later version must open
them. A town upgrades like this: stop everything, start the new version on the same folder (docs/operations.md).
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bson import BSON

from guichet_testing.stolen_copy.copy import DATA, VAULT, databases
from guichet_testing.stolen_copy.opener import CopyOpener, root_keys_in
from guichet_testing.stolen_copy.owners import items_of
from guichet_testing.stolen_copy.sealed_items import items_in_collection
from guichet_testing.town.desk_client import DeskClient, signed_in
from guichet_testing.town.people import AMINA
from guichet_testing.town.town import ERASES_SOON, Town, town_in
from guichet_testing.until import until
from tests.attacks.stolen_copy.joins import Piece
from tests.upgrade.life import DUMPS, Life, unpack

pytestmark = [pytest.mark.story, pytest.mark.real, pytest.mark.timeout(600)]


@dataclass
class Upgraded:
    """A running stack of today on data of then, and what is known of them."""

    life: Life
    town: Town
    sessions: AsyncExitStack
    desks: dict[str, DeskClient] = field(default_factory=dict)

    async def desk_of(self, agent: str) -> DeskClient:
        """Sign an agent in, with the password of then."""
        if agent not in self.desks:
            self.desks[agent] = await self.sessions.enter_async_context(signed_in(self.town.stack, agent))
        return self.desks[agent]

    async def page_of(self, words: str) -> str:
        """Return the page of a case as its agent reads it."""
        known = self.life.cases[words]
        status, page = await (await self.desk_of(known["agent"])).read(f"/demandes/{known['reference']}")
        assert status == 200, (words, status)
        return page

    async def follow(self, link: str) -> int:
        """Return what the portal of today answers to a link of then."""
        async with httpx.AsyncClient(base_url=self.town.stack.addresses["citizen-portal"], trust_env=False) as browser:
            return (await browser.get(urlsplit(link).path)).status_code

    @property
    def administrator_uri(self) -> str:
        """Return the connection string of who may look into everything."""
        return self.town.stack.mongodb_admin_uri

    def stored(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every document there is, with its place."""
        for name, kept in zip((DATA, VAULT), databases(self.administrator_uri), strict=True):
            for collection, documents in kept.items():
                yield from ((f"{name}.{collection}", each) for each in documents)


@pytest.fixture(scope="module", params=DUMPS)
async def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Upgraded]:
    """A dump, opened by this version; everything that waited is filed."""
    folder: Path = tmp_path_factory.mktemp("upgrade") / "guichet"
    unpack(request.param, folder)
    async with town_in(folder, settings=ERASES_SOON) as town, AsyncExitStack() as sessions:
        await town.sandbox.open_chats([710000106])
        await until(town.all_is_handled, "everything that waited is handled")
        yield Upgraded(Life.of(request.param), town, sessions)


async def test_every_case_is_read_at_the_desk_with_the_password_of_then(upgraded):
    for words in upgraded.life.cases:
        assert words in await upgraded.page_of(words)


async def test_what_was_said_in_a_case_is_still_there(upgraded):
    assert "Nos agents passent mardi." in await upgraded.page_of("Nid-de-poule rue des Tilleuls")
    assert "je serai là mardi" in await upgraded.page_of("Nid-de-poule rue des Tilleuls")
    assert "Je confirme, elle est éteinte." in await upgraded.page_of("Lampadaire éteint place du Marché")
    assert "Mme Marchand parle de la rue." in await upgraded.page_of("Poubelle renversée, merci de passer")
    assert "Amina Benali" in await upgraded.page_of("Nid-de-poule rue des Tilleuls")


async def test_files_of_then_open(upgraded):
    known = upgraded.life.cases["Nid-de-poule rue des Tilleuls"]
    desk = await upgraded.desk_of(known["agent"])
    _, page = await desk.read(f"/demandes/{known['reference']}")
    [shown] = {*re.findall(rf'href="(/demandes/{known["reference"]}/fichiers/[^"]+)/vue"', page)}
    assert (await desk.http.get(shown)).content == b"\x89PNG\r\n\x1a\n le trou de la rue"


async def test_every_link_that_was_sent_works(upgraded):
    erased = upgraded.life.erased_references
    answers = {told: await upgraded.follow(told.link) for told in upgraded.life.told}
    assert len(answers) >= 12
    assert {told: status for told, status in answers.items() if told.reference not in erased and status != 200} == {}
    assert {status for told, status in answers.items() if told.reference in erased} == {404}


async def test_what_was_accepted_and_not_filed_is_filed_once(upgraded):
    reading = {"mail": "karim.haddad", "sms": "sophie.renard", "telegram": "julien.petit", "form": "julien.petit"}
    for way, agent in reading.items():
        words = upgraded.life.waiting[way].removeprefix("/nouvelle ")
        _, page = await (await upgraded.desk_of(agent)).read("/demandes")
        rows = [row for row in page.split("<tr")[1:] if words in row]
        assert len(rows) == 1, (way, len(rows))
    page = await upgraded.page_of("Aide alimentaire pour le mois")
    assert Counter(re.findall(re.escape(upgraded.life.waiting["reply"]), page)).total() == 1


async def test_an_answer_goes_out_and_arrives(upgraded):
    sandbox = upgraded.town.sandbox
    for words, text in (("Passage piéton", "repeint hier"), ("Un dépôt sauvage", "enlevé ce matin")):
        known = next(each for name, each in upgraded.life.cases.items() if words in name)
        desk = await upgraded.desk_of(known["agent"])
        await desk.send(f"/demandes/{known['reference']}", "reponse", text=f"C’est {text}.")
    await sandbox.wait_for_mail("thomas-lefevre", containing="repeint hier")
    await sandbox.wait_for_sms("thomas-lefevre", containing="enlevé ce matin")


async def test_who_answers_a_mail_of_then_joins_their_case(upgraded):
    """The answer quotes what the town had sent: the conversation's anchors are those of then."""
    sandbox = upgraded.town.sandbox
    answered = await sandbox.wait_for_mail("thomas-lefevre", containing="repeint hier")
    await sandbox.send_mail("thomas-lefevre", text="On le voit bien, merci.", reply_to=answered)
    await until(upgraded.town.all_is_handled, "it is handled")
    assert "On le voit bien, merci." in await upgraded.page_of("Passage piéton effacé devant la boulangerie")


async def test_a_dead_letter_of_then_is_listed_and_opens(upgraded):
    """What Amina sent by Telegram, and nobody could read: put aside by the version of then."""
    listed = await upgraded.town.guichet("dead-letters", "list")
    [letter] = [line.split()[0] for line in listed.splitlines() if "ingest-social" in line]
    assert '"Amina"' in await upgraded.town.guichet("dead-letters", "show", letter)


async def test_no_id_that_could_be_computed_is_left_in_any_collection(upgraded):
    """Of a message's id, or of a line of the register: both were formulas without a key."""
    guessable = [each.encode() for each in upgraded.life.old_citizens]
    found = Counter(
        place for place, each in upgraded.stored() if any(citizen in BSON.encode(each) for citizen in guessable)
    )
    assert found == {}


async def test_no_tag_that_joined_cases_and_no_digest_is_left(upgraded):
    marks = [each.encode() for each in (*upgraded.life.noted["tags"], *upgraded.life.noted["digests"])]
    assert marks
    found = Counter(place for place, each in upgraded.stored() if any(mark in BSON.encode(each) for mark in marks))
    assert found == {}


async def test_no_value_of_then_is_the_same_in_a_persons_cases_of_two_sectors(upgraded):
    """Amina wrote to roads and to social aid. What is equal in both and in nobody else's case would be hers."""
    data, _ = databases(upgraded.administrator_uri)
    papers = {case["_id"]: {*Piece("cases", case["_id"], case).values} for case in data["cases"]}
    for message in (each for each in data["messages"] if each.get("filed") in papers):
        papers[message["filed"]] |= {*Piece("messages", message["_id"], message).values}
    cases = {case["reference"]: case["_id"] for case in data["cases"] if "reference" in case}
    roads, social = (
        papers.pop(cases[upgraded.life.cases[words]["reference"]])
        for words in ("Nid-de-poule rue des Tilleuls", "Aide alimentaire pour le mois")
    )
    assert (roads & social) - set().union(*papers.values()) == set()


async def test_a_citizen_of_then_is_erased_and_an_attacker_with_every_key_finds_nobody(upgraded):
    """The last story: it ends what the others read. The attacker has a copy of before, its vault and today's files."""
    town = upgraded.town
    before, vault_before = databases(upgraded.administrator_uri)
    items = [item for name, documents in before.items() for item in items_in_collection(name, documents)]
    hers = items_of(
        AMINA.markers, CopyOpener([vault_before], root_keys_in(town.stack.folder)).open(items), before["messages"]
    )
    assert {item.place for item in hers} >= {"citizens", "identifiers", "cases", "messages"}
    request = await town.ask_for_erasure(await town.citizen_at("amina.benali@courriel.example"), 900)
    await until(lambda: [each.finished for each in town.ledger([request])] == [True], "the certificate is written")
    assert town.ledger([request])[0].certificate is not None
    for words in ("Aide alimentaire pour le mois", "Nid-de-poule rue des Tilleuls"):
        gone = upgraded.life.cases[words]
        assert (await (await upgraded.desk_of(gone["agent"])).read(f"/demandes/{gone['reference']}"))[0] == 404
    hers_told = [told for told in upgraded.life.told if told.address in AMINA.markers]
    assert {await upgraded.follow(told.link) for told in hers_told} == {404}
    _, vault_after = databases(upgraded.administrator_uri)
    opened = CopyOpener([vault_before, vault_after], root_keys_in(town.stack.folder)).open(items)
    assert hers.isdisjoint(opened)
    assert opened  # of the others
