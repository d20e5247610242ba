"""What the router reads. All of it through one handler, so that a batch comes to one write per case."""

from typing import Final

from guichet.contracts.base import Event
from guichet.contracts.case_commands import CloseCase, RerouteCase, SendReply
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import CASE_COMMANDS, DELIVERY_EVENTS, INBOUND
from guichet.kafka.worker import BatchHandler, Worker

# While one lane decides, the others wait for MongoDB's disk and for Kafka. Three share a topic's six partitions evenly;
# with four, two of them have twice the work of the others (measured on two cores: 740 µs a message, 630, 660).
LANES: Final = 3

SERVES: frozenset[type[Event]] = frozenset({MessageReceived, SendReply, RerouteCase, CloseCase, DeliveryChanged})


def add_agents(worker: Worker, handle: BatchHandler) -> None:
    """Read messages, commands and delivery events; batches, retries, dead letters and commits are the kit's."""
    worker.read([*INBOUND, CASE_COMMANDS, DELIVERY_EVENTS], handle, lanes=LANES)
