"""A second implementation, independent and as simple as possible, says the same of thousands of random histories.

`make clocks` compares 100,000 (CLOCK_HISTORIES), others each time (CLOCK_SEED).
"""

import os
from random import Random
from typing import Any

from guichet.law.clocks.case_clocks import CaseClocks, case_clocks
from guichet.law.clocks.clock import ClockKind, ClockState
from guichet.law.clocks.doubt import Doubt
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.model import Model

HISTORIES = int(os.environ.get("CLOCK_HISTORIES", "3000"))
SEED = int(os.environ.get("CLOCK_SEED", "20260430"))
NOT_MODELLED = {ClockKind.MISSING_PIECES}
DOUBTS_NOT_MODELLED = {  # of what is said of silence, where test_r4 has a case for each, and of letters
    *(Doubt.NO_PROCEDURE, Doubt.TWO_PROCEDURES, Doubt.UNKNOWN_PROCEDURE, Doubt.TWO_NATURES, Doubt.TO_BE_CONFIRMED),
    *(Doubt.LETTER_TOO_LATE, Doubt.HELD_ALREADY, Doubt.PIECE_NOT_ASKED_FOR),
    Doubt.RIGHTS_BEFORE_THE_LAW,  # test_in_force: no random history is so old
}
OF_SILENCE = {ClockKind.SILENCE, ClockKind.PRIOR_REMEDY}


def as_the_model_says(found: CaseClocks) -> dict[str, list[tuple[Any, ...]]]:
    said: dict[str, list[tuple[Any, ...]]] = {}
    for clock in found.clocks:
        if clock.kind not in NOT_MODELLED:
            is_stopped = clock.state is ClockState.STOPPED and clock.kind in OF_SILENCE
            due = None if is_stopped else clock.due
            began = None if is_stopped and clock.kind is ClockKind.SILENCE else clock.began
            said.setdefault(clock.kind, []).append((clock.state, due, clock.ended, began, clock.means))
    return said


def test_an_independent_model_agrees_on_random_histories() -> None:
    seen: set[tuple[str, str]] = set()
    doubted: set[Doubt] = set()
    for nth in range(HISTORIES):
        events, town, as_of = any_history(Random(SEED + nth))
        found, model = case_clocks(events, town, as_of), Model(events, town, as_of)
        ours, theirs = as_the_model_says(found), model.clocks()
        assert ours == theirs, f"CLOCK_SEED={SEED + nth} CLOCK_HISTORIES=1: as of {as_of}, {events}"
        doubts = {*found.doubts} - DOUBTS_NOT_MODELLED
        assert doubts == model.doubts(), f"CLOCK_SEED={SEED + nth} CLOCK_HISTORIES=1: as of {as_of}, {events}"
        doubted |= doubts
        seen |= {(kind, clock[0]) for kind, clocks in ours.items() for clock in clocks}
    if HISTORIES >= 3000:
        met = {"running", "met", "late", "stopped"}
        assert all({state for kind, state in seen if kind == each} == met for each in ("are", "qualification"))
        assert {state for kind, state in seen if kind == "silence"} == {
            *("running", "suspended", "not-begun", "decided", "stopped")
        }, "every state of a silence was compared"
        rare = {Doubt.NO_RECEIPT, Doubt.TWO_PRIORITIES}
        assert doubted >= {*Doubt} - DOUBTS_NOT_MODELLED - rare, "and every doubt"
