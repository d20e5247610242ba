"""`guichet export-town ask|approve|write`: everything of a town, for one person of it, with a second one's approval."""

from pathlib import Path
from typing import Annotated

import typer

from guichet.errors import PermanentError
from guichet.ids import AgentId
from guichet.privacy.signing.public_keys import PublicKeyFolder
from guichet.privacy.signing.records import Signer, Verifier
from guichet.runtime.settings import KafkaSettings, TownSettings, read_settings
from guichet.store.audit.trail import Act
from guichet.town.load import load_town
from guichet_cli.console.command import command_group, operator, operators_now, run
from guichet_cli.console.private_file import write_private
from guichet_cli.town_export.archive import recipient_of
from guichet_cli.town_export.export import ExportSettings, OrderSettings, audited, export
from guichet_cli.town_export.manifest import End
from guichet_cli.town_export.order import OrderFile, approve, ask, read_order, verified
from guichet_cli.town_export.texts import asked_text, written_text
from guichet_cli.town_export.under_way import on_the_broker

app = command_group("Write everything of the town into one encrypted file, in open formats (docs/leaving.md).")

Person = Annotated[str, typer.Option(help="An agent of the town's files, by their id.")]
Key = Annotated[str, typer.Option(help="To whom it is encrypted: the public key of age (age1…) or ssh.")]
Request = Annotated[Path, typer.Argument(help="The request's file.", exists=True, dir_okay=False)]
NewFile = Annotated[Path, typer.Argument(help="A file that does not exist yet.")]


@app.command("ask")
def ask_for_it(file: NewFile, person: Person, key: Key) -> None:
    """Ask for an export for a person of the town, who takes it and has the key; another one approves it."""
    run(lambda: _ask(file, AgentId(person), key))
    typer.echo(asked_text(file, person))


@app.command("approve")
def approve_it(request: Request, approved: NewFile, person: Person) -> None:
    """Approve what another operator asked for, as another person of the town."""
    asked = request.read_bytes()
    run(lambda: _approve(asked, approved, AgentId(person)))
    typer.echo(
        f"Approved. Now: guichet export-town write {approved} TOWN.tar.age\n"
        "Until 7 days after it was asked for it may be written more than once; the audit trail has each time."
    )


@app.command()
def write(approved: Request, file: NewFile) -> None:
    """Write what was approved. Guichet may run meanwhile; what is under way then is counted, and said."""
    order = approved.read_bytes()
    end = run(lambda: _write(order, file))
    typer.echo(written_text(file, end))


async def _ask(file: Path, person: AgentId, key: str) -> None:
    settings = read_settings(OrderSettings)
    _require_agent(settings, person)
    recipient_of(key.strip())
    asked, order = ask(person, key.strip(), by=operator(), at=operators_now(), signer=_signer(settings))
    async with audited(settings, Act.EXPORT_ASKED, asked.order_id, person):
        _keep(file, order)


async def _approve(request: bytes, approved: Path, person: AgentId) -> None:
    settings = read_settings(OrderSettings)
    _require_agent(settings, person)
    asked, order = approve(
        read_order(request),
        person,
        by=operator(),
        at=operators_now(),
        signer=_signer(settings),
        verifier=_verifier(settings),
    )
    async with audited(settings, Act.EXPORT_APPROVED, asked.order_id, asked.person, person):
        _keep(approved, order)


async def _write(approved: bytes, file: Path) -> End:
    verifier = _verifier(read_settings(OrderSettings))
    order = verified(read_order(approved), at=operators_now(), verifier=verifier)
    return await export(order, file, read_settings(ExportSettings), await on_the_broker(read_settings(KafkaSettings)))


def _require_agent(settings: TownSettings, person: AgentId) -> None:
    if load_town(settings.town).agent(person) is None:
        raise PermanentError(f"The town has no agent {person}: agents.yaml names them.")


def _signer(settings: OrderSettings) -> Signer:
    return Signer(settings.signing_key.get_secret_value())


def _verifier(settings: OrderSettings) -> Verifier:
    """Raises SettingsError."""
    return Verifier(PublicKeyFolder(settings.public_keys))


def _keep(file: Path, order: OrderFile) -> None:
    write_private(file, order.model_dump_json(indent=2).encode() + b"\n")
