"""The part of the desk where agents sign in."""

from collections.abc import Sequence

from fastapi import APIRouter

from agent_desk.entry.code_pages import code_routes
from agent_desk.entry.password_pages import password_routes
from agent_desk.entry.provider_pages import provider_routes
from agent_desk.entry.second_factor_pages import second_factor_routes
from agent_desk.entry.session_gate import SessionGate
from agent_desk.entry.sign_in_pages import sign_in_routes
from agent_desk.entry.site.ports import Choices, Ports
from agent_desk.handlers.sign_in.change_password import ChangePassword
from agent_desk.handlers.sign_in.change_second_factor import ChangeSecondFactor
from agent_desk.handlers.sign_in.check_code import CodeCheck
from agent_desk.handlers.sign_in.finish_sign_in import FinishSignIn
from agent_desk.handlers.sign_in.limit_tries import SignInLimits
from agent_desk.handlers.sign_in.note_refused import RefusedSignIns
from agent_desk.handlers.sign_in.openid.end_sessions import EndSessions
from agent_desk.handlers.sign_in.openid.provided_agents import ProvidedAgents
from agent_desk.handlers.sign_in.openid.provision import Provision
from agent_desk.handlers.sign_in.openid.sign_in_by_provider import SignInByProvider
from agent_desk.handlers.sign_in.openid.verify_identity import VerifyIdentity
from agent_desk.handlers.sign_in.sign_in import SignIn
from agent_desk.handlers.staff.staff_directory import StaffDirectory


def sign_in_of(choices: Choices, ports: Ports, staff: StaffDirectory, limits: SignInLimits) -> SignIn:
    """Return who signs agents in and knows them by their sessions."""
    key = choices.session_key
    return SignIn(
        staff=staff,
        accounts=ports.accounts,
        sessions=ports.sessions,
        limits=limits,
        audit=ports.audit,
        refused=RefusedSignIns(tries=ports.tries, audit=ports.audit, probing=ports.probing, key=key),
        key=key,
        clock=ports.clock,
    )


def routes_to_sign_in(
    gate: SessionGate, sign_in: SignIn, staff: StaffDirectory, limits: SignInLimits, choices: Choices, ports: Ports
) -> Sequence[APIRouter]:
    """Return the pages by which agents sign in, and those of their password and second factor."""
    accounts, sessions, audit, clock = ports.accounts, ports.sessions, ports.audit, ports.clock
    check = CodeCheck(
        accounts=accounts,
        opener=ports.vault,
        limits=limits.codes,
        queue=sign_in.check.known,
        audit=audit,
        probing=ports.probing,
        clock=clock,
    )
    finish = FinishSignIn(
        sign_in=sign_in,
        check=check,
        staff=staff,
        accounts=accounts,
        sessions=sessions,
        key=choices.session_key,
        clock=clock,
    )
    password = ChangePassword(sign_in=sign_in, accounts=accounts, sessions=sessions, audit=audit, clock=clock)
    second_factor = ChangeSecondFactor(
        sign_in=sign_in, check=check, accounts=accounts, sessions=sessions, keys=ports.vault, audit=audit, clock=clock
    )
    by_provider, told = _by_provider(choices, ports, staff)
    return (
        sign_in_routes(gate, sign_in, by_provider),
        *((provider_routes(gate, by_provider, told),) if by_provider and told else ()),
        code_routes(gate, finish),
        password_routes(gate, password),
        second_factor_routes(gate, second_factor, town_name=choices.town.name),
    )


def _by_provider(
    choices: Choices, ports: Ports, staff: StaffDirectory
) -> tuple[SignInByProvider | None, EndSessions | None]:
    """Return the way in by the provider, and what it tells us by itself; None where there is none."""
    client = ports.provider
    if choices.provider is None or client is None:
        return None, None
    key, sessions, tries, audit, clock = choices.session_key, ports.sessions, ports.tries, ports.audit, ports.clock
    agents = ProvidedAgents(
        town=choices.town,
        staff=staff,
        store=ports.staff,
        rights=ports.rights,
        sessions=sessions,
        audit=audit,
        clock=clock,
    )
    agent_key = choices.sector_key  # stays, while the session key may be given anew
    issuer, mailboxes = choices.provider.issuer, choices.town.mailboxes
    provision = Provision(issuer=issuer, agents=agents, key=agent_key, clock=clock, mailboxes=mailboxes)
    by_provider = SignInByProvider(
        verify=VerifyIdentity(client=choices.provider, provider=client, tries=tries, key=key, clock=clock),
        provision=provision,
        sessions=sessions,
        tries=tries,
        audit=audit,
        refused=RefusedSignIns(tries=tries, audit=audit, probing=ports.probing, key=key),
        key=key,
        clock=clock,
    )
    told = EndSessions(
        by_provider=by_provider,
        provider=client,
        provision=provision,
        sessions=sessions,
        tries=tries,
        audit=audit,
        key=key,
        clock=clock,
    )
    return by_provider, told
