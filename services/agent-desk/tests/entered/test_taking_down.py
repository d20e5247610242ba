"""What somebody tells an agent becomes a message like any other, and is never lost while it is typed."""

import asyncio
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.entered.taken_down import LONGEST, taken_down
from agent_desk.handlers.staff.staff_directory import OLDEST
from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseClosed, CaseState
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_DESK
from guichet.ids import AgentId, EventId, case_id, receipt_id
from guichet.law.calendar import paris_date
from guichet.rights.case_acts import CaseAct
from guichet.store.agents.staff import entry_of
from guichet.store.audit.trail import Act
from guichet.store.messages.document import INBOUND_CONTENT
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet.town.staff.profiles import Profile, ProfileGrant
from guichet_testing.builders.case import a_case
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail, phone
from guichet_testing.until import until

SAID = {
    "way": "phone",
    "name": "Irène Kessler",
    "address": "06 12 34 56 78",
    "procedure": "signalement-voirie",
    "subject": "Trou rue des Forges",
    "text": "Un trou devant le 4, depuis lundi.",
}


async def form_of(browser) -> dict[str, str]:
    page = (await browser.get("/saisie")).text
    return {name: re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("form_token", "once")}


def taken(hall: TownHall) -> list[MessageReceived]:
    return [event for event in hall.publisher.on(INBOUND_DESK) if isinstance(event, MessageReceived)]


async def test_what_is_taken_down_is_a_message_of_the_agents(karim, hall):
    answer = await karim.post("/saisie", data=SAID | await form_of(karim))
    assert (answer.status_code, answer.headers["location"]) == (303, "/saisie/faite")
    [message] = taken(hall)
    assert (message.channel, message.entered_by, message.procedure) == ("phone", "agent-12", "signalement-voirie")
    keys = await hall.vault.open_keys([message.content.key_id])
    opened = INBOUND_CONTENT.open(keys[message.content.key_id], message.message_id, message.content)
    assert (opened.display_name, opened.text) == (SAID["name"], SAID["text"])
    assert [each.kind for each in opened.sender] == ["phone"]
    [noted] = [entry for entry in hall.audit.entries if entry.act is Act.ENTERED]
    assert (noted.agent, noted.things) == ("agent-12", (message.message_id,))
    assert "Saisir une autre demande" in (await karim.get("/saisie/faite")).text


async def file(hall: TownHall, case: CaseRecord) -> None:
    """Do what the router does: the case is there, then an event tells of it."""
    hall.cases.put(case)
    of_it = {name: getattr(case, name) for name in ("case_id", "reference", "version", "sector", "department")}
    event = CaseClosed(
        event_id=EventId("event"),
        occurred_at=case.received_at,
        caused_by=case.opened_by,
        citizen=None,
        by=AgentId("agent-12"),
        **of_it,
    )
    hall.feed.put(event)


class TestWhoWaitsForTheRouter:
    """Nobody waits so long: the router's event ends it."""

    @pytest.fixture
    def hall(self) -> TownHall:
        return TownHall(patience=timedelta(seconds=30))

    @pytest.mark.parametrize(
        ("department", "leads_to"), [("voirie", "/demandes/2026-7F3K-29Q"), ("ccas", "/saisie/faite")]
    )
    async def test_the_case_is_shown_as_soon_as_it_is_opened_unless_it_is_not_theirs(
        self, karim, hall, department, leads_to
    ):
        form = SAID | await form_of(karim)
        posting = asyncio.create_task(karim.post("/saisie", data=form))
        await until(lambda: taken(hall), "it is taken")
        [message] = taken(hall)
        place = {"department": department, "sector": hall.town.sector_of(department)}
        case = a_case(_id=case_id(message.message_id), reference="2026-7F3K-29Q", **place)
        await file(hall, case)
        async with asyncio.timeout(5):
            answer = await posting
        assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
        if leads_to != "/saisie/faite":  # who clicks twice is led there at once
            async with asyncio.timeout(5):
                assert (await karim.post("/saisie", data=form)).headers["location"] == leads_to

    async def test_who_sees_cases_for_callers_alone_is_told_the_reference_of_what_they_took_down(self, sign_in, hall):
        nadia = await sign_in("nadia.belkacem")
        posting = asyncio.create_task(nadia.post("/saisie", data=SAID | await form_of(nadia)))
        await until(lambda: taken(hall), "it is taken")
        [message] = taken(hall)
        mine = {"reference": "2026-7F3K-29Q", "entered_by": AgentId("agent-20"), "sector": "voirie-espace-public"}
        await file(hall, a_case(_id=case_id(message.message_id), **mine))
        hall.cases.put(a_case("another", **mine | {"reference": "2026-ZZZZ-ZZZ", "entered_by": AgentId("agent-12")}))
        async with asyncio.timeout(5):
            answer = await posting
        assert answer.headers["location"] == "/saisie/faite?demande=2026-7F3K-29Q"
        page = (await nadia.get(answer.headers["location"])).text
        assert "Référence\xa0: <strong" in page
        assert "2026-7F3K-29Q" in page
        for others in ("2026-ZZZZ-ZZZ", "2026-0000-000", "<u>ici</u>"):
            page = (await nadia.get(f"/saisie/faite?demande={others}")).text
            assert ("Demande enregistrée" in page, "Référence\xa0: <strong" in page, others in page) == (
                True,
                False,
                False,
            )


async def test_a_double_click_is_one_message_and_another_text_another(karim, hall):
    form = SAID | await form_of(karim)
    for said in (form, form, form | {"text": "Un trou devant le 6."}):
        assert (await karim.post("/saisie", data=said)).status_code == 303
    first, again, other = (message.message_id for message in taken(hall))
    assert first == again != other


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"name": " "}, "Indiquez le nom de la personne."),
        ({"address": "06 12"}, "Cette adresse ou ce numéro est incomplet."),
        ({"address": "a@b.example,c@d.example"}, "Cette adresse ou ce numéro est incomplet."),
        ({"procedure": "mariage-royal"}, "Choisissez une démarche de la liste."),
        ({"way": "pigeon"}, "Dites comment la personne s’est exprimée."),
        ({"text": ""}, "Écrivez ce que la personne a dit."),
        ({"subject": "x" * 201}, "Ce texte est trop long"),
        ({"place": "x" * 201}, "Ce texte est trop long"),
        ({"received": "hier"}, "Cette date est illisible."),
        ({"received": "2027-01-01"}, "Ce jour n’est pas encore venu."),
        ({"received": "14/02/2025"}, "vérifiez l’année"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_comes_back(karim, hall, spoilt, words):
    answer = await karim.post("/saisie", data=SAID | spoilt | await form_of(karim))
    assert answer.status_code == 422
    assert words in answer.text
    kept = {**SAID, **spoilt}["text"] or SAID["name"]
    assert kept in answer.text
    assert taken(hall) == []


async def test_while_the_broker_is_away_the_words_come_back(karim, hall):
    form = await form_of(karim)
    hall.publisher.away = True
    answer = await karim.post("/saisie", data=SAID | form)
    assert answer.status_code == 503
    assert f"{SAID['text']}</textarea>" in answer.text
    assert f'value="{form["once"]}"' in answer.text


async def test_who_may_not_enter_has_no_such_page(karim, hall):
    form = await form_of(karim)
    reading = Overlay(StaffKind.PROFILE, "agent", Profile(label="Lecteur", grants=(ProfileGrant(),)))
    await hall.staff.put(entry_of(reading, at=hall.clock.now, by=None), over=None)
    hall.clock.now += OLDEST
    nothing = await karim.get("/demandes/2026-0000-000")
    for answer in (
        await karim.get("/saisie"),
        await karim.get("/saisie/faite"),
        await karim.post("/saisie", data=SAID | form),
    ):
        assert (answer.status_code, "Saisir une demande" in answer.text) == (nothing.status_code, False)
    assert 'href="/saisie"' not in (await karim.get("/demandes")).text
    assert taken(hall) == []


@given(st.dictionaries(st.sampled_from([*LONGEST, "way", "procedure", "received", "once"]), st.text(max_size=300)))
def test_whatever_is_typed_is_kept_as_it_was_and_a_form_without_errors_makes_a_message(form):
    typed = taken_down(form, ("phone",), ("signalement-voirie",), date(2026, 5, 1))
    assert {name: getattr(typed, name) for name in LONGEST} == {name: form.get(name, "") for name in LONGEST}
    if not typed.errors:
        assert typed.way == "phone"
        assert typed.content.subject
        assert typed.content.display_name


@pytest.mark.parametrize(
    ("way", "left", "says"),
    [
        ("phone", (mail("irene.kessler@courriel.example"),), "envoi par\xa0: Courriel"),
        ("counter", (phone("+33639981234"),), "l’usager n’a pas laissé d’adresse où répondre"),
        ("letter", (), "l’usager n’a pas laissé d’adresse où répondre"),
    ],
)
async def test_who_spoke_is_answered_by_mail_where_they_left_an_address_and_else_the_page_says_so(
    karim, hall, fields, way, left, says
):
    case = await hall.open_case("told", channel=way, sender=left)
    hall.cases.put(case.model_copy(update={"deliveries": {receipt_id(case.case_id, "AEE"): "withheld"}}))
    answer = await karim.get(f"/demandes/{case.reference}")
    assert says in answer.text
    assert "aucun n’est dû" in answer.text
    assert ("Aucune réponse ne part d’ici" in answer.text) is (way != "phone")
    assert ("Envoyer la réponse" in answer.text) is ("envoi par" in answer.text) is (way == "phone")
    if way != "phone":
        assert "Destinataire" not in answer.text
        return
    sent = fields(answer) | {"elsewhere": left[0].value if left else "", "text": "C’est réparé."}
    await karim.post(f"/demandes/{case.reference}/reponse", data=sent)
    [kept] = [each for each in hall.messages.messages.values() if each.filed == case.case_id and each.author]
    assert kept.channel == "email"


WITH_ALL = {"represented_by": "Ahmed, son fils", "place": "4 rue des Forges", "received": "2026-04-28"}


async def test_the_day_of_the_real_receipt_starts_the_clocks_and_who_spoke_and_where_are_sealed(karim, hall):
    await karim.post("/saisie", data=SAID | WITH_ALL | await form_of(karim))
    [message] = taken(hall)
    assert paris_date(message.received_at) == date(2026, 4, 28)
    assert message.arrived_at == hall.clock.now
    keys = await hall.vault.open_keys([message.content.key_id])
    said = INBOUND_CONTENT.open(keys[message.content.key_id], message.message_id, message.content)
    assert (said.represented_by, said.place) == (WITH_ALL["represented_by"], WITH_ALL["place"])
    for words in (WITH_ALL["represented_by"], WITH_ALL["place"]):
        assert words not in message.model_dump_json()


async def test_what_was_answered_on_the_spot_says_so_and_leads_to_the_next_person(karim, hall):
    form = SAID | {"act": "settled"} | await form_of(karim)
    assert "Répondu sur place" in (await karim.get("/saisie")).text
    await karim.post("/saisie", data=form)
    [message] = taken(hall)
    assert message.on_the_spot
    own = {"reference": "2026-7F3K-29Q", "entered_by": AgentId("agent-12"), "state": CaseState.CLOSED}
    hall.cases.put(a_case(_id=case_id(message.message_id), sector="voirie-espace-public", **own))
    answer = await karim.post("/saisie", data=form)
    assert answer.headers["location"] == "/saisie/faite?demande=2026-7F3K-29Q"
    assert "elle est close" in (await karim.get(answer.headers["location"])).text


async def test_who_may_close_nothing_is_not_offered_to_answer_on_the_spot(karim, hall):
    taking = ProfileGrant(acts=frozenset({CaseAct.READ, CaseAct.ENTER}))
    profile = Overlay(StaffKind.PROFILE, "agent", Profile(label="Standard", grants=(taking,)))
    await hall.staff.put(entry_of(profile, at=hall.clock.now, by=None), over=None)
    hall.clock.now += OLDEST
    page = (await karim.get("/saisie")).text
    assert "Enregistrer la demande" in page
    assert "Répondu sur place" not in page
