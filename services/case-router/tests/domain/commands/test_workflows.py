"""A case goes through the steps of its procedure, as they were when it was confirmed, whatever the town says later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guichet.case.workflow import begun, progress_of
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, MarkTask, RerouteCase, StateFact
from guichet.contracts.case_events import CommandRefused, StepReached, TaskMarked, WorkflowBegun
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.town.procedure_steps import StepEntry, frozen_steps
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import CONTACT, mail_content, sealed_message
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
PROCEDURE = "arrete-circulation"
FIVE = ("dossier", "avis", "arrete", "panneaux", "controle")


def step(name, *tasks, **own):
    listed = [{"name": each, "label": each} for each in tasks]
    return StepEntry.model_validate({"name": name, "label": name, "tasks": listed, **own})


def with_steps(town, *steps):
    procedures = {**town.procedures, PROCEDURE: town.procedures[PROCEDURE].model_copy(update={"steps": steps})}
    return replace(town, procedures=procedures)


def about(case, name):
    return {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER, "event_id": name}


def stating(case, event, name=None, **own):
    return StateFact(**about(case, name or f"{event}-{case.case_id}"), fact=StatedFact(event=event, at=LATER, **own))


def marking(case, task, *, is_done=True, name=None, workflow=None):
    version = workflow or case.workflow.frozen.version
    said = {"workflow": version, "task": task, "is_done": is_done}
    return MarkTask(**about(case, name or f"{task}-{is_done}-{case.case_id}"), **said)


@pytest.fixture
async def mail(world):
    world.rights = rights_in(world.town.departments, "lea")
    world.now = LATER
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    department = world.town.procedures[PROCEDURE].department
    there = {"department": department, "sector": world.town.sector_of(department)}
    world.cases.cases[world.case_of(mail).case_id] = world.case_of(mail).model_copy(update=there)
    return mail


@pytest.fixture
async def case(world, mail):
    await world.take(stating(world.case_of(mail), "procedure-confirmed", procedure=PROCEDURE))
    return world.case_of(mail)


def of(world, case, *kinds):
    return [each for each in world.published(case) if isinstance(each, kinds)]


def refusals(world, case):
    return [each.why for each in of(world, case, CommandRefused)]


async def test_the_steps_begin_as_the_procedure_is_confirmed_and_go_with_the_event(world, case):
    [begun] = of(world, case, WorkflowBegun)
    assert begun.workflow == world.town.workflow_of(PROCEDURE) == case.workflow.frozen
    assert [each.name for each in begun.workflow.steps] == [*FIVE]
    assert (begun.step, case.workflow.step) == ("dossier", "dossier")
    world.check()


async def test_a_task_ends_its_step_and_the_next_begins(world, mail, case):
    await world.take(marking(case, "lieu-et-dates"))
    case = world.case_of(mail)
    [marked], [reached] = of(world, case, TaskMarked), of(world, case, StepReached)
    assert (marked.by, marked.task, marked.is_done) == ("lea", "lieu-et-dates", True)
    assert (reached.from_step, reached.step, case.workflow.step) == ("dossier", "avis", "avis")
    assert [(each.task, each.by, each.at) for each in case.workflow.done] == [("lieu-et-dates", "lea", LATER)]
    world.check()


async def test_a_task_that_is_open_again_leads_back(world, mail, case):
    await world.take_one_by_one(marking(case, "lieu-et-dates"), marking(case, "lieu-et-dates", is_done=False))
    assert (world.case_of(mail).workflow.step, world.case_of(mail).workflow.done) == ("dossier", ())
    world.check()


async def test_the_same_command_again_changes_nothing(world, mail, case):
    command = marking(case, "lieu-et-dates")
    await world.take_one_by_one(command, command)
    assert len(of(world, case, TaskMarked)) == len(of(world, case, StepReached)) == 1
    world.check()


async def test_a_fact_that_is_stated_ends_its_step_and_one_that_is_withdrawn_begins_it_again(world, mail, case):
    complete = stating(case, "file-complete")
    await world.take(marking(case, "lieu-et-dates"), complete)
    assert world.case_of(mail).workflow.step == "arrete", "the opinion is not asked for, once the file is complete"
    withdrawn = stating(case, FactKind.WITHDRAWN, what=complete.fact)
    await world.take(withdrawn)
    assert world.case_of(mail).workflow.step == "avis"
    world.check()


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"task": "nothing-such"}, "unknown-task"),
        ({"task": "lieu-et-dates", "workflow": "another"}, "unknown-task"),
        ({"task": "lieu-et-dates", "is_done": False}, "same-task"),
    ],
)
async def test_what_makes_no_sense_is_refused(world, mail, case, own, why):
    await world.take(marking(case, **own))
    assert refusals(world, case) == [why]
    assert world.case_of(mail).workflow == case.workflow


async def test_no_task_of_a_closed_case_is_marked(world, mail, case):
    await world.take_one_by_one(CloseCase(**about(case, "close")), marking(case, "lieu-et-dates"))
    assert refusals(world, case) == ["case-closed"]


async def test_two_agents_who_mark_tasks_do_not_overtake_each_other(world, mail, case):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    shown = {"shown": case.newest_said}
    one = marking(case, "rediger").model_copy(update=shown)
    other = marking(case, "signer").model_copy(update={**shown, "issued_by": "karim"})
    await world.take_one_by_one(one, other)
    assert {(each.task, each.by) for each in world.case_of(mail).workflow.done} == {
        ("rediger", "lea"),
        ("signer", "karim"),
    }


async def test_another_department_takes_no_steps_over(world, mail, case):
    reason = Sealed(key_id="k", box=b"words")
    await world.take(RerouteCase(**about(case, "away"), department="voirie", reason=reason))
    assert world.case_of(mail).workflow is None


async def test_confirmed_anew_after_it_was_handed_over_and_back_they_begin_anew(world, mail, case):
    reason = Sealed(key_id="k", box=b"words")
    for nth, department in enumerate(("voirie", case.department)):
        await world.take(RerouteCase(**about(world.case_of(mail), f"way-{nth}"), department=department, reason=reason))
    await world.take(stating(world.case_of(mail), "procedure-confirmed", "anew", procedure=PROCEDURE))
    assert (world.case_of(mail).workflow.step, refusals(world, case)) == ("dossier", [])
    await world.take(stating(world.case_of(mail), "procedure-confirmed", "again", procedure=PROCEDURE))
    assert refusals(world, case) == ["same-fact"]


async def test_what_is_withdrawn_ends_its_steps_and_a_procedure_without_any_begins_none(world, mail, case):
    confirmed = next(each for each in case.facts if each.event is FactKind.PROCEDURE_CONFIRMED)
    await world.take(stating(case, FactKind.WITHDRAWN, what=confirmed))
    assert world.case_of(mail).workflow is None
    await world.take(stating(case, "procedure-confirmed", "other", procedure="terrasse"))
    assert world.case_of(mail).workflow is None
    world.check()


async def test_a_case_that_began_without_steps_gets_none_when_the_town_writes_some(world, mail, case):
    written, world.town = world.town, with_steps(world.town)
    other = await world.mail("o", "bob@courriel.example")
    await world.take(other)
    there = {"department": case.department, "sector": case.sector}
    world.cases.cases[world.case_of(other).case_id] = world.case_of(other).model_copy(update=there)
    await world.take(stating(world.case_of(other), "procedure-confirmed", procedure=PROCEDURE))
    world.town = written
    await world.take(stating(world.case_of(other), "file-complete"))
    assert world.case_of(other).workflow is None


async def test_what_an_answer_did_is_followed_with_what_is_next_decided_and_not_by_the_report(world, mail, case):
    steps = (step("one", ends_on="rights-answered"), step("two", "look"))
    run = begun(frozen_steps(PROCEDURE, steps, {}), (), by_hand=False)
    left = {"leaving": {"words": StatedFact(event="rights-answered", at=LATER)}, "workflow": run}
    world.cases.cases[case.case_id] = case.model_copy(update=left)
    report = {"event_id": "r", "occurred_at": LATER, "case_id": case.case_id, "outbound_id": "words"}
    await world.take(DeliveryChanged(**report, purpose="reply", channel="email", state="sent"))
    there = world.case_of(mail)
    assert progress_of(there.workflow, there.facts).current.name == "two"
    assert (there.workflow.step, of(world, case, StepReached)) == ("one", [])
    await world.take(stating(there, "priority-given", priority="urgent"))
    [reached] = of(world, case, StepReached)
    assert (reached.step, world.case_of(mail).workflow.step) == ("two", "two")


async def test_what_is_entered_by_hand_begins_at_once(world):
    world.now = LATER
    by_hand = {"channel": "letter", "accounts": (CONTACT,), "entered_by": "lea", "procedure": PROCEDURE}
    letter = await sealed_message(
        world.vault, "l", mail_content("alice@courriel.example", message_id="l@courriel.example"), **by_hand
    )
    await world.take(letter)
    case = world.case_of(letter)
    [begun] = of(world, case, WorkflowBegun)
    assert (begun.caused_by, case.workflow.frozen.procedure) == (letter.message_id, PROCEDURE)
    assert progress_of(case.workflow, case.facts).current.name == "dossier"
    world.check()
