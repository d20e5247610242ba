"""`guichet cases find`: the reference and the department of a case that an alarm or a log names by its id."""

from collections.abc import Sequence
from typing import Annotated

import typer

from guichet.case.record import CaseRecord
from guichet.ids import CaseId
from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings, read_settings
from guichet.store.cases.store import CaseStore, MongoCaseStore
from guichet_cli.console.command import command_group, run

app = command_group("Find the case that an alarm or a log names, and whose it is to work on.")


@app.command()
def find(ids: Annotated[list[str], typer.Argument(help="As the alarm's cause or the log says them.")]) -> None:
    """Tell the reference, the department and the state of cases: what to tell the department. Shows no person."""
    wanted = [CaseId(each.strip().lower()) for each in ids]
    found = run(lambda: _find(wanted))
    for case in found:
        typer.echo(f"{case.case_id}  {case.reference}  {case.department}  {case.state}")
    missing = [each for each in wanted if each not in {case.case_id for case in found}]
    for each in missing:
        typer.echo(f"There is no case {each}, or a person of it is being erased.", err=True)
    if missing:
        raise typer.Exit(1)


async def _find(wanted: Sequence[CaseId]) -> Sequence[CaseRecord]:
    with closing(connect(read_settings(MongoSettings))) as database:
        return await find_cases(MongoCaseStore(database), wanted)


async def find_cases(store: CaseStore, wanted: Sequence[CaseId]) -> Sequence[CaseRecord]:
    """Return the cases in the order they were asked for, without those under erasure. Raises TransientError."""
    found = await store.find_many(wanted)
    return [found[each] for each in wanted if each in found and not found[each].erasing]
