"""A town with two third parties, for the attacked router, and records as their hosts write them."""

from dataclasses import replace
from typing import Any, Final

from guichet.contracts.base import Event
from guichet.contracts.channels import KnownChannels
from guichet.contracts.topics import INBOUND_THIRD_PARTY, Topic
from guichet.kafka.produce.producer import Record
from guichet_testing.builders.signers import a_signer
from tests.attacks.bus.attacked_router import TOWN

_TELEGRAM: Final = TOWN.facts["telegram"]


def _of_another_package(name: str) -> Any:
    return _TELEGRAM.model_copy(
        update={"name": name, "provider": name, "answered_on": name, "topic": INBOUND_THIRD_PARTY.name}
    )


THEIRS: Final = {name: _of_another_package(name) for name in ("pigeon", "kite")}
HOSTS: Final = tuple(facts.host for facts in THEIRS.values())
WITH_TWO: Final = replace(TOWN, facts=KnownChannels({**TOWN.facts, **THEIRS}, of_other_packages=THEIRS))


def on(topic: Topic[Any], event: Event, signer: str | None = "ingest-pigeon") -> Record:
    """Return a record as a host writes it: on the topic of third parties, signed."""
    key, value = b"a pseudonym", event.model_dump_json().encode()
    signed = topic.is_signed and signer is not None
    return Record(topic.name, key, value, a_signer(signer).sign(topic.name, key, value).headers if signed else ())
