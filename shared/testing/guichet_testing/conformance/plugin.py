"""Say at the end of a test run, in whole sentences, what a channel does not keep of what it promised."""

from typing import Any

import pytest

from guichet.channel.declaration import Channel

_OF_CHANNEL = "channel"
_TITLE = "what the channel does not keep"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Mark the suite's own tests: reports travel between processes without what they are of."""
    channel = getattr(getattr(item, "cls", None), "channel", None)
    if isinstance(channel, Channel):
        item.user_properties.append((_OF_CHANNEL, channel.facts.name))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the sentence of each broken promise: pytest cuts them off at the edge of the screen."""
    sentences = dict.fromkeys(filter(None, map(_sentence, terminalreporter.stats.get("failed", []))))
    if sentences:
        terminalreporter.section(_TITLE)
        for sentence in sentences:
            terminalreporter.write_line(f"- {sentence}")


def _sentence(report: pytest.TestReport) -> str | None:
    channel, crash = dict(report.user_properties).get(_OF_CHANNEL), getattr(report.longrepr, "reprcrash", None)
    if channel is None or crash is None:
        return None
    return f"{channel}: {crash.message.partition(chr(10))[0].removeprefix('AssertionError: ')}"
