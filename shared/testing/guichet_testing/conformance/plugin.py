"""Say at the end of a test run, in whole sentences, what a channel does not keep of what it promised."""

from typing import Any

import pytest

_TITLE = "what the channel does not keep"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the sentence of each broken promise: pytest cuts them off at the edge of the screen."""
    sentences = dict.fromkeys(filter(None, map(_sentence, terminalreporter.stats.get("failed", []))))
    if sentences:
        terminalreporter.section(_TITLE)
        for sentence in sentences:
            terminalreporter.write_line(f"- {sentence}")


def _sentence(report: pytest.TestReport) -> str | None:
    if "ChannelConformance" not in report.keywords:
        return None
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message.partition("\n")[0].removeprefix("AssertionError: ") if crash is not None else None
