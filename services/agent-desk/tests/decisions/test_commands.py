"""Answering, handing over, closing: one command per decision, noted, confirmed, and nothing typed is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_desk.domain.decisions.decision import Decision
from guichet.contracts.case_commands import CloseCase, ReopenCase, RerouteCase, SendReply
from guichet.contracts.topics import CASE_COMMANDS
from guichet.contracts.unannounced import Unannounced
from guichet.ids import AgentId, CaseId
from guichet.runtime.telemetry.tracing import configure_tracing
from guichet.store.audit.trail import Act
from guichet.store.messages.document import Direction, OutboundContent
from guichet.vault.sealing import Thing, unseal
from guichet_testing.sealing import unseal_model

TEXT = "Bonjour,\r\nNous passons demain."


@pytest.fixture
async def page(karim, cases):
    return await karim.get(f"/demandes/{cases['lamp'].reference}")


async def test_an_answer_is_kept_sealed_then_asked_of_the_router(karim, hall, cases, page, fields):
    lamp = cases["lamp"]
    form = {**fields(page), "text": TEXT, "awaits_answer": "oui"}
    answer = await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    assert answer.headers["location"] == f"/demandes/{lamp.reference}?fait=reponse"
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(command, SendReply)
    assert (command.case_id, command.issued_by, command.awaits_answer) == (lamp.case_id, "agent-12", True)
    kept = hall.messages.messages[command.outbound_id]
    assert (kept.direction, kept.filed, kept.author) == (Direction.OUTBOUND, lamp.case_id, "agent-12")
    assert (kept.channel, kept.accounts, kept.sector) == (lamp.channel, (lamp.account,), lamp.sector)
    key = (await hall.vault.open_keys([kept.content.key_id]))[kept.content.key_id]
    content = unseal_model(key, Thing("message", kept.message_id), "content", kept.content, OutboundContent)
    assert content.text == "Bonjour,\nNous passons demain."
    assert "pris" in (await karim.get(answer.headers["location"])).text


async def test_a_double_click_is_one_command(karim, hall, cases, page, fields):
    form = {**fields(page), "text": TEXT}
    for _ in range(2):
        assert (await karim.post(f"/demandes/{cases['lamp'].reference}/reponse", data=form)).status_code == 303
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert first.event_id == second.event_id
    assert first.outbound_id == second.outbound_id
    assert (
        len([m for m in hall.messages.messages.values() if m.author == "agent-12" and m.filed == cases["lamp"].case_id])
        == 1
    )


async def test_the_same_words_on_a_new_page_are_a_new_command(karim, hall, cases, page, fields):
    again = await karim.get(f"/demandes/{cases['lamp'].reference}")
    for form in (fields(page), fields(again)):
        await karim.post(f"/demandes/{cases['lamp'].reference}/reponse", data={**form, "text": TEXT})
    assert len({command.event_id for command in hall.publisher.on(CASE_COMMANDS)}) == 2


@pytest.mark.parametrize("part", ["vault", "messages", "cases", "drafts"])
async def test_while_a_part_is_away_the_text_is_kept_and_sent_once_later(karim, hall, cases, page, fields, part):
    lamp, form = cases["lamp"], {**fields(page), "text": "Texte <précieux>", "awaits_answer": "oui"}
    getattr(hall, part).away = True
    answer = await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    assert answer.status_code == 503
    assert "Texte &lt;précieux&gt;" in answer.text
    assert hall.publisher.published == []
    getattr(hall, part).away = False
    await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    assert len(hall.publisher.on(CASE_COMMANDS)) == 1


@pytest.mark.parametrize("part", ["publisher", "audit"])
async def test_what_is_kept_to_leave_needs_no_second_click(karim, hall, cases, page, fields, part):
    lamp, form = cases["lamp"], {**fields(page), "text": "Texte <précieux>"}
    getattr(hall, part).away = True
    answer = await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    assert answer.status_code == 303
    if part == "publisher":
        assert "Votre réponse part…" in (await karim.get(answer.headers["location"])).text
    assert hall.publisher.published == []
    getattr(hall, part).away = False
    hall.drafts.lapse()
    await hall.leaving_answers().go_on()
    [command] = hall.publisher.on(CASE_COMMANDS)
    assert "Réponse prise en compte" in (await karim.get(answer.headers["location"])).text
    await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)  # by who did not believe it
    assert {each.event_id for each in hall.publisher.on(CASE_COMMANDS)} == {command.event_id}


async def test_a_case_is_handed_over_with_a_sealed_reason(karim, hall, cases, fields):
    hole = cases["hole"]
    form = {**fields(await karim.get(f"/demandes/{hole.reference}")), "department": "ccas", "reason": "Aide sociale"}
    answer = await karim.post(f"/demandes/{hole.reference}/transmission", data=form)
    assert answer.headers["location"] == f"/demandes?fait=transmission&de={hole.reference}"
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(command, RerouteCase)
    assert command.department == "ccas"
    key = (await hall.vault.open_keys([hole.subject.key_id]))[hole.subject.key_id]
    assert unseal(key, Thing("case", hole.case_id), command.event_id, command.reason) == b"Aide sociale"
    assert hole.reference in (await karim.get(answer.headers["location"])).text


async def test_a_case_without_subject_can_be_handed_over_too(karim, hall, cases, page, fields):
    form = {**fields(page), "department": "ccas", "reason": "Aide sociale"}
    await karim.post(f"/demandes/{cases['lamp'].reference}/transmission", data=form)
    (command,) = hall.publisher.on(CASE_COMMANDS)
    key = (await hall.vault.open_keys([command.reason.key_id]))[command.reason.key_id]
    reason = unseal(key, Thing("case", command.case_id), command.event_id, command.reason)
    assert reason == b"Aide sociale"


async def test_a_case_is_closed(karim, hall, cases, page, fields):
    answer = await karim.post(f"/demandes/{cases['lamp'].reference}/cloture", data=fields(page))
    assert answer.status_code == 303
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(command, CloseCase)
    assert command.case_id == cases["lamp"].case_id
    assert command.unannounced is None


@pytest.mark.parametrize("why", Unannounced)
async def test_a_citizen_may_be_left_unwritten_to_for_a_reason(karim, hall, cases, page, fields, why):
    said = {**fields(page), "unannounced": why.value}
    await karim.post(f"/demandes/{cases['lamp'].reference}/cloture", data=said)
    away = {**fields(await karim.get(f"/demandes/{cases['hole'].reference}")), "department": "ccas", "reason": "Aide"}
    await karim.post(f"/demandes/{cases['hole'].reference}/transmission", data={**away, "unannounced": why.value})
    again = fields(await karim.get(f"/demandes/{cases['closed'].reference}"))
    said = {**again, "reopening": "Pas fini", "unannounced": why.value}
    await karim.post(f"/demandes/{cases['closed'].reference}/reouverture", data=said)
    commands = hall.publisher.on(CASE_COMMANDS)
    assert [(type(each), each.unannounced) for each in commands] == [
        (CloseCase, why),
        (RerouteCase, why),
        (ReopenCase, why),
    ]


async def test_an_answer_behind_which_a_case_is_closed_says_so_and_nothing_else_does(karim, hall, cases, page, fields):
    form = {**fields(page), "text": "Réparé.", "then": "close"}
    await karim.post(f"/demandes/{cases['lamp'].reference}/reponse", data=form)
    hall.drafts.lapse()
    await hall.leaving_answers().go_on()
    reply, close = hall.publisher.on(CASE_COMMANDS)
    assert (reply.closes, close.unannounced, close.behind) == (True, Unannounced.SAID_BEFORE, reply.event_id)


@pytest.mark.parametrize(
    ("command", "form", "says", "keeps"),
    [
        ("reponse", {"text": " \n "}, "Écrivez la réponse.", None),
        ("reponse", {"text": "a" * 20_001}, "La réponse dépasse", "a" * 20_001),
        ("transmission", {"department": "voirie", "reason": "Motif"}, "Choisissez un autre service.", "Motif"),
        ("transmission", {"department": "nulle-part", "reason": "Motif"}, "Choisissez un autre service.", "Motif"),
        ("transmission", {"department": "ccas", "reason": " "}, "Donnez le motif", 'value="ccas" selected'),
        ("transmission", {"department": "ccas", "reason": "b" * 1_001}, "Le motif dépasse", "b" * 1_001),
    ],
)
async def test_a_form_with_a_mistake_comes_back_with_what_was_typed(
    karim, hall, cases, page, fields, command, form, says, keeps
):
    answer = await karim.post(f"/demandes/{cases['lamp'].reference}/{command}", data={**fields(page), **form})
    assert answer.status_code == 422
    assert answer.text.count(says) == 2, "in the summary and beside the field"
    assert 'aria-invalid="true"' in answer.text
    assert keeps is None or keeps in answer.text
    assert hall.publisher.published == []


@pytest.mark.parametrize("path", ["/connexion", "/connexion/code", "/demandes/{reference}/reponse"])
@pytest.mark.parametrize("named", ["punycode", "idna", "text"])
async def test_no_form_chooses_how_it_is_decoded(karim, cases, path, named):
    """Some of Python's codecs take the square of a field's length, on the loop that all agents share."""
    body = b'--x\r\nContent-Disposition: form-data; name="a-"\r\n\r\nb-c\r\n--x--\r\n'
    headers = {"content-type": f"multipart/form-data; boundary=x; charset={named}"}
    answer = await karim.post(path.format(reference=cases["lamp"].reference), content=body, headers=headers)
    assert answer.status_code == 415


async def test_every_command_is_noted_before_it_is_given(karim, hall, cases, page, fields):
    form = {**fields(page), "text": TEXT, "department": "ccas", "reason": "Motif"}
    for command in ("reponse", "transmission", "cloture"):
        await karim.post(f"/demandes/{cases['lamp'].reference}/{command}", data=form)
    noted = [entry for entry in hall.audit.entries if entry.act in (Act.REPLIED, Act.REROUTED, Act.CLOSED)]
    issued = [command.event_id for command in hall.publisher.on(CASE_COMMANDS)]
    assert [entry.things for entry in noted] == [(cases["lamp"].case_id, event_id) for event_id in issued]
    assert "passons" not in "".join(entry.model_dump_json() for entry in noted)


async def test_a_form_that_is_not_from_this_browser_does_nothing(karim, sign_in, hall, cases, page, fields):
    other = await sign_in("helene.vasseur")
    form = {**fields(page), "text": "Ne pas perdre"}
    answer = await other.post(f"/demandes/{cases['lamp'].reference}/reponse", data=form)
    assert answer.status_code == 403
    assert "Ne pas perdre" in answer.text
    assert hall.publisher.published == []


async def test_a_session_that_ended_while_typing_loses_no_text(karim, hall, cases, page, fields):
    karim.cookies.clear()
    form = {**fields(page), "text": "Ne pas perdre"}
    answer = await karim.post(f"/demandes/{cases['lamp'].reference}/reponse", data=form)
    assert answer.status_code == 401
    assert "Ne pas perdre" in answer.text
    assert hall.publisher.published == []


async def test_a_closed_case_offers_no_forms(karim, cases):
    page = (await karim.get(f"/demandes/{cases['closed'].reference}")).text
    assert '/reponse"' not in page
    assert "est close\xa0: elle se lit" in page


@given(st.tuples(*[st.text()] * 5), st.tuples(*[st.text()] * 5))
def test_decisions_that_differ_in_anything_are_different_commands(one, other):
    first, second = (Decision(AgentId(v[0]), CaseId(v[1]), *v[2:]) for v in (one, other))
    assert (first.command_id == second.command_id) == (one == other)
    assert (first.outbound_id == second.outbound_id) == (one == other)


async def test_a_command_begins_a_trace(karim, hall, cases, page, fields):
    configure_tracing()
    await karim.post(f"/demandes/{cases['lamp'].reference}/cloture", data=fields(page))
    (record,) = hall.publisher.records
    assert "traceparent" in dict(record.headers)
