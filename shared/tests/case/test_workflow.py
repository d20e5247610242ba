"""Where a case is in its workflow follows from its frozen steps, the tasks that are done and the facts that stand."""

from datetime import timedelta
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from guichet.case.record import CaseRecord, CaseWorkflow, DoneTask
from guichet.case.workflow import StepState, begun, is_worth_saying, pieces_lack, progress, progress_of
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.workflow import Condition, Workflow, WorkflowStep, WorkflowTask
from guichet.ids import AgentId, ProcedureId
from guichet_testing.builders.case import ARRIVED, a_case

D, C, A, P = StepState.DONE, StepState.CURRENT, StepState.AHEAD, StepState.PASSED
NOTICE = {"fr": "x", "en": "x"}
PLAN = {"pieces": [{"name": "plan"}], "until": "2026-12-31"}
Facts = tuple[StatedFact, ...]


def step(name: str, *tasks: str, **own: Any) -> WorkflowStep:
    listed = tuple(WorkflowTask(name=each, label=each) for each in tasks)
    return WorkflowStep.model_validate({"name": name, "label": name, "tasks": listed, **own})


def workflow(*steps: WorkflowStep) -> Workflow:
    return Workflow.of(ProcedureId("p"), steps)


def fact(event: str, hours: int = 0, **own: Any) -> StatedFact:
    return StatedFact.model_validate({"event": event, "at": ARRIVED + timedelta(hours=hours), **own})


def decided(outcome: str) -> StatedFact:
    return fact("decision-taken", decision={"outcome": outcome, "words": "note"})


def states(flow: Workflow, done: str = "", facts: Facts = (), *, by_hand: bool = False) -> list[StepState]:
    return [each.state for each in progress(flow, done.split(), facts, by_hand=by_hand).steps]


TASKS = workflow(step("one", "a", "b"), step("two", "c"), step("three", "d"))


@pytest.mark.parametrize(
    ("done", "found"),
    [
        ("", [C, A, A]),
        ("a", [C, A, A]),
        ("a b", [D, C, A]),
        ("c", [C, A, A]),
        ("a b c", [D, D, C]),
        ("a b c d", [D, D, D]),
        ("b c d", [C, A, A]),
    ],
)
def test_a_step_ends_with_the_last_of_its_tasks(done: str, found: list[StepState]) -> None:
    assert states(TASKS, done) == found


def test_a_step_that_ends_on_a_fact_waits_for_it_whatever_is_done() -> None:
    flow = workflow(step("one", "a", ends_on=("file-complete", "decision-taken")), step("two", "b"))
    assert states(flow, "a") == [C, A]
    complete = fact("file-complete")
    assert states(flow, "", (complete,)) == [D, C]
    assert states(flow, "", (complete, fact("withdrawn", 1, what=complete))) == [C, A]
    assert states(flow, "", (decided("refused"),)) == [D, C]


ASKED, CAME = fact("pieces-asked-for", asked=PLAN), fact("piece-arrived", 1, piece="plan")
CONDITIONS: list[tuple[dict[str, Any], Facts, bool, bool]] = [
    ({"fact": "prior-remedy"}, (), False, False),
    ({"fact": "prior-remedy"}, (fact("prior-remedy"),), False, True),
    ({"no_fact": "prior-remedy"}, (fact("prior-remedy"),), False, False),
    ({"no_fact": "prior-remedy"}, (), False, True),
    ({"nature": ["appeal"]}, (fact("qualified", nature="appeal"),), False, True),
    ({"nature": ["appeal"]}, (), False, False),
    ({"priority": ["normal"]}, (), False, True),
    ({"priority": ["urgent"]}, (fact("priority-given", priority="urgent"),), False, True),
    ({"outcome": ["granted"]}, (decided("granted"),), False, True),
    ({"outcome": ["granted"]}, (decided("refused"),), False, False),
    ({"by_hand": True}, (), True, True),
    ({"by_hand": True}, (), False, False),
    ({"by_hand": False}, (), False, True),
    ({"pieces_lacking": True}, (ASKED,), False, True),
    ({"pieces_lacking": True}, (ASKED, CAME), False, False),
    ({"pieces_lacking": True}, (ASKED, fact("file-complete", 2)), False, False),
    ({"by_hand": True, "pieces_lacking": True}, (ASKED,), False, False),
]


@pytest.mark.parametrize(("when", "facts", "by_hand", "holds"), CONDITIONS)
def test_a_step_whose_condition_does_not_hold_is_passed(
    when: dict[str, Any], facts: Facts, by_hand: bool, holds: bool
) -> None:
    flow = workflow(step("one", "a", when=when), step("two", "b"))
    assert states(flow, "", facts, by_hand=by_hand) == ([C, A] if holds else [P, C])


def test_what_was_done_stays_done_though_nobody_would_go_through_it_now() -> None:
    flow = workflow(step("one", "a", when={"no_fact": "file-complete"}), step("two", "b"))
    assert states(flow, "a", (fact("file-complete"),)) == [D, C]


def test_a_piece_that_is_asked_for_again_lacks_again() -> None:
    assert pieces_lack((ASKED, CAME, fact("pieces-asked-for", 2, asked=PLAN)))
    assert not pieces_lack((ASKED, CAME))


def test_a_case_is_counted_among_the_steps_that_are_its_own() -> None:
    flow = workflow(step("one", "a"), step("two", "b", when={"by_hand": True}), step("three", "c"))
    found = progress(flow, {"a"}, (), by_hand=False)
    assert (found.place, len(found.gone_through), found.current and found.current.name) == (2, 2, "three")
    through = progress(flow, {"a", "c"}, (), by_hand=False)
    assert (through.current, through.place) == (None, 3)


NOTICED = workflow(step("one", "a", notice=NOTICE), step("two", "b"), step("three", "c", notice=NOTICE))


@pytest.mark.parametrize(("done", "said"), [("", "one"), ("a", "one"), ("a b", "three"), ("a b c", "three")])
def test_of_the_steps_behind_the_last_that_says_something_is_worth_saying(done: str, said: str) -> None:
    marks = tuple(DoneTask(task=each, by=AgentId("lea"), at=ARRIVED) for each in done.split())
    run = CaseWorkflow(frozen=NOTICED, step=None, done=marks)
    assert [name for name in ("one", "two", "three") if is_worth_saying(name, run, ())] == [said]


KINDS = ("file-complete", "prior-remedy", "decision-notified")
conditions = st.builds(
    Condition,
    fact=st.none() | st.sampled_from([FactKind(each) for each in KINDS]),
    no_fact=st.none() | st.sampled_from([FactKind(each) for each in KINDS]),
    by_hand=st.none() | st.booleans(),
)


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """Steps of no, one or two tasks, of conditions and ends at will."""
    shapes = st.tuples(st.integers(0, 2), st.sets(st.sampled_from(KINDS)), st.none() | conditions)
    drawn = draw(st.lists(shapes, min_size=1, max_size=5))
    return workflow(
        *(
            step(f"s{nth}", *(f"t{nth}{each}" for each in range(tasks or (not ends))), ends_on=sorted(ends), when=when)
            for nth, (tasks, ends, when) in enumerate(drawn)
        )
    )


facts_of = st.sets(st.sampled_from(KINDS)).map(
    lambda kinds: tuple(fact(each, way="posted") if "notified" in each else fact(each) for each in sorted(kinds))
)


@given(workflows(), st.sets(st.sampled_from([f"t{s}{t}" for s in range(5) for t in range(2)])), facts_of, st.booleans())
def test_there_is_one_current_step_at_most_nothing_ahead_of_it_is_behind_and_the_frozen_steps_say_the_same_at_rest(
    flow: Workflow, done: set[str], facts: Facts, by_hand: bool
) -> None:
    found = progress(flow, done, facts, by_hand=by_hand)
    own = [each.state for each in found.gone_through]
    behind = own.count(D)
    assert own == [D] * behind + ([C] + [A] * (len(own) - behind - 1) if behind < len(own) else [])
    read = Workflow.model_validate_json(flow.model_dump_json())
    assert (read, read.version) == (flow, Workflow.of(flow.procedure, flow.steps).version)
    assert progress(read, done, facts, by_hand=by_hand) == found


@given(workflows(), facts_of, st.booleans())
def test_whatever_is_known_a_workflow_begins_at_a_step_of_its_own_or_is_through(
    flow: Workflow, facts: Facts, by_hand: bool
) -> None:
    run = begun(flow, facts, by_hand=by_hand)
    current = progress_of(run, facts).current
    assert run.step == (None if current is None else current.name)


def test_mongodb_takes_a_case_with_its_steps_and_gives_it_back() -> None:
    flow = workflow(
        step("one", "a", ends_on=("file-complete",), when={"priority": ["urgent"]}, notice=NOTICE), step("two", "b")
    )
    run = CaseWorkflow(frozen=flow, step="one", done=(DoneTask(task="b", by=AgentId("lea"), at=ARRIVED),))
    case = a_case(workflow=run)
    stored = bson.decode(bson.encode(case.model_dump(by_alias=True)), CodecOptions(tz_aware=True))
    assert CaseRecord.model_validate(stored) == case
