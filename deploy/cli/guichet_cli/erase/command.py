"""`guichet erase CITIZEN --decision REF`: list what would go, have it erased, print the certificate (GDPR art. 17)."""

import secrets
from typing import Annotated

import typer

from guichet.contracts.privacy import ErasureRequested
from guichet.ids import CitizenId, EventId
from guichet.runtime.settings import TownSettings, read_settings
from guichet.town.load import load_town
from guichet.vault.erasure_ledger.entry import Certificate
from guichet_cli.console.command import operator, operators_now, run
from guichet_cli.console.prompt import confirm
from guichet_cli.erase.certificate_text import certificate_text
from guichet_cli.erase.request import WhatWouldGo, missing_for
from guichet_cli.erase.steps import (
    ask,
    cancel_erasure,
    find_certificate,
    follow_to_the_end,
    look_up,
    say_when_it_begins,
)
from guichet_cli.erase.texts import CANNOT_BE_UNDONE, NO_DPO, listing, no_certificate, nothing_left

REFUSED = 2  # nothing was asked for: the call lacks what the law wants

Citizen = Annotated[str | None, typer.Argument(help="The registry's id, as `guichet citizens find` tells it.")]
Decision = Annotated[str | None, typer.Option(help="Reference of the data protection officer's decision.")]
Visa = Annotated[str | None, typer.Option(help="Reference of the archives' visa; needed where a case would go.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List what would go, and ask for nothing.")]
Detach = Annotated[bool, typer.Option("--detach", help="Return once it is known when it begins.")]
Again = Annotated[str | None, typer.Option("--certificate", metavar="REQUEST", help="Print a certificate again.")]
Cancel = Annotated[str | None, typer.Option(metavar="REQUEST", help="Stop an erasure that has not begun.")]
Json = Annotated[bool, typer.Option("--json", help="The certificate as JSON.")]


def erase(  # noqa: PLR0913, PLR0917 — what an operator may say
    citizen: Citizen = None,
    decision: Decision = None,
    visa: Visa = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    detach: Detach = False,
    certificate: Again = None,
    cancel: Cancel = None,
    json: Json = False,
) -> None:
    """Erase a person for good: first what would go is listed, then it is asked for and followed to the certificate.

    Status 2: the DPO's decision or the archives' visa is missing, nothing was asked for.
    """
    if sum(each is not None for each in (citizen, certificate, cancel)) != 1:
        raise typer.BadParameter("name a citizen, or give --certificate REQUEST, or --cancel REQUEST")
    if cancel is not None:
        typer.echo(run(lambda: cancel_erasure(EventId(cancel))))
        return
    if certificate is not None:
        _print(run(lambda: find_certificate(EventId(certificate))), json=json)
        return
    assert citizen is not None
    would_go = run(lambda: look_up(CitizenId(citizen)))
    request_id = _ask(would_go, decision, visa, yes=yes, dry_run=dry_run)
    if request_id is None:
        return
    typer.echo(f"Erasure {request_id}; it goes on without this command.")
    if detach:
        typer.echo(run(lambda: say_when_it_begins(request_id)))
        return
    _print(run(lambda: follow_to_the_end(request_id)), json=json)


def _ask(would_go: WhatWouldGo, decision: str | None, visa: str | None, *, yes: bool, dry_run: bool) -> EventId | None:
    """Return the erasure to follow: the one under way, or a new one once all is in order; None for a dry run."""
    if would_go.under_way is not None:
        typer.echo(no_certificate(would_go.under_way))
        return None if dry_run else would_go.under_way.request_id
    if would_go.personal_data.is_empty:
        typer.echo(nothing_left(would_go.citizen, would_go.before), err=True)
        raise typer.Exit(1)
    typer.echo("\n".join(listing(would_go)))
    if dry_run:
        return None
    if refusal := _refusal(would_go, decision, visa):
        typer.echo(refusal, err=True)
        raise typer.Exit(REFUSED)
    if not yes:
        confirm(CANNOT_BE_UNDONE, abort=True)
    asked = ErasureRequested(
        event_id=EventId(secrets.token_hex(16)),
        occurred_at=operators_now(),
        citizen=would_go.citizen,
        requested_by=operator(),
        decision=(decision or "").strip(),
        visa=(visa or "").strip() or None,
    )
    run(lambda: ask(asked))
    return asked.event_id


def _refusal(would_go: WhatWouldGo, decision: str | None, visa: str | None) -> str | None:
    missing = missing_for(would_go.personal_data, decision, visa)
    if missing is None and load_town(read_settings(TownSettings).town).dpo is None:
        return NO_DPO
    return missing


def _print(certificate: Certificate, *, json: bool) -> None:
    if json:
        typer.echo(certificate.model_dump_json(indent=2))
        return
    town = load_town(read_settings(TownSettings).town)
    departments = {name: department.name for name, department in town.departments.items()}
    typer.echo("\n" + certificate_text(certificate, town.name, lambda name: departments.get(name, name)))
