"""The router serves exactly the handlers that the flow names for it."""

from case_router.app import SERVICE
from case_router.domain.commands.decide import DECISIONS
from case_router.entry.consumers import SERVES, add_consumers
from guichet.contracts.flow import FLOW
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_EVENTS, TOPICS


class Listening:
    """Stands in for the worker: notes which topics are read."""

    def read(self, topics, handle, group=None, *, batch_size=0):
        self.topics, self.handle = [topic.name for topic in topics], handle


def test_the_flow_and_the_agents_tell_the_same():
    assert {edge.reads for edge in FLOW if edge.service == SERVICE} == SERVES


def test_every_event_that_is_served_has_a_decision():
    assert {MessageReceived, *DECISIONS} == SERVES


def test_every_topic_registered_for_the_router_is_read():
    worker = Listening()
    add_consumers(worker, handle=None)
    assert sorted(worker.topics) == sorted(topic.name for topic in TOPICS if SERVICE in topic.groups)
    assert CASE_EVENTS.name not in worker.topics
