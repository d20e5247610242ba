"""The conformance suite: what each channel promises (docs/adding-a-channel.md)."""

from guichet_testing.conformance.channels import channel_suite
from guichet_testing.conformance.payloads import Payloads, Published, Report
from guichet_testing.conformance.provider_api import ProviderApi, Reply, Request

__all__ = ["Payloads", "ProviderApi", "Published", "Reply", "Report", "Request", "channel_suite"]
