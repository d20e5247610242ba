"""An agent answers on paper: the answer is kept as every other, and leaves once it was printed and posted."""

from dataclasses import replace

from agent_desk.domain.cases.destination import answered_message
from agent_desk.domain.decisions.form_input import FormInput
from agent_desk.domain.questions.asked_by_answer import AskedByAnswer
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.decide import DecisionPorts, issue, keep_answer
from agent_desk.handlers.work.add_note import add_note
from agent_desk.handlers.work.snooze import snooze_command
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import SendReply
from guichet.contracts.inbound import ChannelName
from guichet.ids import EventId
from guichet.law.calendar import start_of_day
from guichet.store.audit.trail import Act
from guichet.store.notes import Notes


async def answer_on_paper(
    visitor: Visitor,
    case: CaseRecord,
    typed: FormInput,
    words: str,
    asked: AskedByAnswer,
    *,
    paper: ChannelName,
    ports: DecisionPorts,
) -> EventId:
    """Keep an answer, then ask the router to record it. words: signed. paper: the channel that letters come by.

    asked: what it asks; where that is a question, the case comes back the day after its last one.
    Returns the command's id. Raises TransientError.
    """
    back = asked.comes_back_on
    decision = ports.decide(visitor, case, "reply-on-paper", typed.sheet, f"{words}\n{typed.asks}".strip())
    there = await ports.messages.find_many([case.answered_at, case.opened_by])
    command = SendReply(
        **decision.given(ports.clock()),
        outbound_id=decision.outbound_id,
        answers=answered_message(case, there),
        goes_by=paper,
        awaits_answer=typed.awaits_answer or back is not None,
    )
    await keep_answer(case, command, words, ports, asked=asked.form)
    given = await issue(command, Act.REPLIED, ports)
    if back is not None:
        waits = snooze_command(visitor, case, sheet=typed.sheet, until=start_of_day(back), ports=ports)
        await issue(waits.model_copy(update={"behind": given}), Act.SNOOZED, ports)
    return given


async def note_refusal(
    visitor: Visitor, case: CaseRecord, typed: FormInput, said: str, *, notes: Notes, ports: DecisionPorts
) -> EventId:
    """Note that the person expressly refuses electronic answers. said: in the words of an internal note.

    Returns the command's id. Raises TransientError.
    """
    return await add_note(visitor, case, replace(typed, note=said), notes=notes, ports=ports)
