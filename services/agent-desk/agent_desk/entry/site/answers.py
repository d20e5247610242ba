"""What gives commands, and answers that leave: for the pages, and for the round that goes on with them."""

from agent_desk.entry.site.citizens import citizens_of, way_finder
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.find_ways import WayFinder
from agent_desk.handlers.composer.answer_files import AnswerFiles
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.composer.leave import LeavingAnswers
from agent_desk.handlers.composer.read_answer_files import AnswerFileReader
from agent_desk.handlers.staff.staff_directory import StaffDirectory


def decision_ports(choices: Choices, ports: Ports) -> DecisionPorts:
    """Return what a decision is given over."""
    return DecisionPorts(
        messages=ports.messages,
        objects=ports.objects,
        vault=ports.vault,
        publisher=ports.publisher,
        audit=ports.audit,
        channels=choices.town.facts,
        digest_key=choices.session_key,
        clock=ports.clock,
    )


def answer_files(ports: Ports) -> AnswerFiles:
    """Return who keeps the files of answers."""
    return AnswerFiles(drafts=ports.drafts, vault=ports.vault, objects=ports.objects, antivirus=ports.antivirus)


def answer_file_reader(choices: Choices, ports: Ports) -> AnswerFileReader:
    """Return who opens the files of answers that are still drafts."""
    return AnswerFileReader(
        drafts=ports.drafts, files=answer_files(ports), audit=ports.audit, town=choices.town, clock=ports.clock
    )


def draft_keeper(ports: Ports) -> DraftKeeper:
    """Return who keeps answers while they are written."""
    return DraftKeeper(
        drafts=ports.drafts, files=answer_files(ports), vault=ports.vault, audit=ports.audit, clock=ports.clock
    )


def leaving_answers(
    choices: Choices, ports: Ports, ways: WayFinder | None = None, staff: StaffDirectory | None = None
) -> LeavingAnswers:
    """Return who lets answers leave."""
    return LeavingAnswers(
        drafts=ports.drafts,
        keeper=draft_keeper(ports),
        files=answer_files(ports),
        cases=ports.cases,
        commands=ports.commands,
        ways=ways or way_finder(choices, citizens_of(choices, ports)),
        staff=staff or StaffDirectory(town=choices.town, entries=ports.staff, clock=ports.clock),
        accounts=ports.accounts,
        ports=decision_ports(choices, ports),
        town=choices.town,
        after=choices.undo,
        clock=ports.clock,
    )
