"""A contact centre says nothing of a case before it has recognised who calls, and each try is noted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.cases.caller import is_known
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.ids import ProfileId
from guichet.rights.case_acts import CaseAct
from guichet.store.audit.trail import Act
from guichet.town.staff.profiles import Profile, ProfileGrant
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.desk_on_twins import TownHall

NOBODYS = "2026-0000-000"
SYNTHESIS = ("Voirie", "En cours", "Reçue le")


@pytest.fixture
async def nadia(sign_in, cases):
    return await sign_in("for-callers")


@pytest.fixture
def say(fields):
    async def say(browser, reference, fact):
        form = {**fields(await browser.get("/demandes")), "fact": fact}
        return await browser.post(f"/demandes/{reference}/appelant", data=form)

    return say


def tries(hall: TownHall) -> list[Act]:
    noted = (Act.CALLER_RECOGNISED, Act.CALLER_REFUSED)
    return [entry.act for entry in hall.audit.entries if entry.act in noted]


async def test_before_a_caller_is_recognised_nothing_is_shown_anywhere(nadia, hall, cases):
    hole = cases["hole"]
    here = f"/demandes/{hole.reference}"
    page, rows = await nadia.get(here), await nadia.get("/demandes")
    assert "Reconnaître l’appelant" in page.text
    assert not [word for word in SYNTHESIS if word in page.text.partition("<main")[2]]
    assert hole.reference not in rows.text
    part = await nadia.get(f"{here}/fil", headers={"HX-Request": "true"})
    stream = await nadia.get(f"{here}/direct")
    assert (part.status_code, stream.status_code, stream.headers.get("location")) == (403, 303, here)
    assert (await nadia.get(f"{here}/fichiers/{hole.opened_by}/1")).status_code == 404
    assert not [entry for entry in hall.audit.entries if entry.act is Act.READ]


@pytest.mark.parametrize("fact", ["Jeanne Moreau", "MOREAU jeanne", " jeanne.moreau@courriel.example "])
async def test_a_caller_who_knows_a_fact_is_told_the_synthesis_for_this_session(nadia, hall, cases, sign_in, say, fact):
    hole = cases["hole"]
    answer = await say(nadia, hole.reference, fact)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/demandes/{hole.reference}")
    assert tries(hall) == [Act.CALLER_RECOGNISED]
    page = (await nadia.get(f"/demandes/{hole.reference}")).text
    assert all(word in page for word in SYNTHESIS)
    assert not [word for word in ("Jeanne", "Moreau", "Jules-Ferry", "courriel.example") if word in page]
    assert "Reconnaître" in (await nadia.get(f"/demandes/{cases['lamp'].reference}")).text
    assert "Reconnaître" in (await (await sign_in("for-callers")).get(f"/demandes/{hole.reference}")).text


@pytest.mark.parametrize("fact", ["", "Jeanne", "Jeanne Dupont", "jeanne@courriel.example", "06 12 34 56 78", "@"])
async def test_who_does_not_is_told_nothing_and_what_they_said_is_kept_nowhere(nadia, hall, cases, say, fact):
    hole = cases["hole"]
    answer = await say(nadia, hole.reference, fact)
    assert answer.status_code == 422
    assert "Cela ne correspond pas" in answer.text
    assert not [word for word in SYNTHESIS if word in answer.text.partition("<main")[2]]
    assert tries(hall) == [Act.CALLER_REFUSED]
    assert not fact or fact not in answer.text + str(hall.audit.entries)
    assert "Reconnaître" in (await nadia.get(f"/demandes/{hole.reference}")).text


async def test_whoever_tries_references_is_seen_by_what_they_hit_and_by_what_they_miss(nadia, hall, cases, fields):
    hole = cases["hole"]
    form = fields(await nadia.get("/demandes"))
    for reference, noted in ((hole.reference, (Act.SOUGHT, hole.case_id)), (NOBODYS, (Act.NOT_FOUND, NOBODYS))):
        for way in ("search", f"/demandes/{reference}", f"/demandes/{reference}/fil", f"/demandes/{reference}/direct"):
            before = len(hall.audit.entries)
            if way == "search":
                led = await nadia.post("/recherche", data={**form, "q": reference})
                await nadia.get(led.headers["location"])
            else:
                await nadia.get(way)
            assert [(each.act, *each.things) for each in hall.audit.entries[before:]] == [noted], way


async def test_nobody_is_told_that_they_read_a_case_before_a_caller_is_recognised(nadia, cases):
    part = await nadia.get(f"/demandes/{cases['hole'].reference}/fil", headers={"HX-Request": "true"})
    assert part.status_code == 403
    assert "Reconnaissez d’abord l’appelant" in part.text
    assert "Vous lisez" not in part.text


async def test_of_a_sensitive_case_nobody_is_even_asked(nadia, cases, say):
    sealed, nothing = cases["social"].reference, NOBODYS
    for address in ("/demandes/{}", "/demandes/{}/fil", "/demandes/{}/direct"):
        hidden, missing = await nadia.get(address.format(sealed)), await nadia.get(address.format(nothing))
        assert (hidden.status_code, hidden.text) == (404, missing.text)
    hidden, missing = await say(nadia, sealed, "Jeanne Moreau"), await say(nadia, nothing, "Jeanne Moreau")
    assert (hidden.status_code, hidden.text) == (404, missing.text)


class TestOfWholeCases:
    @pytest.fixture
    def hall(self) -> TownHall:
        town = profiled_town()
        grants = (ProfileGrant(acts=tuple(CaseAct), caller_identified=True, reason_asked=True),)
        profiles = {**town.staff.profiles, ProfileId("for-callers"): Profile(label="Accueil", grants=grants)}
        return TownHall(town=replace(town, staff=replace(town.staff, profiles=profiles)))

    @pytest.mark.parametrize("reason", ["", "absence"])
    async def test_a_reason_tells_nothing_before_a_caller_is_recognised(self, nadia, hall, cases, fields, reason):
        form = {**fields(await nadia.get("/demandes")), "reason": reason}
        answer = await nadia.post(f"/demandes/{cases['hole'].reference}/motif", data=form)
        assert answer.status_code == 403
        assert not [word for word in SYNTHESIS if word in answer.text.partition("<main")[2]]
        assert Act.REASON_GIVEN not in {entry.act for entry in hall.audit.entries}

    async def test_the_caller_comes_first_and_then_the_reason(self, nadia, cases, say):
        hole = cases["hole"]
        assert "Reconnaître l’appelant" in (await nadia.get(f"/demandes/{hole.reference}")).text
        assert (await say(nadia, hole.reference, "Jeanne Moreau")).status_code == 303
        assert "Pourquoi ouvrez-vous" in (await nadia.get(f"/demandes/{hole.reference}")).text


class TestWithTheReferenceAlone:
    @pytest.fixture
    def hall(self) -> TownHall:
        town = profiled_town()
        return TownHall(town=replace(town, staff=replace(town.staff, caller_gives="reference")))

    async def test_it_is_enough_that_the_agent_says_so(self, nadia, hall, cases, say):
        hole = cases["hole"]
        assert "vous a-t-elle donné elle-même cette référence" in (await nadia.get(f"/demandes/{hole.reference}")).text
        assert (await say(nadia, hole.reference, "")).status_code == 303
        assert tries(hall) == [Act.CALLER_RECOGNISED]
        assert "Voirie" in (await nadia.get(f"/demandes/{hole.reference}")).text


NAMES = st.lists(st.text("abcdefghijkéèç", min_size=1, max_size=8), min_size=2, max_size=4)


@given(NAMES, st.randoms())
def test_the_whole_name_is_known_in_any_order_and_case_and_no_part_of_it(words, random):
    content = InboundContent(sender=(), display_name=" ".join(words), text="")
    said = [word.upper() for word in words]
    random.shuffle(said)
    assert is_known(" ".join(said), content)
    assert not is_known(" ".join(said[:-1]), content)
    assert not is_known(" ".join([*said, "x"]), content)


@given(st.text(max_size=60))
def test_nothing_is_known_of_who_gave_neither_name_nor_address(fact):
    assert not is_known(fact, InboundContent(sender=(), text=""))
    assert not is_known(fact, InboundContent(sender=(Identifier(kind="telegram", value=fact or "x"),), text=""))
