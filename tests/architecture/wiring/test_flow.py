"""The flow is one way: no event can bring itself about again, except over a declared feedback edge."""

from graphlib import CycleError, TopologicalSorter

import pytest

from guichet.contracts.case_events import CaseOpened, DeliveryRecorded
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.flow import FLOW, FlowEdge

FEEDBACK_OF_THE_DESIGN = {("case-router", DeliveryChanged)}


def flow_order(edges: tuple[FlowEdge, ...]) -> list[str]:
    """Return event types from cause to effect. Raises CycleError on a circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for edge in edges:
        for event in (*edge.publishes, *edge.leads_to):
            if edge.feedback is None:
                sorter.add(event.__name__, edge.reads.__name__)
    return list(sorter.static_order())


def test_the_flow_has_an_order():
    order = flow_order(FLOW)
    assert order.index("MessageReceived") < order.index("CaseOpened") < order.index("DeliveryChanged")


def test_only_the_feedback_that_the_design_names_is_excused():
    assert {(edge.service, edge.reads) for edge in FLOW if edge.feedback} == FEEDBACK_OF_THE_DESIGN


def test_what_feedback_brings_about_ends_there():
    ends = {event for edge in FLOW if edge.feedback for event in edge.publishes}
    assert not [edge for edge in FLOW if edge.reads in ends]


def test_an_undeclared_circle_is_found():
    looping = (
        *FLOW,
        FlowEdge("notifier", DeliveryRecorded, (DeliveryChanged,)),
        FlowEdge("case-router", DeliveryChanged, (CaseOpened,)),
    )
    with pytest.raises(CycleError):
        flow_order(looping)
