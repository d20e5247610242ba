"""The part of the desk where what comes by hand is entered."""

from collections.abc import Sequence

from fastapi import APIRouter

from agent_desk.entry.entered_pages import EnteredPages, entered_routes
from agent_desk.entry.letter_pages import LetterPages, letter_routes
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.entered.take_down import TakeDown
from agent_desk.handlers.letters.file_letter import FileLetter
from agent_desk.handlers.letters.letter_box import LetterBox
from agent_desk.handlers.letters.recognise_text import ReadTexts


def routes_by_hand(gate: SessionGate, choices: Choices, ports: Ports) -> Sequence[APIRouter]:
    """Return the pages where agents enter what was said or came on paper."""
    return (
        entered_routes(_entered_pages(gate, choices, ports)),
        letter_routes(_letter_pages(gate, choices, ports)),
    )


def _entered_pages(gate: SessionGate, choices: Choices, ports: Ports) -> EnteredPages:
    take_down = TakeDown(
        edge=ports.edge,
        cases=ports.cases,
        feed=ports.feed,
        audit=ports.audit,
        message_id_key=choices.message_id_key,
        account=choices.town.main_mailbox,
        patience=choices.patience,
        clock=ports.clock,
    )
    return EnteredPages(gate=gate, take_down=take_down, town=choices.town)


def _letter_pages(gate: SessionGate, choices: Choices, ports: Ports) -> LetterPages:
    texts = ReadTexts(ports.recognise)
    box = LetterBox(
        letters=ports.letters,
        vault=ports.vault,
        scans=ports.scans,
        texts=texts,
        audit=ports.audit,
        key=choices.message_id_key,
        clock=ports.clock,
    )
    return LetterPages(gate=gate, box=box, filing=letter_filing(choices, ports, texts), town=choices.town)


def letter_filing(choices: Choices, ports: Ports, texts: ReadTexts | None = None) -> FileLetter:
    """Return who files letters: for the pages, and for whoever goes on with what was left behind."""
    return FileLetter(
        letters=ports.letters,
        vault=ports.vault,
        edge=ports.edge,
        audit=ports.audit,
        texts=texts or ReadTexts(ports.recognise),
        message_id_key=choices.message_id_key,
        channel=next(name for name, facts in choices.town.facts.items() if facts.on_paper),
        account=choices.town.main_mailbox,
        clock=ports.clock,
    )
