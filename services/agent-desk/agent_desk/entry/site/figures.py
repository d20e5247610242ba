"""The part of the desk where who heads a department sees its figures."""

from agent_desk.entry.delay_pages import DelayPages
from agent_desk.entry.figures_pages import FiguresPages
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.figures.headed import HeadedDepartments
from agent_desk.handlers.figures.read_delays import DelayReader
from agent_desk.handlers.figures.read_figures import FigureReader
from agent_desk.handlers.work.absences import AbsenceBook
from agent_desk.handlers.work.assignees import Assignees


def figures_pages(
    gate: SessionGate, choices: Choices, ports: Ports, assignees: Assignees, absences: AbsenceBook
) -> FiguresPages:
    """Return the pages. assignees, absences: as those of cases have them."""
    figures = FigureReader(
        cases=ports.cases,
        days=ports.days,
        assignees=assignees,
        absences=absences,
        headed=HeadedDepartments(audit=ports.audit, town=choices.town, clock=ports.clock),
        clock=ports.clock,
    )
    return FiguresPages(gate=gate, figures=figures, town=choices.town)


def delay_pages(gate: SessionGate, choices: Choices, ports: Ports) -> DelayPages:
    """Return the pages of the delays that departments met."""
    headed = HeadedDepartments(audit=ports.audit, town=choices.town, clock=ports.clock)
    delays = DelayReader(days=ports.days, headed=headed, clock=ports.clock)
    return DelayPages(gate=gate, delays=delays, town=choices.town)
