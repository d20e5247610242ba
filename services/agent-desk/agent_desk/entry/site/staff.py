"""The part of the desk where the staff is changed."""

from fastapi import APIRouter

from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.entry.staff_pages import StaffPages, staff_routes
from agent_desk.entry.word_pages import WordPages, word_routes
from agent_desk.handlers.sign_in.sign_in import SignIn
from agent_desk.handlers.staff.edit_staff import StaffEditor
from agent_desk.handlers.staff.explain_sight import SightExplainer
from agent_desk.handlers.staff.give_account import AccountGiver
from agent_desk.handlers.staff.staff_directory import StaffDirectory
from guichet.store.agents.staff_changes import StaffChanges


def routes_of_staff(
    gate: SessionGate, sign_in: SignIn, staff: StaffDirectory, choices: Choices, ports: Ports
) -> tuple[APIRouter, ...]:
    """Return the pages where agents, profiles, units and mappings are changed, and the town's words read."""
    changes = StaffChanges(
        town=choices.town,
        entries=ports.staff,
        rights=ports.rights,
        sessions=ports.sessions,
        audit=ports.audit,
        clock=ports.clock,
    )
    pages = StaffPages(
        gate=gate,
        editor=StaffEditor(changes, staff),
        accounts=AccountGiver(accounts=ports.accounts, check=sign_in.check, audit=ports.audit, clock=ports.clock),
        sight=SightExplainer(staff=staff, cases=ports.cases, audit=ports.audit, clock=ports.clock),
        town=choices.town,
    )
    return word_routes(WordPages(gate, ports.word_trials, choices.town)), staff_routes(pages)
