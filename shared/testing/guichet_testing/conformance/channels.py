"""The conformance suite of a channel, in one call.

    TestPigeon = channel_suite(CHANNEL, PigeonPayloads())

What is asked depends on what the channel declares: its facts, settings and package always; its webhook, where it has
one, else what listens (Payloads.source); its sender, where letters leave by it.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from guichet.channel.declaration import MOST_BYTES, Channel
from guichet.contracts.channels import Voucher
from guichet_testing.conformance.declared import DeclaredConformance
from guichet_testing.conformance.mailboxes import MailboxConformance, MailSource
from guichet_testing.conformance.opened import topic_of, webhook_of
from guichet_testing.conformance.packaged import PackagedConformance
from guichet_testing.conformance.payloads import Payloads
from guichet_testing.conformance.played import PlayedConformance, PlayedInConformance, PlayedOutConformance
from guichet_testing.conformance.signed import SignedConformance
from guichet_testing.conformance.sources import OpenSource
from guichet_testing.conformance.suite import AdapterConformance
from guichet_testing.conformance.way_in import VouchedConformance, WayInConformance
from guichet_testing.conformance.world import World


def channel_suite(channel: Channel, payloads: Payloads) -> type:
    """Return a class of tests for pytest. payloads: how its provider speaks."""
    parts = (*_ways_in(channel, payloads), *_played(channel), DeclaredConformance, PackagedConformance)
    said: dict[str, Any] = {"channel": channel, "payloads": payloads, "pytestmark": [pytest.mark.asyncio]}
    if topic_of(channel.facts) is not None:
        said |= _speech(channel, payloads)
    return type("ChannelConformance", parts, said)


def _ways_in(channel: Channel, payloads: Payloads) -> tuple[type, ...]:
    if not channel.provider.inbound or topic_of(channel.facts) is None:
        return ()
    if webhook_of(channel) is None:
        return (_Mailbox,) if payloads.mailboxes else (_Listened,)
    match channel.facts.vouched_by:
        case Voucher.PROVIDER:
            return (_Proven,)
        case Voucher.NOBODY:
            return (VouchedConformance,)
        case Voucher.MAIL_AUTHENTICATION:
            return (WayInConformance,)


def _played(channel: Channel) -> tuple[type, ...]:
    """Return what is asked of its tile, and of its sender, where it has one."""
    posts = webhook_of(channel) is not None and topic_of(channel.facts) is not None
    match posts, channel.provider.outbound is not None:
        case True, True:
            return (PlayedConformance,)
        case True, False:
            return (PlayedInConformance,)
        case False, True:
            return (PlayedOutConformance,)
        case _:
            return ()


class _Proven(VouchedConformance, SignedConformance):
    """Of a webhook whose provider proves that a payload is its own."""


class _Listened(AdapterConformance):
    """Of what comes for its messages itself."""

    payloads: Payloads

    def open(self, world: World) -> OpenSource:
        return self.payloads.source(world)


class _Mailbox(MailboxConformance):
    """Of what mail is handed to, for several mailboxes at once."""

    payloads: Payloads

    def open(self, world: World) -> AbstractAsyncContextManager[MailSource]:
        return self.payloads.mail_source(world)


def _speech(channel: Channel, payloads: Payloads) -> dict[str, Any]:
    webhook = webhook_of(channel)
    most_bytes = webhook.most_bytes if webhook is not None else MOST_BYTES
    return {
        "topic": topic_of(channel.facts),
        "personal": payloads.personal,
        "town": payloads.mailboxes,
        "stranger": payloads.stranger,
        "payload": staticmethod(payloads.message),
        "unreadable": staticmethod(payloads.unreadable),
        "oversize": staticmethod(lambda: payloads.oversize(most_bytes)),
    }
