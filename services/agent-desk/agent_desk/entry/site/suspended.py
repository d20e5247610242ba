"""The part of the desk where suspended mail is read and decided on."""

from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.suspended_pages import SuspendedPages
from agent_desk.handlers.cases.await_outcome import Outcomes
from agent_desk.handlers.open_files import FileOpener
from agent_desk.handlers.suspended.decide_mail import MailDecisions
from agent_desk.handlers.suspended.read_suspended import ScopedSuspendedMail


def suspended_pages(
    gate: SessionGate, choices: Choices, ports: Ports, files: FileOpener, outcomes: Outcomes
) -> SuspendedPages:
    """Return the pages. files, outcomes: as those of cases have them."""
    mail = ScopedSuspendedMail(
        suspended=ports.suspended,
        unseen=ports.unseen,
        cases=ports.cases,
        opener=ports.vault,
        files=files,
        audit=ports.audit,
        clock=ports.clock,
    )
    decisions = MailDecisions(
        publisher=ports.publisher,
        audit=ports.audit,
        outcomes=outcomes,
        patience=choices.patience,
        clock=ports.clock,
        sleep=ports.sleep,
    )
    return SuspendedPages(gate=gate, mail=mail, decisions=decisions, outcomes=outcomes, town=choices.town)
