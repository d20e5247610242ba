"""What the town has to say as a step of a case begins is written once, in its own words, unless the case went on."""

from datetime import timedelta

import pytest

from guichet.case.record import CaseWorkflow, DoneTask
from guichet.channel.segments import is_in_seven_bits
from guichet.contracts.case_events import CaseState, StepReached, WorkflowBegun
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.workflow import StepNotice, Workflow, WorkflowStep, WorkflowTask
from guichet.ids import AgentId, ProcedureId
from notifier.domain.draft import OutdatedError


@pytest.fixture(autouse=True)
def by_day(world):
    world.now = world.now.replace(month=5, day=5, hour=9)


def step(name, said=None):
    notice = None if said is None else StepNotice(fr=f"{said} l’acte.", en=f"{said}, in English.")
    return WorkflowStep(name=name, label=name, tasks=(WorkflowTask(name=f"do-{name}", label=name),), notice=notice)


FLOW = Workflow.of(ProcedureId("p"), (step("one", "Vérifions"), step("two"), step("three", "Signons")))
NAMES = ("one", "two", "three")


def at(world, case, name, **fields):
    """Let a case be at a step: all before it is done."""
    done = tuple(DoneTask(task=f"do-{each}", by=AgentId("lea"), at=world.now) for each in NAMES[: NAMES.index(name)])
    run = CaseWorkflow(frozen=FLOW, step=name, done=done)
    now = world.cases.cases[case.case_id].model_copy(update={"workflow": run, **fields})
    world.cases.cases[case.case_id] = now
    return now


def reached(world, case, name, *, after=timedelta(0), kind=StepReached):
    own = {"workflow": FLOW} if kind is WorkflowBegun else {"from_step": None}
    return kind(
        event_id=f"reached-{name}-{after}",
        occurred_at=world.now + after,
        case_id=case.case_id,
        reference=case.reference,
        version=3 + int(after > timedelta(0)),
        caused_by="command",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
        step=name,
        **own,
    )


async def owed(world, case):
    return [each for each in await world.deliveries.of_case(case.case_id) if each.purpose is Purpose.CHANGE]


@pytest.mark.parametrize("kind", [StepReached, WorkflowBegun])
@pytest.mark.parametrize("channel", ["email", "sms", "telegram"])
async def test_it_is_written_once_on_their_channel_in_the_towns_words(world, channel, kind):
    case = at(world, await world.citizen_writes(channel), "one")
    for _ in range(3):
        await world.handlers.owe_step(reached(world, case, "one", kind=kind))
    [one] = await owed(world, case)
    assert (one.state, one.due_at) == (DeliveryState.PENDING, world.now + timedelta(minutes=10))
    letter = await world.write(one)
    assert "Vérifions l" in letter.text
    assert case.reference in letter.text
    assert ("Vérifions, in English." in letter.text) == (channel == "email")
    assert channel != "sms" or is_in_seven_bits(letter.text)


async def test_a_step_without_words_says_nothing(world):
    case = at(world, await world.citizen_writes(), "two")
    await world.handlers.owe_step(reached(world, case, "two"))
    await world.handlers.owe_step(reached(world, case, None))
    assert await owed(world, case) == []


async def test_of_a_step_that_is_passed_meanwhile_it_is_written_unless_a_later_one_says_something(world):
    case = at(world, await world.citizen_writes(), "one")
    await world.handlers.owe_step(reached(world, case, "one"))
    [one] = await owed(world, case)
    at(world, case, "two")
    assert "Vérifions" in (await world.write(one)).text


@pytest.mark.parametrize(
    ("written", "now"),
    [
        ("one", ("three", {})),
        ("three", ("two", {})),
        ("one", ("one", {"state": CaseState.CLOSED})),
        ("one", ("one", {"workflow": None})),
    ],
)
async def test_what_is_so_no_more_is_not_written(world, written, now):
    case = at(world, await world.citizen_writes(), written)
    await world.handlers.owe_step(reached(world, case, written))
    [one] = await owed(world, case)
    at(world, case, now[0], **now[1])
    with pytest.raises(OutdatedError):
        await world.write(one)


@pytest.mark.parametrize("state", [DeliveryState.WITHHELD, DeliveryState.FAILED])
async def test_of_a_step_to_which_a_case_comes_back_nothing_is_written_again_unless_nothing_was(world, state):
    case = at(world, await world.citizen_writes(), "three")
    await world.handlers.owe_step(reached(world, case, "three"))
    await world.handlers.owe_step(reached(world, case, "three", after=timedelta(minutes=5)))
    [one] = await owed(world, case)
    world.deliveries._all[one.outbound_id] = one.model_copy(update={"state": state})
    await world.handlers.owe_step(reached(world, case, "three", after=timedelta(days=1)))
    assert [each.state for each in await owed(world, case)] == [state, DeliveryState.PENDING]


async def test_of_a_sensitive_sector_nothing_is_written(world):
    case = at(world, await world.citizen_writes(), "one", department="ccas")
    await world.handlers.owe_step(reached(world, case, "one"))
    assert await owed(world, case) == []


async def test_what_began_a_month_ago_is_no_news(world):
    case = at(world, await world.citizen_writes(), "one")
    await world.handlers.owe_step(reached(world, case, "one", after=-timedelta(days=30)))
    assert await owed(world, case) == []
