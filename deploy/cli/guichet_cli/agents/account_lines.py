"""How each agent's account stands, as an operator reads it. Pure."""

from collections.abc import Iterable
from itertools import chain

from guichet.law.calendar import PARIS
from guichet.store.agents.accounts import AgentAccount
from guichet.town.staff.agents import Agent


def account_lines(agents: Iterable[Agent], accounts: Iterable[AgentAccount]) -> list[str]:
    """Return a line for each agent of the town's files, then for each account that is nobody's there."""
    known = {account.agent_id: account for account in accounts}
    of_the_town = [_line(agent.sign_in, agent.departments, known.pop(agent.agent_id, None)) for agent in agents]
    left = [_line(account.agent_id, (), account) for _, account in sorted(known.items())]
    return [*chain(of_the_town, left)]


def state_of(account: AgentAccount | None, *, in_the_files: bool) -> str:
    """Return how an account stands, in a few words."""
    if account is None:
        return "no account"
    if account.disabled_at is not None:
        return "disabled"
    if not in_the_files:
        return "not in the town's files"
    if account.must_change:
        return "must change password"
    return "active" if account.signed_in_at else "never signed in"


def _line(name: str, departments: Iterable[str], account: AgentAccount | None) -> str:
    departments = ", ".join(departments)
    state = state_of(account, in_the_files=bool(departments))
    last = f"{account.signed_in_at.astimezone(PARIS):%Y-%m-%d}" if account and account.signed_in_at else "-"
    second = "second factor" if account and account.second_factor else "-"
    return f"{name:<24} {state:<24} {last:<11} {second:<14} {departments}".rstrip()
