"""Have the code of whoever reads mailboxes look at a town's folder, in a process that can open nothing."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from guichet.channel.host.errand import Answer, Request
from guichet.errors import GuichetError, SettingsError
from guichet.town.channel_facts import known_channels
from guichet_cli.console.errands import errand

MAIL_FILE: Final = "mail-file"
"""What mail.yaml says: a line for each mailbox, its name and the variable that opens it."""


async def ask_intake(town: Path, request: Request, environment: Mapping[str, str] = os.environ) -> Answer:
    """Have it done by the first account whose code knows that; one whose code fails is an answer, too."""
    known = known_channels(town)
    environment = {**environment, "GUICHET_TOWN": str(town)}
    for channel in (facts.name for facts in known.values() if facts.has_mailboxes):
        try:
            async with errand(channel, known, environment) as code:
                answer = await code.ask(request)
        except SettingsError as error:
            return Answer(verdict="settings", lines=tuple(str(error).splitlines()))
        except GuichetError as error:
            return Answer(verdict="refused", lines=tuple(str(error).splitlines()))
        if answer.verdict != "never":
            return answer
    return Answer(verdict="never")
