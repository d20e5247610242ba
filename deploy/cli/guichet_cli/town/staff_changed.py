"""What of the staff is not as the town's files say, since it was changed at the desk or by command."""

from collections.abc import Mapping
from pathlib import Path

from guichet.errors import GuichetError
from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.staff import MongoStaff
from guichet.store.agents.staff_changes import StaffBook
from guichet.town.load import load_town
from guichet_cli.console.language import words
from guichet_cli.staff.sentences import difference_lines
from guichet_cli.town.findings import Finding, State

_WHAT = words("Agents, profils, unités, correspondances", "Agents, profiles, units, mappings")
_NOT_READ = words(
    "la base ne répond pas : ce qui a été modifié au guichet n’est pas comparé aux fichiers.",
    "the store does not answer: what was changed at the desk is not compared with the files.",
)
_HOLDS = words(
    "modifié depuis au guichet ou par « guichet staff » ; cela vaut, et non les fichiers :",
    "changed since at the desk or by `guichet staff`; that holds, and not the files:",
)


async def staff_changed(town: Path, environment: Mapping[str, str]) -> list[Finding]:
    """Return which things differ from the files; nothing where no store is named, or none differs."""
    if not environment.get("GUICHET_MONGODB_URI"):
        return []
    fields = {"mongodb_uri": "GUICHET_MONGODB_URI", "mongodb_database": "GUICHET_MONGODB_DATABASE"}
    settings = MongoSettings.model_validate(
        {field: environment[name] for field, name in fields.items() if environment.get(name)}
    )
    try:
        with closing(connect(settings)) as database:
            entries = await MongoStaff(database).all()
    except GuichetError:
        return [Finding(State.TO_SEE, _WHAT, (_NOT_READ,))]
    book = StaffBook(load_town(town).staff, {entry.entry_id: entry for entry in entries})
    lines = tuple(words(line, line) for line in difference_lines(book))
    return [Finding(State.TO_SEE, _WHAT, (_HOLDS, *lines))] if lines else []
