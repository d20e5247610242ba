"""The router serves exactly the handlers that the flow names for it."""

import pytest

from case_router.app import SERVICE
from case_router.domain.commands.decide import DECISIONS
from case_router.domain.commands.due import EndSnooze, LookAgain
from case_router.domain.commands.lost_right import EndAssignment
from case_router.entry.consumers import SERVES, add_consumers
from guichet.contracts.case_commands import ConfirmSpam, ReleaseMail
from guichet.contracts.dead_letters import PayloadGivenUp
from guichet.contracts.flow import FLOW
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_EVENTS, INBOUND_EMAIL, INBOUND_SOCIAL, INBOUND_THIRD_PARTY, TOPICS
from guichet.errors import ForgedError
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.inbound import a_message


class Listening:
    """Stands in for the worker: notes which topics are read."""

    def read(self, topics, handle, group=None, *, batch_size=0, admit=None, apart=(), pause=None):
        self.topics, self.admit, self.apart = [topic.name for topic in topics], admit, [*apart]


def test_the_flow_and_the_agents_tell_the_same():
    assert {edge.reads for edge in FLOW if edge.service == SERVICE} == SERVES


OF_ITS_OWN = {EndAssignment, EndSnooze, LookAgain}
"""What the router itself decides is on no topic."""


def test_every_event_that_is_served_has_a_decision():
    assert {MessageReceived, PayloadGivenUp, ReleaseMail, ConfirmSpam, *DECISIONS} - OF_ITS_OWN == SERVES


def test_every_topic_registered_for_the_router_is_read():
    worker = Listening()
    add_consumers(worker, handle=None, channels=FACTS, keep=None)
    assert sorted(worker.topics) == sorted(topic.name for topic in TOPICS if SERVICE in topic.groups)
    assert CASE_EVENTS.name not in worker.topics


def test_a_message_is_asked_for_its_channel_s_topic_before_anybody_handles_it():
    worker = Listening()
    add_consumers(worker, handle=None, channels=FACTS, keep=None)
    worker.admit(a_message(channel="telegram"), INBOUND_SOCIAL, None)
    with pytest.raises(ForgedError):
        worker.admit(a_message(channel="telegram"), INBOUND_EMAIL, None)


def test_what_hosts_of_third_parties_write_is_read_apart():
    """Whatever lies there, the router reads all else."""
    worker = Listening()
    add_consumers(worker, handle=None, channels=FACTS, keep=None)
    assert worker.apart == [INBOUND_THIRD_PARTY]
