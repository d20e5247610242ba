"""An agent says what a case is, having seen which receipt that lets leave, or that this was a mistake."""

import re

import pytest

from guichet.contracts.case_commands import StateFact
from guichet.contracts.legal_facts import STATED_BY_AGENTS, FactKind, StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.store.audit.trail import Act
from guichet.store.cases.fields import REASON
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import SIGN, TERRACE

WHY = "Confondue avec la demande du voisin."


def put(hall, case, **kept):
    now = case.model_copy(update={"received_at": ARRIVED, **kept})
    hall.cases.put(now)
    return now


def leaves_in(page):
    return page.text.split('name="leaves" value="')[1].split('"')[0]


def stating(case):
    return f"/demandes/{case.reference}/qualification"


async def test_a_proposed_procedure_is_confirmed_by_one_button(karim, hall, cases, fields):
    case = put(hall, cases["hole"], procedure=TERRACE)
    page = await karim.get(f"/demandes/{case.reference}")
    text = page.text.replace("\u00a0", " ")
    assert "Confirmer : Terrasse sur le domaine public</button>" in text
    assert "Un accusé de réception complet partira : le silence vaut rejet le dimanche 24 janvier 2027." in text
    form = {"kind": "procedure-confirmed", "value": TERRACE, "leaves": leaves_in(page)}
    for _ in range(2):
        assert (await karim.post(stating(case), data={**fields(page), **form})).status_code == 303
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert isinstance(first, StateFact)
    assert first.fact == StatedFact(event="procedure-confirmed", at=first.occurred_at, procedure=TERRACE)
    assert first.event_id == second.event_id
    assert [each.act for each in hall.audit.entries].count(Act.FACT_STATED) == 2


async def test_what_was_not_seen_to_leave_is_shown_before_it_is_told(karim, hall, cases, fields):
    case = put(hall, cases["hole"])
    page = await karim.get(f"/demandes/{case.reference}")
    form = {**fields(page), "kind": "procedure-confirmed", "value": SIGN}
    answer = await karim.post(stating(case), data=form)
    assert answer.status_code == 422
    text = answer.text.replace("\u00a0", " ")
    assert "Lisez ce qui partira, puis confirmez." in text
    assert "l’accusé de réception partira incomplet le mardi 8 décembre 2026." in text
    assert hall.publisher.on(CASE_COMMANDS) == []
    answer = await karim.post(stating(case), data={**form, **fields(answer), "leaves": leaves_in(answer)})
    assert answer.status_code == 303
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert command.fact.procedure == SIGN


async def test_a_choice_shows_at_once_what_leaves(karim, hall, cases):
    case = put(hall, cases["hole"])
    part = await karim.get(
        f"/demandes/{case.reference}/delais?kind=qualified&value=information", headers={"HX-Request": "true"}
    )
    assert "Un accusé de réception complet partira, sans mention du silence" in part.text
    assert 'id="nature-dite-suite"' in part.text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("procedure-confirmed", "aide-sociale"),  # another department's
        ("procedure-confirmed", ""),
        ("qualified", "nothing"),
        ("priority-given", "urgent"),  # of no procedure yet
        ("answered", "x"),
    ],
)
async def test_what_cannot_be_told_is_not(karim, hall, cases, fields, kind, value):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    answer = await karim.post(stating(cases["hole"]), data={**fields(page), "kind": kind, "value": value})
    assert answer.status_code == 422
    assert "Choisissez dans la liste." in answer.text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_a_priority_is_given_among_the_procedures_targets(karim, hall, cases, fields):
    known = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=TERRACE)
    case = put(hall, cases["hole"], facts=(known,))
    page = await karim.get(f"/demandes/{case.reference}")
    form = {**fields(page), "kind": "priority-given", "value": "urgent"}
    assert (await karim.post(stating(case), data=form)).status_code == 303
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert command.fact.priority == "urgent"


async def test_a_mistake_is_withdrawn_with_its_reason_sealed(karim, hall, cases, fields):
    known = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=TERRACE)
    case = put(hall, cases["hole"], facts=(known,))
    page = await karim.get(f"/demandes/{case.reference}/delais")
    mark = page.text.split('name="what" value="')[1].split('"')[0]
    form = {**fields(page), "what": mark}
    refused = await karim.post(f"{stating(case)}/retrait", data={**form, "withdrawal": " "})
    assert refused.status_code == 422
    assert "Donnez le motif du retrait." in refused.text
    assert hall.publisher.on(CASE_COMMANDS) == []
    assert (await karim.post(f"{stating(case)}/retrait", data={**form, "withdrawal": WHY})).status_code == 303
    (command,) = hall.publisher.on(CASE_COMMANDS)
    assert (command.fact.event, command.fact.what) == (FactKind.WITHDRAWN, known)
    key = (await hall.vault.open_keys([command.reason.key_id]))[command.reason.key_id]
    assert REASON.called(command.event_id).open(key, case.case_id, command.reason) == WHY


async def test_of_two_pieces_of_one_day_the_one_that_was_chosen_is_withdrawn(karim, hall, cases, fields):
    came = tuple(StatedFact(event="piece-arrived", at=ARRIVED, piece=piece) for piece in ("plan", "mandat"))
    case = put(hall, cases["hole"], facts=came)
    page = await karim.get(f"/demandes/{case.reference}/delais")
    for mark in re.findall(r'name="what" value="(\w+)"', page.text):
        form = {**fields(page), "what": mark, "withdrawal": WHY}
        assert (await karim.post(f"{stating(case)}/retrait", data=form)).status_code == 303
    given = {each.event_id: each.fact.what for each in hall.publisher.on(CASE_COMMANDS)}
    assert (*given.values(),) == came


def one_of_each(town):
    piece = {"name": "plan", "required_by": "règlement"}
    borne = {
        "procedure-confirmed": {"procedure": TERRACE},
        "qualified": {"nature": "request"},
        "priority-given": {"priority": "urgent"},
        "pieces-asked-for": {"asked": {"pieces": [piece], "until": "2026-12-20"}},
        "piece-arrived": {"piece": next(iter(town.procedures[TERRACE].clocks[0].pieces), "plan")},
        "decision-taken": {"decision": {"outcome": "partly-granted", "words": "n"}},
        "decision-notified": {"way": "handed-over"},
        "transferred": {"to": "Conseil départemental"},
        "rights-extended": {"asked_on": "2026-11-24"},
    }
    kinds = sorted(STATED_BY_AGENTS)
    return [StatedFact.model_validate({"event": kind, "at": ARRIVED, **borne.get(kind, {})}) for kind in kinds]


async def test_whatever_was_told_may_be_withdrawn_and_is_named_in_words(karim, hall, cases):
    facts = one_of_each(hall.town)
    case = put(hall, cases["hole"], facts=tuple(facts))
    page = (await karim.get(f"/demandes/{case.reference}/delais")).text.replace("\u00a0", " ")
    asked = [each.rpartition(" (")[0] for each in re.findall(r'<label for="retrait-\d+">(.*?)</label>', page)]
    assert len(set(asked)) == len(STATED_BY_AGENTS) == 14
    assert not {kind.value for kind in STATED_BY_AGENTS} & {*asked}
    for words in (
        "décision expresse : demande acceptée en partie",
        "décision notifiée : remise en main propre",
        "transmise à une autre administration : Conseil départemental",
        "dossier complet",
    ):
        assert words in asked


async def test_what_is_gone_cannot_be_withdrawn(karim, hall, cases, fields):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    form = {**fields(page), "what": "0" * 32, "withdrawal": WHY}
    answer = await karim.post(f"{stating(cases['hole'])}/retrait", data=form)
    assert answer.status_code == 422
    assert "Choisissez ce qui était une erreur." in answer.text


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("unknown-procedure", "ce service ne traite pas, ou plus, cette démarche"),
        ("same-fact", "c’était déjà dit"),
        ("unknown-fact", "ce qui devait être retiré ne vaut plus"),
        ("too-many-facts", "trop de choses ont déjà été dites"),
    ],
)
async def test_a_refusal_is_in_words(karim, hall, cases, fields, why, told):
    case = put(hall, cases["hole"], procedure=TERRACE)
    page = await karim.get(f"/demandes/{case.reference}")
    hall.publisher.refuses = why
    form = {"kind": "procedure-confirmed", "value": TERRACE, "leaves": leaves_in(page)}
    answer = await karim.post(stating(case), data={**fields(page), **form})
    assert answer.status_code == 409
    assert "La qualification n’a pas changé" in answer.text
    assert told in answer.text


async def test_what_the_page_told_when_it_was_opened_is_what_its_author_was_shown(karim, hall, cases):
    asked = {"HX-Request": "true"}
    page = await karim.get(f"/demandes/{cases['hole'].reference}/delais?shown=before", headers=asked)
    assert 'name="shown" value="before"' in page.text
