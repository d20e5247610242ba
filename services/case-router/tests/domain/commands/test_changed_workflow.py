"""A procedure of five steps is changed while 1,000 cases go through it: each ends by the steps that it began."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from case_router.domain.batch_context import BatchContext
from case_router.domain.commands.decide import DecideCommand
from case_router.domain.reckoner import Reckoner
from guichet.case.case import Case
from guichet.case.workflow import progress_of
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import MarkTask, StateFact
from guichet.contracts.case_events import CommandRefused, StepReached, TaskMarked, WorkflowBegun
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId
from guichet.store.notes import Note
from guichet.town.procedure_steps import StepEntry
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.inbound import mail_content, sealed_message
from guichet_testing.twins.store.agents.rights import rights_in

PROCEDURE, CASES = "arrete-circulation", 1_000
FIVE = ("dossier", "avis", "arrete", "panneaux", "controle")
TASKS = {"lieu-et-dates", "avis-rendu", "affichage", "constat"}  # the third step ends on a decision
CHANGED = [
    {"name": "guichet", "label": "Nouveau premier pas", "tasks": [{"name": "accueil", "label": "Accueillir"}]},
    {"name": "dossier", "label": "Dossier", "tasks": [{"name": "lieu-et-dates", "label": "Autrement"}]},
    {"name": "fin", "label": "Fin", "ends_on": "answered"},
]
SEALED = Sealed(key_id="k", box=b"words")
DECIDED = StatedFact.model_validate(
    {"event": "decision-taken", "at": ARRIVED, "decision": {"outcome": "granted", "words": "note"}}
)


class TownHall:
    """Agents who decide, by the very functions of the router, with the files of the town as they are by then."""

    def __init__(self, town):
        self.town, self.reckoner, self.clicks = town, Reckoner(town), 0
        [self.rights] = rights_in(town.departments, "lea").rights.values()

    def decide(self, case, kind, **said):
        self.clicks += 1
        about = {"case_id": case.record.case_id, "issued_by": "lea", "occurred_at": ARRIVED}
        command = kind(event_id=f"click-{self.clicks}", **about, **said)
        words = Note(_id="note", case_id=case.record.case_id, author="lea", at=ARRIVED, words=SEALED)
        context = BatchContext(rights={"lea": (self.rights,)}, notes={"note": words})
        DecideCommand(context, self.town, None, self.reckoner, ARRIVED).decide(case, command)
        return case

    def begin(self, nth):
        there = {"department": self.town.procedures[PROCEDURE].department, "received_at": ARRIVED}
        there["sector"] = self.town.sector_of(there["department"])
        case = Case(a_case(CaseId(f"case-{nth}")).model_copy(update=there))
        fact = StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=ARRIVED, procedure=PROCEDURE)
        return self.decide(case, StateFact, fact=fact)

    def mark(self, case, task):
        version = case.record.workflow.frozen.version
        return self.decide(case, MarkTask, workflow=version, task=task, is_done=True)

    def one_more(self, case):
        """Do what the step asks for at which a case is; return whether there was anything."""
        step = progress_of(case.record.workflow, case.record.facts).current
        if step is None:
            return False
        if step.ends_on:
            self.decide(case, StateFact, fact=DECIDED)
        else:
            done = {each.task for each in case.record.workflow.done}
            self.mark(case, next(task.name for task in step.tasks if task.name not in done))
        return True


def events_of(case):
    return [CASE_EVENTS.events.validate_python(each.event) for each in case.record.outbox]


@pytest.fixture(scope="module")
def lived(town):
    """1,000 cases begun by five steps and somewhere among them when the file changed, then one more, then all ended."""
    chance, hall = random.Random(110), TownHall(town)
    cases = [hall.begin(nth) for nth in range(CASES)]
    reached = [sum(hall.one_more(case) for _ in range(chance.randrange(6))) for case in cases]
    steps = tuple(StepEntry.model_validate(each) for each in CHANGED)
    changed = town.procedures[PROCEDURE].model_copy(update={"steps": steps})
    hall.town = replace(town, procedures={**town.procedures, PROCEDURE: changed})
    newcomer = hall.begin(CASES)
    for case in cases:
        while hall.one_more(case):
            pass
    return hall, town, cases, reached, newcomer


def test_each_ends_by_the_five_steps_that_it_began(lived):
    _, town, cases, reached, _ = lived
    assert {*reached} == {*range(6)}, "some had not gone on at all, some were through"
    began = town.workflow_of(PROCEDURE)
    for case in cases:
        run = case.record.workflow
        assert (run.frozen, run.step) == (began, None)
        assert {each.task for each in run.done} == TASKS
        events = events_of(case)
        [begun] = [each for each in events if isinstance(each, WorkflowBegun)]
        assert begun.workflow == began
        assert [begun.step, *(each.step for each in events if isinstance(each, StepReached))] == [*FIVE, None]
        assert {each.task for each in events if isinstance(each, TaskMarked)} == TASKS
        assert not any(isinstance(each, CommandRefused) for each in events)


def test_who_comes_after_the_change_goes_by_the_new_steps_and_no_other_task_is_taken(lived):
    hall, town, cases, _, newcomer = lived
    assert newcomer.record.workflow.frozen == hall.town.workflow_of(PROCEDURE) != town.workflow_of(PROCEDURE)
    assert newcomer.record.workflow.step == "guichet"
    hall.decide(
        newcomer, MarkTask, workflow=cases[0].record.workflow.frozen.version, task="lieu-et-dates", is_done=True
    )
    assert events_of(newcomer)[-1].why == "unknown-task"


def test_a_case_keeps_some_kilobyte_of_its_steps(lived):
    _, _, [case, *_], _, _ = lived
    assert len(case.record.workflow.frozen.model_dump_json()) < 2_048


WHOLE = 40  # cases through the whole router, each command twice; 1,000 take a minute


async def test_through_the_whole_router_too_where_each_command_comes_twice(new_world, town):
    world = new_world()
    world.now = ARRIVED + timedelta(hours=1)
    by_hand = {"channel": "letter", "entered_by": "lea", "procedure": PROCEDURE}
    letters = [
        await sealed_message(
            world.vault, f"l{nth}", mail_content("a@b.example", message_id=f"{nth}@b.example"), **by_hand
        )
        for nth in range(WHOLE)
    ]
    await world.take(*letters)
    for nth, letter in enumerate(letters):
        await mark_some(world, letter, nth % 4)
    steps = tuple(StepEntry.model_validate(each) for each in CHANGED)
    changed = town.procedures[PROCEDURE].model_copy(update={"steps": steps})
    world.town = replace(town, procedures={**town.procedures, PROCEDURE: changed})
    for letter in letters:
        await mark_some(world, letter, 4)
    for letter in letters:
        run = world.case_of(letter).workflow
        assert (run.frozen, run.step) == (town.workflow_of(PROCEDURE), "arrete"), "which waits for a decision"
        reached = [each.step for each in world.published(world.case_of(letter)) if isinstance(each, StepReached)]
        assert reached == ["avis", "arrete"]
    world.check()


async def mark_some(world, letter, count):
    """Mark so many tasks as done, in the order of the five steps, each command twice."""
    case = world.case_of(letter)
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": world.now, "is_done": True}
    version, done = case.workflow.frozen.version, {each.task for each in case.workflow.done}
    for task in ("lieu-et-dates", "avis-rendu", "affichage", "constat")[:count]:
        if task not in done:
            command = MarkTask(event_id=f"{task}-{case.case_id}", workflow=version, task=task, **about)
            await world.take_one_by_one(command, command)
