"""An agent says what a case is, having seen which receipt that lets leave, or that this was a mistake."""

import re
from datetime import timedelta

import pytest

from guichet.case.history import HistoryEntry
from guichet.contracts.case_commands import StateFact
from guichet.contracts.legal_facts import STATED_BY_AGENTS, FactKind, StatedFact
from guichet.contracts.topics import CASE_COMMANDS
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.store.audit.trail import Act
from guichet.store.cases.fields import REASON
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.clocked_town import SIGN, TERRACE
from guichet_testing.builders.tampered import tampered

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


THREAT = "Il écrit : « je sais où vous habitez ». Appel du 24 novembre à 9 h 12, entendu par deux collègues."


async def nature_form(browser, case, fields, nature, why=None):
    """What the form says, having seen what leaves."""
    page = await browser.get(f"/demandes/{case.reference}/delais?kind=qualified&value={nature}")
    suite = page.text.split('id="nature-dite-suite"')[1]
    seen = suite.split('name="leaves" value="')[1].split('"')[0]
    form = {**fields(page), "kind": "qualified", "value": nature, "leaves": seen}
    return form if why is None else {**form, "why": why}


@pytest.mark.parametrize("nature", ["anonymous", "threatening"])
@pytest.mark.parametrize(
    ("why", "told"),
    [
        (None, "Écrivez ce qui montre que le message est anonyme ou menaçant."),
        (" \n", "Écrivez ce qui montre que le message est anonyme ou menaçant."),
        ("x" * 1_001, "Le motif dépasse 1 000 caractères : raccourcissez-le."),
    ],
)
async def test_a_threat_is_not_one_without_what_shows_it(karim, hall, cases, fields, nature, why, told):
    case = put(hall, cases["hole"])
    answer = await karim.post(stating(case), data=await nature_form(karim, case, fields, nature, why))
    assert answer.status_code == 422
    text = answer.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert text.count(told) == 2, "beside the field, and above, with a link to it"
    assert f'<option value="{nature}" selected>' in text
    assert (why or "").strip() in text
    assert hall.publisher.on(CASE_COMMANDS) == []


async def test_what_shows_a_threat_is_sealed_under_the_cases_key(karim, hall, cases, fields):
    case = put(hall, cases["hole"])
    form = await nature_form(karim, case, fields, "threatening", f" {THREAT} ")
    for _ in range(2):
        assert (await karim.post(stating(case), data=form)).status_code == 303
    command, again = hall.publisher.on(CASE_COMMANDS)
    assert (command.fact.nature, command.event_id) == ("threatening", again.event_id)
    key = (await hall.vault.open_keys([command.reason.key_id]))[command.reason.key_id]
    assert REASON.called(command.event_id).open(key, case.case_id, command.reason) == THREAT


async def test_words_about_another_nature_are_kept_and_not_asked_for(karim, hall, cases, fields):
    case = put(hall, cases["hole"])
    for why in ("", "Il se plaint d’un retard."):
        form = await nature_form(karim, case, fields, "complaint", why)
        assert (await karim.post(stating(case), data=form)).status_code == 303
    without, with_words = hall.publisher.on(CASE_COMMANDS)
    assert (without.reason is None, with_words.reason is None) == (True, False)
    assert without.event_id != with_words.event_id


@pytest.mark.parametrize("problem", ["refused", "away"])
async def test_what_was_written_of_a_threat_is_not_lost(karim, hall, cases, fields, problem):
    known = StatedFact(event="procedure-confirmed", at=ARRIVED, procedure=TERRACE)  # which may be withdrawn
    case = put(hall, cases["hole"], facts=(known,))
    form = await nature_form(karim, case, fields, "threatening", THREAT)
    if problem == "refused":
        hall.publisher.refuses = "same-fact"
    else:
        hall.publisher.away = True
    answer = await karim.post(stating(case), data=form)
    assert answer.status_code == (409 if problem == "refused" else 503)
    typed = answer.text.split('id="why"')[1].split(">", 1)[1].split("</textarea>")[0]
    assert typed.replace("\u00a0", " ") == THREAT
    assert answer.text.count(THREAT) == 1, "it stands in the field for another reason, too"


async def said(hall, case, nature, why, *, version=90, at=ARRIVED):
    """A nature that an agent said, as the router notes it; what it was said with."""
    key = (await hall.vault.open_keys([case.subject.key_id]))[case.subject.key_id]
    cause = f"{nature} {version}"
    hall.history.put(
        HistoryEntry(
            case_id=case.case_id,
            version=version,
            type="FactStated",
            at=at,
            by="lea.martin",
            cause=cause,
            state="qualified",
            code=nature,
            reason=REASON.called(cause).seal(key, case.case_id, why),
            reason_field=cause,
        )
    )
    return StatedFact.model_validate({"event": "qualified", "at": at, "nature": nature})


async def test_what_shows_a_threat_stands_beside_it_with_its_author(karim, hall, cases):
    fact = await said(hall, cases["hole"], "threatening", THREAT)
    put(hall, cases["hole"], facts=(fact,))
    page = (await karim.get(f"/demandes/{cases['hole'].reference}/delais")).text.replace("\u00a0", " ")
    [shown] = re.findall(r'<p class="after">(.*?)</p>', page)
    assert "nature : Message menaçant" in shown
    assert THREAT in shown
    assert Act.READ in {each.act for each in hall.audit.entries if each.thing == "clocks"}


@pytest.mark.parametrize("owes", [True, False])
async def test_who_may_withdraw_a_threat_reads_what_goes_with_it(karim, hall, cases, owes):
    fact = await said(hall, cases["hole"], "threatening", THREAT)
    put(hall, cases["hole"], facts=(fact,), owes_erasure=owes)
    page = (await karim.get(f"/demandes/{cases['hole'].reference}/delais")).text
    assert ("elle est effacée pour de bon" in page) is owes


async def test_what_showed_a_nature_that_was_withdrawn_stands_nowhere_beside(karim, hall, cases):
    fact = await said(hall, cases["hole"], "threatening", THREAT)
    withdrawn = StatedFact(event="withdrawn", at=ARRIVED, what=fact)
    put(hall, cases["hole"], facts=(fact, withdrawn))
    assert THREAT not in (await karim.get(f"/demandes/{cases['hole'].reference}/delais")).text
    complaint = StatedFact.model_validate({"event": "qualified", "at": ARRIVED, "nature": "complaint"})
    put(hall, cases["hole"], facts=(complaint, fact, withdrawn))
    assert THREAT not in (await karim.get(f"/demandes/{cases['hole'].reference}/delais")).text


async def test_what_shows_a_threat_outlives_what_was_said_since_by_mistake(karim, hall, cases):
    fact = await said(hall, cases["hole"], "threatening", THREAT)
    since = []
    for version, (nature, words) in enumerate([("complaint", "Un retard."), ("threatening", "D’autres mots.")], 91):
        later = ARRIVED + timedelta(hours=version)
        told = await said(hall, cases["hole"], nature, words, version=version, at=later)
        since += [told, StatedFact(event="withdrawn", at=later + timedelta(minutes=1), what=told)]
        put(hall, cases["hole"], facts=(fact, *since))
        page = (await karim.get(f"/demandes/{cases['hole'].reference}/delais")).text.replace("\u00a0", " ")
        assert THREAT in page
        assert words not in page


async def test_what_shows_a_threat_and_was_tampered_with_says_so(karim, hall, cases):
    fact = await said(hall, cases["hole"], "threatening", THREAT)
    [entry] = [each for each in hall.history.of(cases["hole"].case_id) if each.code == "threatening"]
    hall.history.put(entry.model_copy(update={"reason": tampered(entry.reason)}))
    put(hall, cases["hole"], facts=(fact,))
    clear_alarm(Alarm.TAMPERED, "case")
    page = (await karim.get(f"/demandes/{cases['hole'].reference}/delais")).text
    assert "elle a été altérée" in page
    assert THREAT not in page
    clear_alarm(Alarm.TAMPERED, "case")


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
