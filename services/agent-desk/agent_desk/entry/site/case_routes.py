"""The pages where cases are read, found and worked on, each put together from what they share (cases.py)."""

from collections.abc import Sequence

from fastapi import APIRouter

from agent_desk.entry.absence_pages import AbsencePages, absence_routes
from agent_desk.entry.answer_file_pages import AnswerFilePages, answer_file_routes
from agent_desk.entry.attestation_pages import AttestationPages, attestation_routes
from agent_desk.entry.case_file_pages import CaseFilePages, case_file_routes
from agent_desk.entry.case_list_pages import case_list_routes
from agent_desk.entry.case_pages import case_routes
from agent_desk.entry.clock_pages import ClockPages, clock_routes
from agent_desk.entry.composer_pages import ComposerPages, composer_routes
from agent_desk.entry.dated_fact_pages import DatedFactPages, dated_fact_routes
from agent_desk.entry.decision_pages import DecisionPages, decision_routes
from agent_desk.entry.delay_pages import delay_routes
from agent_desk.entry.express_pages import ExpressPages, express_routes
from agent_desk.entry.figures_pages import figures_routes
from agent_desk.entry.file_pages import file_routes
from agent_desk.entry.hand_over_pages import HandOverPages, hand_over_routes
from agent_desk.entry.leaving_pages import leaving_routes
from agent_desk.entry.live_pages import live_routes
from agent_desk.entry.narrow_pages import narrow_routes
from agent_desk.entry.news_pages import NewsPages, news_routes
from agent_desk.entry.news_streams import NewsStreams, news_stream_routes
from agent_desk.entry.on_call_pages import on_call_routes
from agent_desk.entry.paper_pages import PaperPages, paper_routes
from agent_desk.entry.picture_pages import PicturePages, picture_routes
from agent_desk.entry.piece_pages import PiecePages, piece_routes
from agent_desk.entry.question_pages import QuestionPages, question_routes
from agent_desk.entry.saved_answer_pages import SavedAnswerPages, saved_answer_routes
from agent_desk.entry.saved_view_pages import SavedViewPages, saved_view_routes
from agent_desk.entry.search_pages import search_routes
from agent_desk.entry.sign_pages import SignPages, sign_routes
from agent_desk.entry.site.answers import (
    answer_file_reader,
    answer_files,
)
from agent_desk.entry.site.cases import CasePart
from agent_desk.entry.site.figures import delay_pages, figures_pages
from agent_desk.entry.site.on_call import on_call_pages
from agent_desk.entry.site.search import narrow_pages, search_pages
from agent_desk.entry.site.suspended import suspended_pages
from agent_desk.entry.step_pages import StepPages, step_routes
from agent_desk.entry.suspended_pages import suspended_routes
from agent_desk.entry.transfer_pages import TransferPages, transfer_routes
from agent_desk.entry.work_pages import WorkPages, work_routes
from agent_desk.handlers.case_file.gather_case import CaseFiles
from agent_desk.handlers.cases.find_destination import Destinations
from agent_desk.handlers.cases.find_proof import SenderProofs
from agent_desk.handlers.composer.case_facts import CaseFactsReader
from agent_desk.handlers.express.read_decisions import ExpressDecisions
from agent_desk.handlers.live.pace import Pace
from agent_desk.handlers.paper.paper_answers import PaperAnswers
from agent_desk.handlers.transfer.hand_over import HandOver
from agent_desk.handlers.transfer.pass_on import PassOn


def case_part_routes(part: CasePart) -> Sequence[APIRouter]:
    """Return the pages of cases. The streams go before those of single cases."""
    pace = Pace(part.seconds, part.ports.sleep, lambda: part.refreshes.apart)
    composer = _composer_pages(part)
    documents = CaseFilePages(part.gate, _case_files(part), part.choices.town)
    news = NewsStreams(part.gate, part.ports.feed, pace, part.choices.town.urgent)
    return (
        live_routes(
            gate=part.gate, cases=part.cases, feed=part.ports.feed, pace=pace, board=part.ports.board, news=news
        ),
        news_stream_routes(news),
        news_routes(NewsPages(part.frame, part.gate, part.gate.bar.news, part.cases, part.ports.feed)),
        case_list_routes(part.lists),
        narrow_routes(narrow_pages(part.gate, part.choices, part.lists)),
        case_routes(part.pages),
        file_routes(gate=part.gate, cases=part.cases),
        picture_routes(PicturePages(part.gate, part.viewer)),
        case_file_routes(documents),
        decision_routes(_decision_pages(part)),
        paper_routes(_paper_pages(part)),
        attestation_routes(_attestation_pages(part)),
        composer_routes(composer),
        answer_file_routes(
            AnswerFilePages(composer, answer_files(part.ports), answer_file_reader(part.choices, part.ports))
        ),
        leaving_routes(part.leaving_pages),
        sign_routes(_sign_pages(part)),
        saved_answer_routes(SavedAnswerPages(gate=part.gate, shelf=part.shelf, town=part.choices.town)),
        work_routes(_work_pages(part)),
        clock_routes(ClockPages(part.pages, part.answers, part.gate, part.cases, part.decision_ports)),
        transfer_routes(_transfer_pages(part)),
        hand_over_routes(_hand_over_pages(part, documents)),
        dated_fact_routes(DatedFactPages(part.pages, part.answers, part.gate, part.cases, part.decision_ports)),
        step_routes(StepPages(part.pages, part.answers, part.gate, part.cases, part.decision_ports)),
        piece_routes(_piece_pages(part)),
        question_routes(_question_pages(part)),
        express_routes(_express_pages(part)),
        saved_view_routes(SavedViewPages(part.gate, part.lists, part.views, part.choices.town)),
        figures_routes(figures_pages(part.gate, part.choices, part.ports, part.assignees, part.absences)),
        delay_routes(delay_pages(part.gate, part.choices, part.ports)),
        absence_routes(AbsencePages(gate=part.gate, absences=part.absences, staff=part.staff)),
        on_call_routes(on_call_pages(part.gate, part.choices, part.ports, part.staff, part.assignees)),
        search_routes(search_pages(part.gate, part.choices, part.ports, part.reading, part.citizens, part.absences)),
        suspended_routes(suspended_pages(part.gate, part.choices, part.ports, part.files, part.outcomes)),
    )


def _piece_pages(part: CasePart) -> PiecePages:
    return PiecePages(
        pages=part.pages,
        answers=part.answers,
        gate=part.gate,
        cases=part.cases,
        destinations=part.judge.destinations,
        drafts=part.drafts,
        ports=part.decision_ports,
    )


def _question_pages(part: CasePart) -> QuestionPages:
    return QuestionPages(
        pages=part.pages,
        gate=part.gate,
        cases=part.cases,
        destinations=part.judge.destinations,
        drafts=part.drafts,
        ports=part.decision_ports,
        paper=_paper_pages(part),
    )


def _sign_pages(part: CasePart) -> SignPages:
    return SignPages(
        gate=part.gate,
        pages=part.pages,
        cases=part.cases,
        signing=part.signing,
        judge=part.judge,
        leaving=part.leaving_pages,
        ports=part.decision_ports,
    )


def _case_files(part: CasePart) -> CaseFiles:
    ports = part.ports
    return CaseFiles(part.cases, part.viewer, ports.typesetting, ports.audit, ports.clock)


def _paper_pages(part: CasePart) -> PaperPages:
    return PaperPages(
        gate=part.gate,
        frame=part.frame,
        answers=part.answers,
        cases=part.cases,
        printing=_printing(part),
        notes=part.ports.notes,
        ports=part.decision_ports,
        paper=next(name for name, facts in part.choices.town.facts.items() if facts.on_paper),
    )


def _attestation_pages(part: CasePart) -> AttestationPages:
    printing = _printing(part)
    return AttestationPages(part.gate, part.frame, part.cases, printing, part.choices.town)


def _printing(part: CasePart) -> PaperAnswers:
    ports = part.ports
    choices = part.choices
    return PaperAnswers(part.cases, ports.typesetting, ports.audit, choices.town, ports.clock, choices.portal_url)


def _decision_pages(part: CasePart) -> DecisionPages:
    messages, opener, town = part.ports.messages, part.ports.vault, part.choices.town
    return DecisionPages(
        pages=part.pages,
        answers=part.answers,
        leaving=part.leaving_pages,
        gate=part.gate,
        cases=part.cases,
        ports=part.decision_ports,
        judge=part.judge,
        sender_proofs=SenderProofs(messages=messages, opener=opener, channels=town.facts),
        drafts=part.drafts,
        outcomes=part.outcomes,
        town=town,
        printing=_printing(part),
    )


def _transfer_pages(part: CasePart) -> TransferPages:
    messages, opener, town = part.ports.messages, part.ports.vault, part.choices.town
    destinations = Destinations(messages=messages, citizens=part.citizens, opener=opener, ways=part.ways)
    passing = PassOn(destinations, part.outcomes, part.decision_ports, town)
    return TransferPages(part.frame, part.gate, part.cases, passing, part.writer, town)


def _hand_over_pages(part: CasePart, documents: CaseFilePages) -> HandOverPages:
    handing = HandOver(documents.files, part.cases, part.ports.notes, part.decision_ports, part.choices.town)
    return HandOverPages(part.frame, part.gate, part.cases, documents, handing)


def _composer_pages(part: CasePart) -> ComposerPages:
    return ComposerPages(
        gate=part.gate,
        pages=part.pages,
        cases=part.cases,
        drafts=part.drafts,
        writer=part.writer,
        shelf=part.shelf,
        board=part.ports.board,
        facts=CaseFactsReader(town=part.choices.town, clock=part.ports.clock),
    )


def _work_pages(part: CasePart) -> WorkPages:
    return WorkPages(
        pages=part.pages,
        answers=part.answers,
        gate=part.gate,
        cases=part.cases,
        assignees=part.assignees,
        notes=part.ports.notes,
        ports=part.decision_ports,
    )


def _express_pages(part: CasePart) -> ExpressPages:
    ports = part.ports
    return ExpressPages(
        pages=part.pages,
        answers=part.answers,
        gate=part.gate,
        cases=part.cases,
        decisions=ExpressDecisions(
            notes=ports.notes,
            citizens=part.citizens,
            opener=ports.vault,
            typesetting=ports.typesetting,
            audit=ports.audit,
            town=part.choices.town,
            clock=ports.clock,
        ),
        ports=part.decision_ports,
    )
