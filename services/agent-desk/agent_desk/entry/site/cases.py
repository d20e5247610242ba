"""What the pages share on which cases are read, found and worked on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.case_list_pages import CaseListPages
from agent_desk.entry.case_pages import CasePages
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.leaving_pages import LeavingPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.answers import (
    decision_ports,
    draft_keeper,
    leaving_answers,
)
from agent_desk.entry.site.citizens import citizens_of, way_finder
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.site.search import list_export
from agent_desk.handlers.cases.await_outcome import Outcomes
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.cases.find_listed import ListFinder
from agent_desk.handlers.cases.find_ways import WayFinder
from agent_desk.handlers.cases.open_case import CaseOpening
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.cases.read_marks import Reading
from agent_desk.handlers.cases.read_story import StoryPages
from agent_desk.handlers.cases.recognise_caller import Callers
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.composer.find_doubts import DoubtFinder
from agent_desk.handlers.composer.judge_answer import AnswerJudge
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.composer.leave import LeavingAnswers
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from agent_desk.handlers.composer.sign import AnswersToSign
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.live.refresh_queue import RefreshQueue
from agent_desk.handlers.open_files import FileOpener
from agent_desk.handlers.pictures.view_pictures import PictureViewer
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from agent_desk.handlers.work.absences import AbsenceBook
from agent_desk.handlers.work.assignees import Assignees
from agent_desk.handlers.work.saved_views import SavedViewBook
from guichet.clock import never_behind


@dataclass(frozen=True)
class CasePart:
    """Whatever its pages share is made once, when one first asks for it."""

    gate: SessionGate
    staff: StaffDirectory
    choices: Choices
    ports: Ports

    @cached_property
    def files(self) -> FileOpener:
        """Who opens a file, once the antivirus has been asked."""
        return FileOpener(opener=self.ports.vault, objects=self.ports.objects, antivirus=self.ports.antivirus)

    @cached_property
    def citizens(self) -> CitizenDirectory:
        """Who tells of a citizen what their sector may know."""
        return citizens_of(self.choices, self.ports)

    @cached_property
    def ways(self) -> WayFinder:
        """Who finds other ways to a citizen."""
        return way_finder(self.choices, self.citizens)

    @cached_property
    def cases(self) -> ScopedCases:
        """Who reads cases within a scope."""
        story = StoryPages(self.ports.messages, self.ports.history)
        return ScopedCases(
            cases=self.ports.cases,
            lists=ListFinder(self.ports.cases, self.reading, self.signing),
            opening=CaseOpening(
                cases=self.ports.cases,
                story=story,
                notes=self.ports.notes,
                citizens=self.citizens,
                ways=self.ways,
                opener=self.ports.vault,
                files_scanned=self.files.antivirus.is_there,
                town=self.choices.town,
                clock=self.ports.clock,
            ),
            story=story,
            notes=self.ports.notes,
            citizens=self.citizens,
            opener=self.ports.vault,
            files=self.files,
            audit=self.ports.audit,
            sessions=self.ports.sessions,
            town=self.choices.town,
            clock=self.ports.clock,
        )

    @cached_property
    def viewer(self) -> PictureViewer:
        """Who draws files anew."""
        return PictureViewer(self.cases, self.ports.drawing)

    @cached_property
    def views(self) -> SavedViewBook:
        """Where saved views are."""
        ports = self.ports
        key = self.choices.sector_key  # stays, while the session key may be given anew
        return SavedViewBook(views=ports.saved_views, vault=ports.vault, audit=ports.audit, key=key, clock=ports.clock)

    @cached_property
    def reading(self) -> Reading:
        """Who knows what agents have read."""
        return Reading(self.ports.read_marks, self.ports.clock)

    @cached_property
    def outcomes(self) -> Outcomes:
        """Who waits for what the router makes of a command."""
        return Outcomes(commands=self.ports.commands, feed=self.ports.feed, patience=self.choices.patience)

    @cached_property
    def assignees(self) -> Assignees:
        """Who may be given a case."""
        return Assignees(self.staff, clock=self.ports.clock)

    @cached_property
    def drafts(self) -> DraftKeeper:
        """Who keeps answers while they are written."""
        return draft_keeper(self.ports)

    @cached_property
    def absences(self) -> AbsenceBook:
        """Who knows when agents are away, and who stands in."""
        ports = self.ports
        return AbsenceBook(
            absences=ports.absences,
            rota=ports.on_call,
            departments=self.choices.town.departments,
            assignees=self.assignees,
            audit=ports.audit,
            clock=ports.clock,
        )

    @cached_property
    def shelf(self) -> SavedAnswerShelf:
        """Where saved answers are."""
        ports = self.ports
        return SavedAnswerShelf(answers=ports.saved_answers, vault=ports.vault, audit=ports.audit, clock=ports.clock)

    @cached_property
    def writer(self) -> AnswerWriter:
        """Who signs an answer."""
        return AnswerWriter(self.choices.town)

    @cached_property
    def frame(self) -> CaseFrame:
        """What every page of cases is given."""
        return CaseFrame(self.gate, self.outcomes, self.choices.town)

    @cached_property
    def lists(self) -> CaseListPages:
        """Lists of cases."""
        return CaseListPages(
            frame=self.frame,
            gate=self.gate,
            cases=self.cases,
            exports=list_export(self.choices, self.ports, self.reading),
            views=self.views,
            assignees=self.assignees,
            absences=self.absences,
            drafts=self.drafts,
            feed=self.ports.feed,
            refreshes=self.refreshes,
            town=self.choices.town,
        )

    @cached_property
    def seconds(self) -> Callable[[], float]:
        """A clock for what open pages are told."""
        return never_behind(self.ports.clock)

    @cached_property
    def refreshes(self) -> RefreshQueue:
        """Lists that open pages read again by themselves."""
        return RefreshQueue(self.seconds)

    @cached_property
    def pages(self) -> CasePages:
        """A case."""
        return CasePages(
            frame=self.frame,
            lists=self.lists,
            gate=self.gate,
            cases=self.cases,
            callers=self._callers(),
            drafts=self.drafts,
            shelf=self.shelf,
            writer=self.writer,
            reading=self.reading,
            assignees=self.assignees,
            absences=self.absences,
            feed=self.ports.feed,
            town=self.choices.town,
        )

    @cached_property
    def answers(self) -> DecisionAnswers:
        """What a page says to a decision."""
        return DecisionAnswers(pages=self.pages, outcomes=self.outcomes, clock=self.ports.clock)

    @cached_property
    def decision_ports(self) -> DecisionPorts:
        """What a decision is given over."""
        return decision_ports(self.choices, self.ports)

    @cached_property
    def leaving(self) -> LeavingAnswers:
        """Who lets answers leave: asked by pages, and by the round that goes on with what is due."""
        return leaving_answers(self.choices, self.ports, self.ways, self.staff)

    @cached_property
    def leaving_pages(self) -> LeavingPages:
        """What a page says of an answer that leaves."""
        pages, cases = self.pages, self.cases
        return LeavingPages(gate=self.gate, pages=pages, cases=cases, leaving=self.leaving, outcomes=self.outcomes)

    @cached_property
    def judge(self) -> AnswerJudge:
        """Who looks an answer through before it leaves."""
        messages, opener, town = self.ports.messages, self.ports.vault, self.choices.town
        return AnswerJudge(
            destinations=Destinations(messages=messages, citizens=self.citizens, opener=opener, ways=self.ways),
            writer=self.writer,
            doubts=DoubtFinder(cases=self.cases, town=town),
            town=town,
            clock=self.ports.clock,
        )

    @cached_property
    def signing(self) -> AnswersToSign:
        """Who lets answers wait to be signed."""
        ports, town = self.ports, self.choices.town
        return AnswersToSign(drafts=ports.drafts, keeper=self.drafts, cases=ports.cases, town=town)

    def _callers(self) -> Callers:
        return Callers(
            messages=self.ports.messages,
            citizens=self.citizens,
            opener=self.ports.vault,
            sessions=self.ports.sessions,
            audit=self.ports.audit,
            gives=self.choices.town.staff.caller_gives,
            clock=self.ports.clock,
        )
