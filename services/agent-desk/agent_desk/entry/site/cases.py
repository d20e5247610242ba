"""The part of the desk where cases are read, found and worked on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fastapi import APIRouter

from agent_desk.entry.absence_pages import AbsencePages, absence_routes
from agent_desk.entry.answer_file_pages import AnswerFilePages, answer_file_routes
from agent_desk.entry.case_file_pages import CaseFilePages, case_file_routes
from agent_desk.entry.case_frame import CaseFrame
from agent_desk.entry.case_list_pages import CaseListPages, case_list_routes
from agent_desk.entry.case_pages import CasePages, case_routes
from agent_desk.entry.composer_pages import ComposerPages, composer_routes
from agent_desk.entry.decision_answers import DecisionAnswers
from agent_desk.entry.decision_pages import DecisionPages, decision_routes
from agent_desk.entry.figures_pages import figures_routes
from agent_desk.entry.file_pages import file_routes
from agent_desk.entry.leaving_pages import LeavingPages, leaving_routes
from agent_desk.entry.live_pages import live_routes
from agent_desk.entry.news_pages import NewsPages, news_routes
from agent_desk.entry.news_streams import NewsStreams, news_stream_routes
from agent_desk.entry.on_call_pages import on_call_routes
from agent_desk.entry.picture_pages import PicturePages, picture_routes
from agent_desk.entry.saved_answer_pages import SavedAnswerPages, saved_answer_routes
from agent_desk.entry.saved_view_pages import SavedViewPages, saved_view_routes
from agent_desk.entry.search_pages import search_routes
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.sign_pages import SignPages, sign_routes
from agent_desk.entry.site.answers import (
    answer_file_reader,
    answer_files,
    decision_ports,
    draft_keeper,
    leaving_answers,
)
from agent_desk.entry.site.citizens import citizens_of, way_finder
from agent_desk.entry.site.figures import figures_pages
from agent_desk.entry.site.on_call import on_call_pages
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.site.search import list_export, search_pages
from agent_desk.entry.site.suspended import suspended_pages
from agent_desk.entry.suspended_pages import suspended_routes
from agent_desk.entry.work_pages import WorkPages, work_routes
from agent_desk.handlers.case_file.gather_case import CaseFiles
from agent_desk.handlers.cases.await_outcome import Outcomes
from agent_desk.handlers.cases.decide import DecisionPorts
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.cases.find_listed import ListFinder
from agent_desk.handlers.cases.find_proof import SenderProofs
from agent_desk.handlers.cases.find_ways import WayFinder
from agent_desk.handlers.cases.open_case import CaseOpening
from agent_desk.handlers.cases.read_cases import ScopedCases
from agent_desk.handlers.cases.read_marks import Reading
from agent_desk.handlers.cases.read_story import StoryPages
from agent_desk.handlers.cases.recognise_caller import Callers
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.composer.case_facts import CaseFactsReader
from agent_desk.handlers.composer.find_doubts import DoubtFinder
from agent_desk.handlers.composer.judge_answer import AnswerJudge
from agent_desk.handlers.composer.keep_drafts import DraftKeeper
from agent_desk.handlers.composer.leave import LeavingAnswers
from agent_desk.handlers.composer.saved_answers import SavedAnswerShelf
from agent_desk.handlers.composer.sign import AnswersToSign
from agent_desk.handlers.composer.write_answers import AnswerWriter
from agent_desk.handlers.live.pace import Pace
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

    def routes(self) -> Sequence[APIRouter]:
        """Return the pages of cases. The streams go before those of single cases."""
        pace = Pace(never_behind(self.ports.clock), self.ports.sleep)
        news = NewsStreams(self.gate, self.ports.feed, pace, self.choices.town.urgent)
        return (
            live_routes(
                gate=self.gate, cases=self.cases, feed=self.ports.feed, pace=pace, board=self.ports.board, news=news
            ),
            news_stream_routes(news),
            news_routes(NewsPages(self.frame, self.gate, self.gate.news, self.cases, self.ports.feed)),
            case_list_routes(self.lists),
            case_routes(self.pages),
            file_routes(gate=self.gate, cases=self.cases),
            picture_routes(PicturePages(self.gate, self.viewer)),
            case_file_routes(CaseFilePages(self.gate, self._case_files(), self.choices.town)),
            decision_routes(self._decision_pages()),
            composer_routes(self._composer_pages),
            answer_file_routes(
                AnswerFilePages(
                    self._composer_pages, answer_files(self.ports), answer_file_reader(self.choices, self.ports)
                )
            ),
            leaving_routes(self.leaving_pages),
            sign_routes(self._sign_pages()),
            saved_answer_routes(SavedAnswerPages(gate=self.gate, shelf=self.shelf, town=self.choices.town)),
            work_routes(self._work_pages()),
            saved_view_routes(SavedViewPages(self.gate, self.lists, self.views, self.choices.town)),
            figures_routes(figures_pages(self.gate, self.choices, self.ports, self.assignees, self.absences)),
            absence_routes(AbsencePages(gate=self.gate, absences=self.absences, staff=self.staff)),
            on_call_routes(on_call_pages(self.gate, self.choices, self.ports, self.staff, self.assignees)),
            search_routes(search_pages(self.gate, self.choices, self.ports, self.reading, self.citizens)),
            suspended_routes(suspended_pages(self.gate, self.choices, self.ports, self.files, self.outcomes)),
        )

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
        return AbsenceBook(absences=ports.absences, assignees=self.assignees, audit=ports.audit, clock=ports.clock)

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
            town=self.choices.town,
        )

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
        )

    @cached_property
    def signing(self) -> AnswersToSign:
        """Who lets answers wait to be signed."""
        ports, town = self.ports, self.choices.town
        return AnswersToSign(drafts=ports.drafts, keeper=self.drafts, cases=ports.cases, town=town)

    def _sign_pages(self) -> SignPages:
        return SignPages(
            gate=self.gate,
            pages=self.pages,
            cases=self.cases,
            signing=self.signing,
            judge=self.judge,
            leaving=self.leaving_pages,
            ports=self.decision_ports,
        )

    def _case_files(self) -> CaseFiles:
        ports = self.ports
        return CaseFiles(self.cases, self.viewer, ports.typesetting, ports.audit, ports.clock)

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

    def _decision_pages(self) -> DecisionPages:
        messages, opener, town = self.ports.messages, self.ports.vault, self.choices.town
        return DecisionPages(
            pages=self.pages,
            answers=self.answers,
            leaving=self.leaving_pages,
            gate=self.gate,
            cases=self.cases,
            ports=self.decision_ports,
            judge=self.judge,
            sender_proofs=SenderProofs(messages=messages, opener=opener, channels=town.facts),
            drafts=self.drafts,
            outcomes=self.outcomes,
            town=town,
        )

    @cached_property
    def _composer_pages(self) -> ComposerPages:
        return ComposerPages(
            gate=self.gate,
            pages=self.pages,
            cases=self.cases,
            drafts=self.drafts,
            writer=self.writer,
            shelf=self.shelf,
            board=self.ports.board,
            facts=CaseFactsReader(town=self.choices.town, clock=self.ports.clock),
        )

    def _work_pages(self) -> WorkPages:
        return WorkPages(
            pages=self.pages,
            answers=self.answers,
            gate=self.gate,
            cases=self.cases,
            assignees=self.assignees,
            notes=self.ports.notes,
            ports=self.decision_ports,
        )
