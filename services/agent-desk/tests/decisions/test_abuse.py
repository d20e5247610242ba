"""An agent judges a sender: what the page warns of, the one command that comes of it, and what cases then say."""

from datetime import timedelta

import pytest

from guichet.case.history import HistoryEntry
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.case_commands import DeclareAbuse, LiftAbuse
from guichet.contracts.case_events import RoutingReason
from guichet.contracts.inbound_content import InboundContent, MailThread
from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId
from guichet.store.abuse_declarations import NoReceipt
from guichet.store.audit.trail import Act
from guichet.vault.sealing import Thing, unseal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.filled_hall import mail, phone
from guichet_testing.sealing import seal_model

ZOE, NUMBER = "zoe@courriel.example", "+33639983333"
WORDS = "Trente messages <par> jour depuis lundi."
FORM = {"ground": "number", "abuse_reason": WORDS}
STANDS = "il ne reçoit pas d’accusé jusqu’au"
WARNING = "quelqu’un d’autre a pu écrire sous cette adresse"


@pytest.fixture
async def by_phone(hall, cases):
    """A case of a number: its provider vouches for who wrote."""
    return await hall.open_case("number", sender=(phone(NUMBER),), channel="sms", subject="Encore")


@pytest.fixture
async def by_mail(hall, cases):
    """A case of a mail that nobody vouches for."""
    return await hall.open_case("mail", sender=(mail(ZOE),), subject="Encore")


async def no_receipt(hall, **replaced):
    """A case of a sender who had been declared abusive when it came."""
    case = await hall.open_case("silent", sender=(phone(NUMBER),), channel="sms", subject="Toujours")
    now = hall.clock()
    why = NoReceipt(
        sector=case.sector,
        by=AgentId("agent-12"),
        ground=AbuseGround.REPEATED,
        declared_at=now - timedelta(days=1),
        until=now + timedelta(days=89),
        reason=WORDS,
    ).model_copy(update=replaced)
    sealed = seal_model(await hall.key(), Thing("case", case.case_id), "no_receipt", why)
    case = case.model_copy(update={"no_receipt": sealed})
    hall.cases.put(case)
    return case


def row_of(page, case):
    return page.text.split(f'id="r-{case.reference}"')[1].split("</tr>")[0]


async def test_a_declaration_is_one_command_with_a_sealed_reason_and_noted(karim, hall, by_phone, fields):
    page = await karim.get(f"/demandes/{by_phone.reference}")
    assert WARNING not in page.text, "its provider vouches for the number"
    for _ in range(2):
        answer = await karim.post(f"/demandes/{by_phone.reference}/abus", data={**fields(page), **FORM})
        assert answer.headers["location"] == f"/demandes/{by_phone.reference}?fait=abus"
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, DeclareAbuse)
    assert (first.sector, first.ground, first.issued_by) == (by_phone.sector, "number", "agent-12")
    assert first.event_id == second.event_id
    assert "Trente" not in first.model_dump_json()
    key = (await hall.vault.open_keys([by_phone.subject.key_id]))[by_phone.subject.key_id]
    assert unseal(key, Thing("case", by_phone.case_id), first.event_id, first.reason).decode() == WORDS
    noted = [each.things for each in hall.audit.entries if each.act is Act.ABUSE_DECLARED]
    assert noted == [(by_phone.case_id, first.event_id)] * 2
    assert "prise en compte" in (await karim.get(answer.headers["location"])).text


async def test_whose_address_may_be_an_innocent_s_is_not_declared_without_the_risk_being_weighed(
    karim, hall, by_mail, fields
):
    page = await karim.get(f"/demandes/{by_mail.reference}")
    assert WARNING in page.text
    answer = await karim.post(f"/demandes/{by_mail.reference}/abus", data={**fields(page), **FORM})
    assert answer.status_code == 422
    assert "Trente messages &lt;par&gt; jour" in answer.text
    assert answer.text.count("Cochez la case une fois ce risque pesé.") == 2
    assert hall.publisher.published == []
    weighed = {**fields(answer), **FORM, "sure": "oui"}
    assert (await karim.post(f"/demandes/{by_mail.reference}/abus", data=weighed)).status_code == 303
    assert isinstance(hall.publisher.on(CASE_COMMANDS)[0], DeclareAbuse)


async def test_a_mail_that_is_vouched_for_asks_for_no_tick(karim, hall, by_mail, fields):
    thread = MailThread(message_id="z@courriel.example", authenticated=True)
    content = InboundContent(sender=(mail(ZOE),), text="Encore", thread=thread)
    await hall.receive(by_mail, content, message_id=by_mail.opened_by, at=ARRIVED)
    page = await karim.get(f"/demandes/{by_mail.reference}")
    assert WARNING not in page.text
    assert (await karim.post(f"/demandes/{by_mail.reference}/abus", data={**fields(page), **FORM})).status_code == 303


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"abuse_reason": WORDS}, "Choisissez ce qui est abusif."),
        ({"ground": "he annoys me", "abuse_reason": WORDS}, "Choisissez ce qui est abusif."),
        ({"ground": "number", "abuse_reason": " \n"}, "Donnez le motif\xa0: des faits, des dates."),
        ({"ground": "number", "abuse_reason": "Trente messages &lt;par&gt; jour" * 50}, "Le motif dépasse"),
    ],
)
async def test_a_form_with_a_mistake_comes_back_open_with_its_words(karim, hall, by_phone, fields, form, says):
    page = await karim.get(f"/demandes/{by_phone.reference}")
    answer = await karim.post(f"/demandes/{by_phone.reference}/abus", data={**fields(page), **form})
    assert answer.status_code == 422
    assert answer.text.count(says) == 2, "in the summary and beside the field"
    assert not form["abuse_reason"].strip() or "Trente messages" in answer.text
    assert "<details open>" in answer.text.split('id="vivant"')[1]
    assert hall.publisher.published == []


@pytest.mark.parametrize("part", ["publisher", "vault", "messages", "audit", "cases"])
async def test_while_a_part_is_away_the_reason_is_kept(karim, hall, by_phone, fields, part):
    form = {**fields(await karim.get(f"/demandes/{by_phone.reference}")), **FORM}
    getattr(hall, part).away = True
    answer = await karim.post(f"/demandes/{by_phone.reference}/abus", data=form)
    assert answer.status_code == 503
    assert "Trente messages &lt;par&gt; jour" in answer.text
    assert hall.publisher.published == []


async def test_a_session_that_ended_while_typing_loses_no_reason(karim, hall, by_phone, fields):
    page = await karim.get(f"/demandes/{by_phone.reference}")
    karim.cookies.clear()
    answer = await karim.post(f"/demandes/{by_phone.reference}/abus", data={**fields(page), **FORM})
    assert answer.status_code == 401
    assert "Trente messages" in answer.text


async def test_a_case_without_a_receipt_says_who_decided_when_and_why(karim, hall, cases):
    case = await no_receipt(hall)
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "Aucun accusé de réception n’a été envoyé" in page
    assert "accusé non envoyé\xa0: envois déclarés abusifs le" in page
    assert "Karim Haddad, pour leur caractère répétitif ou systématique" in page
    assert "Trente messages &lt;par&gt; jour" in page
    assert STANDS in page
    assert "abus déclaré" in row_of(await karim.get("/demandes"), case)


async def test_a_tampered_reason_leaves_the_rest_of_the_page(karim, hall, cases):
    case = await no_receipt(hall)
    hall.cases.put(case.model_copy(update={"no_receipt": tampered(case.no_receipt)}))
    page = await karim.get(f"/demandes/{case.reference}")
    assert page.status_code == 200
    assert "elle a été altérée" in page.text


async def test_receipts_are_given_back_from_any_case_of_the_sender(karim, hall, cases, fields):
    case = await no_receipt(hall)
    page = await karim.get(f"/demandes/{case.reference}")
    for _ in range(2):
        answer = await karim.post(f"/demandes/{case.reference}/abus/levee", data=fields(page))
        assert answer.headers["location"] == f"/demandes/{case.reference}?fait=abus-leve"
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, LiftAbuse)
    assert (first.case_id, first.sector, first.event_id) == (case.case_id, case.sector, second.event_id)
    assert len([each for each in hall.audit.entries if each.act is Act.ABUSE_LIFTED]) == 2


@pytest.mark.parametrize("over", ["lapsed", "lifted", "of the sector that had the case before"])
async def test_what_is_over_may_be_declared_again(karim, hall, cases, over):
    ended = {"lapsed": {"until": hall.clock()}, "of the sector that had the case before": {"sector": "social"}}
    case = await no_receipt(hall, **ended.get(over, {}))
    if over == "lifted":
        hall.cases.put(case.model_copy(update={"abuse_lifted": True}))
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert STANDS not in page
    assert "Déclarer ces envois abusifs" in page
    assert "accusé non envoyé" in page, "it stays true of this case"
    assert "abus déclaré" not in row_of(await karim.get("/demandes"), case)


async def test_a_declaration_is_lifted_from_any_case_of_the_sender_once_its_own_has_left_the_sector(
    karim, hall, by_phone, fields
):
    """It stands where it was made, whatever becomes of the case on which it was."""
    gone = await hall.open_case("gone", department="ccas", sender=(phone(NUMBER),), channel="sms")
    who = {"at": hall.clock(), "by": AgentId("agent-12")}
    hall.happened(gone, HistoryEntry(case_id=gone.case_id, version=2, type="AbuseDeclared", state="number", **who))
    page = await karim.get(f"/demandes/{by_phone.reference}")
    assert "Rétablir les accusés" in page.text, "nobody in the sector can lift what stands there"
    await karim.post(f"/demandes/{by_phone.reference}/abus/levee", data=fields(page))
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(command, LiftAbuse)
    assert (command.case_id, command.sector) == (by_phone.case_id, by_phone.sector)


async def test_what_was_lifted_from_another_case_may_be_declared_again(karim, hall, by_phone):
    """This case learns it when its own lifting comes to nothing."""
    who = {"case_id": by_phone.case_id, "at": hall.clock(), "by": AgentId("agent-12")}
    history = (
        HistoryEntry(version=2, type="AbuseDeclared", state="number", **who),
        HistoryEntry(version=3, type="CommandRefused", state="not-declared", **who),
    )
    hall.happened(by_phone, *history, abuse_lifted=True, abusive_until=hall.clock() + timedelta(days=90))
    page = await karim.get(f"/demandes/{by_phone.reference}")
    assert "Déclarer ces envois abusifs" in page.text
    assert "aucune déclaration d’abus n’était en vigueur" in page.text
    assert "abus déclaré" not in row_of(await karim.get("/demandes"), by_phone)


@pytest.mark.parametrize(("left", "shown"), [(timedelta(0), False), (timedelta(seconds=1), True)])
async def test_a_declaration_that_lapsed_is_no_longer_in_the_list(karim, hall, by_phone, left, shown):
    hall.cases.put(by_phone.model_copy(update={"abusive_until": hall.clock() + left}))
    assert ("abus déclaré" in row_of(await karim.get("/demandes"), by_phone)) is shown


async def test_another_sector_learns_neither_who_declared_a_sender_nor_why(karim, hall, cases):
    case = await no_receipt(hall, sector="social")
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "Aucun accusé de réception n’a été envoyé" in page
    assert "accusé non envoyé" in page
    assert "Trente messages" not in page
    assert "envois déclarés abusifs le" not in page


async def test_a_mail_that_nobody_could_read_was_routed_by_no_missing_rule(karim, hall, cases):
    unread = RoutingReason(rule="unread", kind="fallback")
    case = await hall.open_case("unread", routing=unread)
    page = (await karim.get(f"/demandes/{case.reference}")).text
    assert "aucune règle ne convenait" not in page
    assert "message illisible, confié au service par défaut" in page


async def test_the_story_tells_of_the_decision_and_of_what_came_of_it(karim, hall, by_phone):
    at = hall.clock()
    reason = await hall.seal_reason(by_phone, "click", WORDS)
    who = {"case_id": by_phone.case_id, "at": at, "by": AgentId("agent-12")}
    history = (
        HistoryEntry(version=2, type="AbuseDeclared", state="number", reason=reason, reason_field="click", **who),
        HistoryEntry(version=3, type="CommandRefused", state="already-declared", **who),
        HistoryEntry(version=4, type="AbuseLifted", **who),
    )
    hall.happened(by_phone, *history, abuse_lifted=True, abusive_until=at + timedelta(days=90))
    page = (await karim.get(f"/demandes/{by_phone.reference}")).text
    assert "Karim Haddad a déclaré abusifs les envois de l’expéditeur, pour leur nombre" in page
    assert "Trente messages &lt;par&gt; jour" in page
    assert "les envois étaient déjà déclarés abusifs" in page
    assert "Karim Haddad a rétabli les accusés" in page
    assert "abus déclaré" not in row_of(await karim.get("/demandes"), by_phone)


async def test_the_question_comes_after_everything_else_and_is_closed(karim, by_mail):
    """A rare act must not compete with answering."""
    page = (await karim.get(f"/demandes/{by_mail.reference}")).text
    assert page.index("titre-reponse") < page.index("titre-usager") < page.index("Envois abusifs")
    assert "<details open>" not in page
