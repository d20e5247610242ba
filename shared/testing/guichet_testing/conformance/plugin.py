"""Say at the end of a test run, in whole sentences, what a channel does not keep of what it promised."""

from typing import Any

import pytest

from guichet.channel.declaration import Channel

_OF_CHANNEL = "channel"
_TITLE = "what the channel does not keep"
_NOT_ASKED = "what was not asked of the channel"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Mark the suite's own tests: reports travel between processes without what they are of."""
    channel = getattr(getattr(item, "cls", None), "channel", None)
    if isinstance(channel, Channel):
        item.user_properties.append((_OF_CHANNEL, channel.facts.name))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the sentence of each broken promise, and why one was not asked: pytest cuts them off, or says neither."""
    for title, outcome in ((_TITLE, "failed"), (_NOT_ASKED, "skipped")):
        sentences = dict.fromkeys(filter(None, map(_sentence, terminalreporter.stats.get(outcome, []))))
        if sentences:
            terminalreporter.section(title)
            for sentence in sentences:
                terminalreporter.write_line(f"- {sentence}")


def _sentence(report: pytest.TestReport) -> str | None:
    channel, said = dict(report.user_properties).get(_OF_CHANNEL), _said(report.longrepr)
    if channel is None or said is None:
        return None
    first_line = said.partition("\n")[0]
    return f"{channel}: {first_line.removeprefix('AssertionError: ').removeprefix('Skipped: ')}"


def _said(why: Any) -> str | None:
    """Return what a test said: of a failure its exception, of a skip the last of file, line and reason."""
    if isinstance(why, tuple):
        return str(why[-1])
    crash = getattr(why, "reprcrash", None)
    return None if crash is None else str(crash.message)
