"""An answer on its way out: what it is, when it is looked at, what becomes of its draft. Pure."""

from datetime import datetime, timedelta
from typing import Final

from agent_desk.domain.decisions.given_command import AWAITED_FOR, GivenCommand
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import CloseCase, SendReply, SnoozeCase
from guichet.ids import EventId
from guichet.store.draft import AttachedFile, Draft, Leaving

HOLD: Final = timedelta(seconds=15)  # whoever has one and is silent for so long is gone, or finds it done
_SOONEST, _LATEST = timedelta(seconds=1), timedelta(minutes=1)

Then = CloseCase | SnoozeCase


def leaving_in(
    seconds: timedelta, reply: SendReply, then: Then | None, files: tuple[AttachedFile, ...], now: datetime
) -> Leaving:
    """Return what leaves so much later; at once, nobody takes it back. then: comes to nothing where the answer does."""
    due = now + seconds
    then = then and then.model_copy(update={"behind": reply.event_id})
    return Leaving(reply=reply, files=files, then=then, due_at=due, next_at=due, is_taken=not seconds)


def waits(leaving: Leaving | None) -> bool:
    """Say whether its author may still take it back, or it is being given."""
    return leaving is not None and leaving.given_at is None


def is_held_up(leaving: Leaving, now: datetime) -> bool:
    """Say whether it should have been given for longer than one try takes: the broker or the store is away."""
    return waits(leaving) and now - leaving.due_at > HOLD


def kind_of(then: Then | None) -> str:
    """Return by which form it was given (`given_command.KINDS`)."""
    if then is None:
        return "reponse"
    return "reponse-cloture" if isinstance(then, CloseCase) else "reponse-attente"


def awaited(leaving: Leaving) -> GivenCommand:
    """Return what a page asks about until it is decided: the last of what is given, which the first takes with it."""
    last: EventId = (leaving.then or leaving.reply).event_id
    return GivenCommand(kind_of(leaving.then), last, leaving.due_at)


def given(draft: Draft, leaving: Leaving, now: datetime) -> Draft:
    """Return a draft whose commands are all given: what becomes of it is looked at soon."""
    return draft.model_copy(
        update={"leaving": leaving.model_copy(update={"given_at": now, "next_at": now + _SOONEST, "is_taken": True})}
    )


def looked_at(draft: Draft, leaving: Leaving, now: datetime) -> Draft:
    """Return one of which nothing is known yet: looked at ever more seldom, at least once a minute."""
    age = now - (leaving.given_at or now)
    again = now + min(max(age, _SOONEST), _LATEST)
    return draft.model_copy(update={"leaving": leaving.model_copy(update={"next_at": again})})


def dated(reply: SendReply, at: datetime) -> SendReply:
    """Return an answer as it is given at that moment, which is that of what it does in law, too."""
    states = reply.states and reply.states.model_copy(update={"at": at})
    return reply.model_copy(update={"occurred_at": at, "states": states})


def files_of(draft: Draft, once: str) -> tuple[AttachedFile, ...]:
    """Return what goes with an answer that this form sends, also where it is sent again."""
    return draft.leaving.files if draft.leaving is not None and draft.once == once else draft.files


def given_files(draft: Draft) -> tuple[AttachedFile, ...]:
    """Return the files of an answer that was given: it has its own, and these are wanted only if it is refused."""
    return draft.leaving.files if draft.leaving is not None and draft.leaving.given_at is not None else ()


def is_overdue(leaving: Leaving, now: datetime) -> bool:
    """Say whether what becomes of it has been awaited for so long that nothing may ever come."""
    return leaving.given_at is not None and now - leaving.given_at > AWAITED_FOR


def refused_anew(draft: Draft, why: str, unsigned: Sealed | None = None) -> Draft:
    """Return one that did not leave, or of which nobody knows: a draft again, or to be signed, with its files.

    unsigned: what it says then; None: what it said as it left. Refused because what it was to go instead of is failed
    no more, it is an answer like any other: else it would be refused for ever.
    """
    instead_of = None if why == "not-failed" else draft.instead_of
    files = draft.leaving.files if draft.leaving is not None else ()
    again = {"leaving": None, "is_over": False, "refused": why, "files": files, "words": unsigned or draft.words}
    return draft.model_copy(update={**again, "instead_of": instead_of})


def sent(draft: Draft, words: Sealed | None) -> Draft:
    """Return one that was sent. words: of nothing."""
    nothing = {"leaving": None, "to_sign": None, "sent_back": None, "signing": None, "asks": ""}
    return draft.model_copy(update={**nothing, "words": words})
