"""What has come into a case since a page was made, and what an agent had written for it. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from agent_desk.domain.cases.came_again import CameAgain
from agent_desk.domain.cases.moments import CitizenWrote, Moment, Noted, Step, TownWrote
from agent_desk.domain.clocks.fact_input import FactInput
from agent_desk.domain.decisions.decision import new_once, outbound_of
from agent_desk.domain.decisions.form_input import FormInput, RefusedCommand
from agent_desk.domain.decisions.given_command import GivenCommand
from guichet.case.newest import Said, said_since
from guichet.contracts.legal_facts import FactKind
from guichet.ids import AgentId, EventId

_SHOWN_ELSEWHERE = frozenset({"CaseMoved", "CommandRefused"})


def newer_moments(
    story: Sequence[Moment], newest: Sequence[Said], shown: str | None, reader: AgentId
) -> tuple[Moment, ...]:
    """Return what others wrote and decided after what the reader was shown. shown: None where that is not known."""
    if shown is None:
        return ()
    since = {said.id for said in said_since(newest, shown) if said.by != reader}
    since |= {outbound_of(EventId(said)) for said in since}  # an answer is in the story under its own id
    return tuple(moment for moment in story if not since.isdisjoint(_said(moment)))


def restored_input(story: Sequence[Moment], given: GivenCommand, why: str) -> FormInput:
    """Return the forms with the words of a command that came to nothing, as far as the story holds them."""
    blank = FormInput(new_once(), refused=RefusedCommand(given.kind, why))
    step = next((each for each in story if isinstance(each, Step) and each.refused == given.command), None)
    if step is None:
        return blank
    return replace(
        blank,
        text=step.unsent or "",
        note=step.untaken or "",
        reason=(step.reason or "") if given.kind == "transmission" else "",
        reopening=(step.reason or "") if given.kind == "reouverture" else "",
        fact=_restored_fact(given.kind, step.reason or ""),
        handover=(step.reason or "") if given.kind == "attribution" else "",
        abuse_reason=(step.reason or "") if given.kind == "abus" else "",
    )


def _restored_fact(kind: str, reason: str) -> FactInput:
    """Return what stood in the forms of the clocks. Which nature it was to be is to be chosen again."""
    if kind == "qualification" and reason:
        return FactInput(FactKind.QUALIFIED, reason=reason)
    return FactInput(reason=reason) if kind == "qualification-retrait" else FactInput()


def _said(moment: Moment) -> tuple[str | None, ...]:
    match moment:
        case CitizenWrote():
            return (moment.message_id, *moment.joined)
        case TownWrote():
            return (moment.message_id,)
        case CameAgain():
            return ()
        case Noted():
            return (moment.cause,)
        case Step():
            return () if moment.type in _SHOWN_ELSEWHERE else (moment.cause,)
