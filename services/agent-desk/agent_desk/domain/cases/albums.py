"""Pictures that somebody sent in one go, as one message: chats deliver each of an album by itself. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from agent_desk.domain.cases.moments import CitizenWrote, Moment, Noted, TownWrote

IN_ONE_GO: Final = timedelta(seconds=30)  # between two of them: whoever sends an album sends it within seconds


def with_albums(story: Iterable[Moment]) -> tuple[Moment, ...]:
    """Return a story, oldest first, in which files that came alone are among those of the message that they follow."""
    told: list[Moment] = []
    last: int | None = None  # where the message stands that an album may go on from
    until = None
    for moment in story:
        if isinstance(moment, CitizenWrote):
            begun = told[last] if last is not None else None
            if isinstance(begun, CitizenWrote) and until is not None and moment.at <= until and _goes_on(begun, moment):
                assert last is not None
                told[last] = replace(
                    begun, files=(*begun.files, *moment.files), joined=(*begun.joined, moment.message_id)
                )
                until = moment.at + IN_ONE_GO
                continue
            last, until = len(told), moment.at + IN_ONE_GO
        elif isinstance(moment, Noted) or (isinstance(moment, TownWrote) and moment.author is not None):
            last = None  # somebody has answered what came before
        told.append(moment)
    return tuple(told)


def _goes_on(begun: CitizenWrote, moment: CitizenWrote) -> bool:
    """Say whether a message brings files and nothing else, the same way from the same person."""
    bare = replace(
        moment,
        at=begun.at,
        receipt=begun.receipt,
        message_id=begun.message_id,
        text=begun.text,
        subject=begun.subject,
        location=begun.location,
        files=begun.files,
        joined=begun.joined,
        is_apart=begun.is_apart,  # the one that opened the case may not, those that follow it may
    )
    brings_files_alone = moment.text == "" and moment.subject is None and moment.location is None
    return bool(begun.files and moment.files) and brings_files_alone and begun.text is not None and bare == begun
