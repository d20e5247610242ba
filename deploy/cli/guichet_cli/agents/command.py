"""`guichet agents`: local accounts of the town's agents, and since when each may command which departments' cases."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from guichet.ids import AgentId, KeyId
from guichet.law.calendar import paris_date
from guichet.mongo.client import Database, closing, connect, connect_vault
from guichet.privacy.passwords import hash_password
from guichet.rights.case_acts import EVERY_ACT
from guichet.runtime.settings import MongoSettings, TownSettings, VaultSettings, read_settings
from guichet.store.agents.accounts import AgentAccount, MongoAgentAccounts
from guichet.store.agents.deployed_rights import deploy_rights
from guichet.store.agents.rights import (
    AgentRight,
    Changes,
    CommandGrant,
    MongoAgentRights,
)
from guichet.store.agents.sessions import MongoSessions
from guichet.store.agents.staff import MongoStaff, staff_now
from guichet.store.audit.trail import MongoAuditTrail
from guichet.town.load import load_town
from guichet.town.staff.agents import Agent
from guichet.town.town import Town
from guichet.vault.keys.collections import VaultKeys
from guichet_cli.agents.account_lines import account_lines
from guichet_cli.agents.accounts import AccountActions, added
from guichet_cli.agents.passwords_file import PasswordsFile
from guichet_cli.console.command import command_group, operator, operators_now, run

app = command_group("Look after the accounts and rights of the town's agents.")
second_factor = command_group("Take away a second factor that was lost.")
app.add_typer(second_factor, name="second-factor")

TownFolder = Annotated[Path, typer.Option("--town", envvar="GUICHET_TOWN", help="Folder of the town's files.")]
Name = Annotated[str, typer.Argument(help="The name typed at sign-in, or the agent's id.")]
R = TypeVar("R")
Passwords = Annotated[
    Path,
    typer.Option("--passwords-file", "--passwords", help="Where new passwords are written, for you to hand out."),
]


@app.command()
def create(passwords_file: Passwords, town: TownFolder) -> None:
    """Give each agent of the town who has no account one, with a random password.

    A password is in the file before its account exists, so that none is lost; hand them out, then delete the file.
    """
    created = run(lambda: _create(town, PasswordsFile(passwords_file)))
    if created:
        typer.echo(f"{len(created)} account(s) created: {', '.join(created)}. Passwords: {passwords_file}")
    else:
        typer.echo("Every agent of the town has an account.")


@app.command()
def add(name: Name, town: TownFolder) -> None:
    """Give one agent of the town's files an account, and tell its one-time password.

    It is told once, here. It opens nothing but the page where the agent chooses their own.
    """
    password = run(lambda: _with_actions(town, lambda actions: actions.add(name)))
    typer.echo(f"{name} has an account. One-time password: {password}")
    typer.echo("If agents.yaml has named them only since agent-desk started, start it again: it reads that file then.")


@app.command()
def reset(name: Name, town: TownFolder) -> None:
    """Give an account a new one-time password and end its sessions; one that was disabled opens again.

    Its second factor stays: for a lost telephone see `guichet agents second-factor reset`.

    The password is told once, here. It opens nothing but the page where the agent chooses their own.
    """
    password = run(lambda: _with_actions(town, lambda actions: actions.reset(name)))
    typer.echo(f"{name} is signed out everywhere. One-time password: {password}")


@app.command()
def disable(name: Name, town: TownFolder) -> None:
    """Close an account: nobody signs in with it, and its sessions and open pages end within a minute.

    `guichet agents reset` opens it again. The town's files are not changed, and rights to commands neither.
    """
    run(lambda: _with_actions(town, lambda actions: actions.disable(name)))
    typer.echo(f"{name} is signed out everywhere and cannot sign in. To undo it: guichet agents reset {name}")


@second_factor.command(name="reset")
def reset_second_factor(name: Name, town: TownFolder) -> None:
    """Take the second factor from an agent who lost their telephone and their recovery codes; end their sessions.

    Until they add another one, their password alone opens what it opens: make sure who asks.
    """
    run(lambda: _with_actions(town, lambda actions: actions.reset_second_factor(name)))
    typer.echo(f"{name} is signed out everywhere and has no second factor. If their password may be known, too: reset.")


@app.command(name="list")
def list_accounts(town: TownFolder) -> None:
    """List the town's agents: how their account stands, day of the last sign-in, second factor, departments."""
    for line in run(lambda: _with_actions(town, _lines)):
        typer.echo(line)


@app.command()
def rights(history: Annotated[bool, typer.Option("--all", help="Those that ended, too.")] = False) -> None:
    """Bring rights up to the town's staff of now, then list who may command which cases, and how.

    `guichet prepare` does it too. An agent whom neither names any more may command nothing from this moment.
    """
    changed = run(record_rights_of_the_town)
    for right in run(all_rights):
        if history or right.until is None:
            typer.echo(line_of(right))
    typer.echo(f"{len(changed.begun)} begun, {len(changed.ended)} ended.")


async def _with_actions(town: Path, act: Callable[[AccountActions], Awaitable[R]]) -> R:
    files, vault = load_town(town), read_settings(VaultSettings)
    with closing(connect(read_settings(MongoSettings))) as database:
        return await act(
            AccountActions(
                town=await _town_now(files, database),
                accounts=MongoAgentAccounts(database),
                sessions=MongoSessions(database),
                audit=MongoAuditTrail(database),
                destroy=partial(_destroy, vault),
                by=operator(),
            )
        )


async def _destroy(vault: VaultSettings, key_id: KeyId) -> None:
    with closing(connect_vault(vault)) as database:
        await VaultKeys(database, by_command=True).destroy_keys([key_id], operators_now())


async def _lines(actions: AccountActions) -> list[str]:
    return account_lines(actions.town.agents, await actions.accounts.all())


async def _create(town: Path, passwords: PasswordsFile) -> list[str]:
    """Return the sign-in names of the accounts that were created."""
    files = load_town(town)
    with closing(connect(read_settings(MongoSettings))) as database:
        known = [agent for agent in (await _town_now(files, database)).agents if agent.identity is None]
        accounts, audit = MongoAgentAccounts(database), MongoAuditTrail(database)
        existing = await accounts.find_ids()
        missing = [agent for agent in known if agent.agent_id not in existing]
        given = passwords.give(agent.sign_in for agent in missing)
        for agent in missing:
            await audit.record(added(agent.agent_id, operator(), operators_now()))
        created = await accounts.insert_missing([_account(agent, given[agent.sign_in]) for agent in missing])
    return [agent.sign_in for agent in missing if AgentId(agent.agent_id) in created]


def _account(agent: Agent, password: str) -> AgentAccount:
    return AgentAccount(_id=agent.agent_id, password_hash=hash_password(password), created_at=operators_now())


async def record_rights_of_the_town() -> Changes:
    """Record since when each agent may command which departments' cases; return what changed. Raises TransientError."""
    town = load_town(read_settings(TownSettings).town)
    with closing(connect(read_settings(MongoSettings))) as database:
        rights = MongoAgentRights(database)
        return await deploy_rights(rights, town, partial(_town_now, town, database), operators_now())


async def _town_now(files: Town, database: Database) -> Town:
    """Return the town with its staff as it holds: what was changed since the files were written counts."""
    return replace(files, staff=await staff_now(files.staff, MongoStaff(database)))


async def all_rights() -> list[AgentRight]:
    """Return every agent's rights, then and now. Raises TransientError."""
    with closing(connect(read_settings(MongoSettings))) as database:
        return await MongoAgentRights(database).all()


def line_of(right: AgentRight) -> str:
    """Return one right as an operator reads it."""
    until = "now" if right.until is None else f"{right.until:%Y-%m-%dT%H:%M:%SZ}"
    more = (" + suspended mail" if right.suspended_mail else "") + (" + figures" if right.figures else "")
    granted = "; ".join(_grant_of(grant) for grant in right.grants or ()) or ", ".join(right.departments)
    return f"{right.agent:<12} {right.since:%Y-%m-%dT%H:%M:%SZ} to {until:<20} {granted}{more}"


def _grant_of(grant: CommandGrant) -> str:
    """Return a grant's departments, and what limits it."""
    limits = (
        "" if {*grant.acts} >= EVERY_ACT else " ".join(grant.acts),
        "" if grant.procedures is None else f"of {' '.join(grant.procedures)}",
        "" if grant.entered_by is None else f"taken down by {' '.join(grant.entered_by) or 'nobody'}",
        "" if grant.since is None else f"from {paris_date(grant.since)}",
        "" if grant.until is None else f"until {paris_date(grant.until - timedelta(days=1))}",
    )
    said = ", ".join(filter(None, limits))
    return ", ".join(grant.departments) + (f" ({said})" if said else "")
