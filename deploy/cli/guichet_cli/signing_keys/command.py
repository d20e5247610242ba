"""`guichet signing-keys`: the keys of the doors whose records decide something (docs/operations.md, Signing keys)."""

import base64
import secrets
from pathlib import Path
from typing import Annotated, Final

import typer

from guichet.contracts.topics import TOPICS
from guichet.errors import GuichetError
from guichet.privacy.signing.public_keys import SUFFIX, PublicKey, read_folder, read_key
from guichet.privacy.signing.records import Signer
from guichet.town.third_parties import hosts_of
from guichet_cli.console.command import command_group, operators_now
from guichet_cli.console.private_file import replace_file, write_private

app = command_group("Make and end the keys with which doors sign what they decide.")

DOORS: Final = tuple(sorted({door for topic in TOPICS for door in topic.signed_by}))

Door = Annotated[str, typer.Argument(help=f"Whose: {', '.join(DOORS)}, or a third party's host.")]
TownFolder = Annotated[
    Path | None, typer.Option("--town", envvar="GUICHET_TOWN", help="Whose third parties' hosts may have keys, too.")
]
Folder = Annotated[Path, typer.Option("--public-keys", envvar="GUICHET_PUBLIC_KEYS", help="Where public keys lie.")]
SeedFile = Annotated[Path, typer.Option(help="A new file for the door's own GUICHET_SIGNING_KEY; hand it to no other.")]


@app.command()
def new(door: Door, seed_file: SeedFile, public_keys: Folder, town: TownFolder = None) -> None:
    """Make a pair of keys: the public half is believed at once, the door signs with it once it starts with the seed."""
    doors = (*DOORS, *(hosts_of(town) if town is not None else ()))
    if door not in doors:
        raise typer.BadParameter(f"{door} signs nothing; these do: {', '.join(doors)}")
    seed = secrets.token_bytes(32)
    write_private(seed_file, base64.b64encode(seed) + b"\n")
    public_keys.mkdir(parents=True, exist_ok=True)
    key = PublicKey(producer=door, public_key=Signer(seed).public_key)
    _keep(public_keys, key)
    typer.echo(f"{key.key_id}: seed in {seed_file}, public half in {public_keys}. Start {door} with the seed.")


@app.command("list")
def list_keys(public_keys: Folder) -> None:
    """List the public keys: id, whose, and since when it signs no more."""
    for key_id, key in sorted(read_folder(public_keys).items(), key=lambda each: each[1].producer):
        since = "signs" if key.until is None else f"until {key.until:%Y-%m-%dT%H:%M:%SZ}"
        typer.echo(f"{key_id} {key.producer:<14} {since}")


@app.command()
def end(key: Annotated[str, typer.Argument(help="Its id, or the beginning.")], public_keys: Folder) -> None:
    """Let a key count for nothing that is signed from now on; what it signed before stays true."""
    found = [known for key_id, known in read_folder(public_keys).items() if key_id.startswith(key)]
    if len(found) != 1:
        raise GuichetError(f"{len(found) or 'no'} keys begin with {key}: see `guichet signing-keys list`")
    [old] = found
    if old.until is None:
        _keep(public_keys, old.model_copy(update={"until": operators_now()}))
    typer.echo(f"{old.key_id} of {old.producer} signs no more. Keep its file while a dead letter may be replayed.")


def _keep(folder: Path, key: PublicKey) -> None:
    """Write a key's file, whatever it is called, in one step: readers look at any time."""
    there = (file for file in folder.glob(f"*{SUFFIX}") if read_key(file).key_id == key.key_id)
    replace_file(
        next(there, folder / f"{key.producer}-{key.key_id}{SUFFIX}"), key.model_dump_json(exclude_none=True).encode()
    )
