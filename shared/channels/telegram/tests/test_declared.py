from collections.abc import Mapping

from guichet_telegram.channel import CHANNEL
from guichet_testing.conformance import Payloads
from guichet_testing.conformance.declared import DeclaredConformance
from guichet_testing.conformance.packaged import PackagedConformance


class BotOfTests(Payloads):
    environment: Mapping[str, str] = dict(  # noqa: C408 - variables, by their names
        GUICHET_TELEGRAM_TOKEN="7000000001:a-token-of-the-sandbox",
        GUICHET_TELEGRAM_WEBHOOK_SECRET="what-setWebhook-agreed-on",
        GUICHET_TELEGRAM_PUBLIC_URL="https://social.mairie.example",
    )


class TestTelegramIsDeclared(DeclaredConformance, PackagedConformance):
    """Its facts, settings and package; its webhook is held to its promises in test_conformance.py."""

    channel = CHANNEL
    payloads = BotOfTests()
