"""`guichet staff`: who works for the town and what each may see, as it holds; changed as at the desk (ADR 0060)."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
import yaml
from pydantic import ValidationError

from guichet.errors import PermanentError
from guichet.ids import AgentId, Reference
from guichet.law.calendar import paris_date
from guichet.mongo.client import closing, connect
from guichet.rights.scope import Scope
from guichet.runtime.settings import MongoSettings, read_settings
from guichet.store.agents.rights import MongoAgentRights
from guichet.store.agents.sessions import MongoSessions
from guichet.store.agents.staff import MongoStaff
from guichet.store.agents.staff_changes import StaffBook, StaffChanges
from guichet.store.audit.trail import Act, AuditEntry, MongoAuditTrail
from guichet.store.cases.reader import CaseReader, MongoCaseReader
from guichet.town.load import load_town
from guichet.town.organisation import Unit
from guichet.town.staff.agents import Agent
from guichet.town.staff.faults import Fault, faults_in
from guichet.town.staff.identities import IdentityMapping
from guichet.town.staff.overlay import Overlay, StaffKind, StaffValue, mapping_key, thing
from guichet.town.staff.profiles import Profile
from guichet.town.staff.why import explain
from guichet.town.values import is_name
from guichet_cli.console.command import command_group, operator, operators_now, run
from guichet_cli.staff.sentences import KINDS, fault_line, list_lines, why_sentence

app = command_group(
    "Look at and change who works for the town, and what each may see: agents, profiles, units, mappings."
)

TownFolder = Annotated[Path, typer.Option("--town", envvar="GUICHET_TOWN", help="Folder of the town's files.")]
Kind = Annotated[StaffKind, typer.Argument(help="agent, profile, unit or mapping.")]
Key = Annotated[str, typer.Argument(help="As `guichet staff list` shows it.")]
R = TypeVar("R")
_MODELS: Final[dict[StaffKind, type[StaffValue]]] = {
    StaffKind.AGENT: Agent,
    StaffKind.PROFILE: Profile,
    StaffKind.UNIT: Unit,
    StaffKind.MAPPING: IdentityMapping,
}


@app.command(name="list")
def list_staff(town: TownFolder) -> None:
    """List everything: its kind, its key, whether the town's files say it or it was changed since."""
    for line in list_lines(run(lambda: _with(town, lambda changes, _: changes.book()))):
        typer.echo(line)


@app.command()
def show(kind: Kind, key: Key, town: TownFolder) -> None:
    """Show one thing as it holds, as a file would say it: `set` takes the same."""
    book = run(lambda: _with(town, lambda changes, _: changes.book()))
    value = thing(book.now, kind, key)
    if value is None:
        _refuse([f"{KINDS[kind]} {key} : inconnu."])
    said = value.model_dump(mode="json", exclude_defaults=True) if value is not None else {}
    typer.echo(yaml.safe_dump(said, allow_unicode=True, sort_keys=False).rstrip())


@app.command(name="set")
def set_thing(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="YAML, as the town's files say such a thing; - reads what is typed.")],
    town: TownFolder,
    key: Annotated[str, typer.Option("--key", help="Of a profile or a unit.")] = "",
) -> None:
    """Let a thing be as a file says, from now on. It holds over the town's files, as what is changed at the desk."""
    value = _read(kind, file)
    named = _key_of(value, key)
    run(lambda: _with(town, lambda changes, _: _set(changes, Overlay(kind, named, value))))
    typer.echo(f"{KINDS[kind]} {named} : enregistré. Cela vaut partout dans une minute au plus.")


@app.command()
def remove(kind: Kind, key: Key, town: TownFolder) -> None:
    """Take a thing away, also one that the town's files say. For an agent who leaves, give a last day instead."""
    run(lambda: _with(town, lambda changes, _: _remove(changes, kind, key)))
    typer.echo(f"{KINDS[kind]} {key} : retiré.")


@app.command(name="give-back")
def give_back(kind: Kind, key: Key, town: TownFolder) -> None:
    """Let the town's files say again what a thing is."""
    run(lambda: _with(town, lambda changes, _: _give_back(changes, kind, key)))
    typer.echo(f"{KINDS[kind]} {key} : rendu aux fichiers.")


@app.command()
def why(
    agent: Annotated[str, typer.Argument(help="The name typed at sign-in, or the agent's id.")],
    reference: Annotated[str, typer.Argument(help="Of the case: 2026-7F3K-29Q.")],
    town: TownFolder,
) -> None:
    """Say in a sentence what an agent sees of a case, and by which profile. The question is in the audit trail."""
    typer.echo(run(lambda: _with(town, lambda changes, cases: _why(changes, cases, agent, reference))))


async def _with(town: Path, act: Callable[[StaffChanges, CaseReader], Awaitable[R]]) -> R:
    files = load_town(town)
    with closing(connect(read_settings(MongoSettings))) as database:
        changes = StaffChanges(
            town=files,
            entries=MongoStaff(database),
            rights=MongoAgentRights(database),
            sessions=MongoSessions(database),
            audit=MongoAuditTrail(database),
            clock=operators_now,
        )
        return await act(changes, MongoCaseReader(database))


async def _set(changes: StaffChanges, change: Overlay) -> None:
    book = await changes.book()
    _require(await changes.change(change, read=book.version(change.kind, change.key), by=operator()))


async def _remove(changes: StaffChanges, kind: StaffKind, key: str) -> None:
    book = await changes.book()
    read = book.version(kind, key)
    if thing(book.now, kind, key) is None:
        raise PermanentError(f"{KINDS[kind]} {key} : inconnu.")
    if thing(book.files, kind, key) is None:
        _require(await changes.give_back(kind, key, read=read, by=operator()))
    else:
        _require(await changes.change(Overlay(kind, key, None), read=read, by=operator()))


async def _give_back(changes: StaffChanges, kind: StaffKind, key: str) -> None:
    book = await changes.book()
    _require(await changes.give_back(kind, key, read=book.version(kind, key), by=operator()))


async def _why(changes: StaffChanges, cases: CaseReader, name: str, reference: str) -> str:
    book, town, day = await changes.book(), changes.town, paris_date(operators_now())
    agent = _agent(book, name)
    theirs = await cases.find_by_reference(town.scopes.of(agent, book.now, day), Reference(reference.upper()))
    everything = Scope.of_departments(operator(), town.departments, town.sectors)
    case = theirs or await cases.find_by_reference(everything, Reference(reference.upper()))
    things = (agent.agent_id, *([case.case_id] if case else []))
    await changes.audit.record(
        AuditEntry(at=operators_now(), agent=operator(), act=Act.EXPLAINED, thing="agent", things=things)
    )
    found = explain(agent, theirs, book.now, town.scopes, day)
    return why_sentence(found, case.department if case else None, town)


def _agent(book: StaffBook, name: str) -> Agent:
    named = (each for each in book.now.agents if each.sign_in.lower() == name.strip().lower())
    agent = next(named, None) or book.now.by_id.get(AgentId(name))
    if agent is None:
        raise PermanentError(f"agent {name} : inconnu.")
    return agent


def _read(kind: StaffKind, file: Path) -> StaffValue:
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8")
        said: Any = yaml.safe_load(text)
        return _MODELS[kind].model_validate(said)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        _refuse([f"{file} : illisible comme YAML en UTF-8."])
    except ValidationError as exc:
        _refuse(map(fault_line, faults_in(exc)))
    raise AssertionError  # what is refused has ended the command


def _key_of(value: StaffValue, given: str) -> str:
    """Return the key of a thing: an agent's and a mapping's stand in it."""
    if isinstance(value, Agent):
        return value.agent_id
    if isinstance(value, IdentityMapping):
        return mapping_key(value)
    if not is_name(given):
        _refuse(["--key : minuscules, chiffres et tirets, une lettre d’abord."])
    return given


def _require(faults: list[Fault]) -> None:
    if faults:
        raise PermanentError("\n".join(map(fault_line, faults)))


def _refuse(lines: Any) -> None:
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(1)
