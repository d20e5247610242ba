"""By which states a list is asked for: those that its rows show, so that no list tells apart what no row does. Pure.

Of what somebody sees in synthesis the state is one of the four that a citizen reads. Asked for by an exact one, a list
would tell of such a case that it is archived, or another administration's.
"""

from collections.abc import Mapping
from typing import Final

from guichet.contracts.case_events import CaseState
from guichet.follow_pages.page_content import GENERIC
from guichet.rights.scope import Scope
from guichet.store.cases.case_filter import COUNTED_STATES, OPEN_STATES
from guichet.store.follow_views.document import GenericState

OPEN: Final = "open"
States = Mapping[str, tuple[CaseState, ...]]
"""What an address may ask for, each with the states that it stands for."""

_SEEN: Final = tuple(state for state in CaseState if state is not CaseState.DESTROYED)  # by anybody

EXACT: Final[States] = {OPEN: OPEN_STATES, **{state.value: (state,) for state in _SEEN}}
AS_SHOWN: Final[States] = {
    OPEN: tuple(state for state in _SEEN if GENERIC[state] is not GenericState.CLOSED),
    **{shown.value: tuple(state for state in _SEEN if GENERIC[state] is shown) for shown in GenericState},
}


def states_for(listed: Scope) -> States:
    """Return by what a visitor may ask for a list. listed: what their lists hold."""
    return AS_SHOWN if any(grant.detail == "synthesis" for grant in listed.grants) else EXACT


def counted_states(states: States) -> tuple[CaseState, ...]:
    """Return the states whose cases are counted for the numbers beside the filters."""
    return tuple(dict.fromkeys(state for shown in COUNTED_STATES for state in states[shown.value]))


def numbers_of(counts: Mapping[CaseState, int], states: States) -> dict[str, int]:
    """Return the number beside each filter: how many cases it leads to. counts: by exact state."""
    offered = (OPEN, *(state.value for state in COUNTED_STATES))
    return {shown: sum(counts.get(state, 0) for state in states[shown]) for shown in offered}
