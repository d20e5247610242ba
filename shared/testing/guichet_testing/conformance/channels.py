"""The conformance suite of a channel, in one call.

    TestPigeon = channel_suite(CHANNEL, PigeonPayloads())

What is asked depends on what the channel declares: its facts, settings and package always; its webhook, where it has
one; its sender, where letters leave by it.
"""

from typing import Any

import pytest

from guichet.channel.declaration import Channel
from guichet.contracts.channels import Voucher
from guichet_testing.conformance.declared import DeclaredConformance
from guichet_testing.conformance.opened import topic_of, webhook_of
from guichet_testing.conformance.packaged import PackagedConformance
from guichet_testing.conformance.payloads import Payloads
from guichet_testing.conformance.signed import SignedConformance
from guichet_testing.conformance.way_in import VouchedConformance, WayInConformance
from guichet_testing.conformance.way_out import WayOutConformance


def channel_suite(channel: Channel, payloads: Payloads) -> type:
    """Return a class of tests for pytest. payloads: how its provider speaks."""
    parts = (*_ways_in(channel), *_ways_out(channel), DeclaredConformance, PackagedConformance)
    said: dict[str, Any] = {"channel": channel, "payloads": payloads, "pytestmark": [pytest.mark.asyncio]}
    if webhook_of(channel) is not None:
        said |= _speech(channel, payloads)
    return type("ChannelConformance", parts, said)


def _ways_in(channel: Channel) -> tuple[type, ...]:
    if webhook_of(channel) is None or topic_of(channel.facts) is None:
        return ()
    match channel.facts.vouched_by:
        case Voucher.PROVIDER:
            return (_Proven,)
        case Voucher.NOBODY:
            return (VouchedConformance,)
        case Voucher.MAIL_AUTHENTICATION:
            return (WayInConformance,)


def _ways_out(channel: Channel) -> tuple[type, ...]:
    return (WayOutConformance,) if channel.provider.outbound is not None else ()


class _Proven(VouchedConformance, SignedConformance):
    """Of a webhook whose provider proves that a payload is its own."""


def _speech(channel: Channel, payloads: Payloads) -> dict[str, Any]:
    webhook = webhook_of(channel)
    assert webhook is not None
    most_bytes = webhook.most_bytes
    return {
        "topic": topic_of(channel.facts),
        "personal": payloads.personal,
        "payload": staticmethod(payloads.message),
        "unreadable": staticmethod(payloads.unreadable),
        "oversize": staticmethod(lambda: payloads.oversize(most_bytes)),
    }
