"""What a town's provider accounts add to its services: variables of their hosts, senders, what the sandbox plays. Pure.

Guichet's own channels say it in their facts (guichet.contracts.accounts); nobody here knows what they are called.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from guichet.town.own_accounts import OwnAccount
from guichet_topology.ports import health_port_name
from guichet_topology.services import Service, prefix_of
from guichet_topology.variables import PROCESS, SENDERS

PLAYS_PROVIDERS: Final = "citizen-sandbox"  # on a local stack


def with_accounts(services: Iterable[Service], accounts: Iterable[OwnAccount]) -> tuple[Service, ...]:
    """Return services with what these accounts tell them, and with the accounts' senders."""
    accounts = [*accounts]
    hosts = [replace(each, told=(*each.told, *_told(each, accounts))) for each in services]
    return (*hosts, *(_sender(account) for account in accounts if account.sends))


def _told(service: Service, accounts: Iterable[OwnAccount]) -> tuple[str, ...]:
    theirs = (each for each in accounts if service.topic in each.topics)
    return tuple(name for each in theirs for name in host_reads(each))


def host_reads(account: OwnAccount) -> tuple[str, ...]:
    """Return the variables of the host that takes its messages in."""
    said = account.facts.host_reads
    return account.prefixes if said is None else said


def sender_reads(account: OwnAccount) -> tuple[str, ...]:
    """Return the variables of its sender."""
    said = account.facts.sender_reads
    return account.prefixes if said is None else said


def _sender(account: OwnAccount) -> Service:
    """A sender knows its account, and nothing that opens, stores or publishes."""
    own = {"GUICHET_HEALTH_PORT": health_port_name(account.sender)}
    return Service(
        account.sender,
        "notifier_sender",
        own,
        (*PROCESS, *SENDERS),
        lane=account.provider,
        told=sender_reads(account),
    )


def played(providers: Iterable[str], services: Iterable[Service]) -> tuple[Service, ...]:
    """Return services of which the sandbox knows these providers' variables: on a local stack it plays their part."""
    told = tuple(prefix_of(provider) for provider in providers)
    return tuple(replace(each, told=(*each.told, *told)) if each.name == PLAYS_PROVIDERS else each for each in services)
