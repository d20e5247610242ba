"""What tests of the work on cases share."""

import pytest

from agent_desk.handlers.staff.staff_directory import StaffDirectory
from agent_desk.handlers.work.assignees import Assignees
from guichet.errors import TransientError


@pytest.fixture
def staff_away(monkeypatch):
    """Let the staff be too old to be used once the visitor is known. Call it with the question of Assignees' asked."""
    now, asked = StaffDirectory.now, []

    async def is_away(*_words):
        raise TransientError("the staff is away")

    async def known_once(directory, **since):
        asked.append(since)
        return await (now(directory, **since) if len(asked) == 1 else is_away())

    def leave(question):
        monkeypatch.setattr(Assignees, question, is_away)
        monkeypatch.setattr(StaffDirectory, "now", known_once)

    return leave
