"""The flow is one way: no event can bring itself about again, except over a declared feedback edge."""

from graphlib import CycleError, TopologicalSorter

import pytest

from guichet.contracts.case_events import CaseOpened, DeliveryRecorded
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.flow import DEEDS, Deed

FEEDBACK_OF_THE_DESIGN = {("case-router", DeliveryChanged)}


def flow_order(deeds: tuple[Deed, ...]) -> list[str]:
    """Return event types from cause to effect. Raises CycleError on a circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for deed in deeds:
        for event in (*deed.publishes, *deed.leads_to):
            if deed.feedback is None:
                sorter.add(event.__name__, deed.reads.__name__)
    return list(sorter.static_order())


def test_the_flow_has_an_order():
    order = flow_order(DEEDS)
    assert order.index("MessageReceived") < order.index("CaseOpened") < order.index("DeliveryChanged")


def test_only_the_feedback_that_the_design_names_is_excused():
    assert {(deed.service, deed.reads) for deed in DEEDS if deed.feedback} == FEEDBACK_OF_THE_DESIGN


def test_what_feedback_brings_about_ends_there():
    ends = {event for deed in DEEDS if deed.feedback for event in deed.publishes}
    assert not [deed for deed in DEEDS if deed.reads in ends]


def test_an_undeclared_circle_is_found():
    looping = (
        *DEEDS,
        Deed("notifier", DeliveryRecorded, (DeliveryChanged,)),
        Deed("case-router", DeliveryChanged, (CaseOpened,)),
    )
    with pytest.raises(CycleError):
        flow_order(looping)
