"""Note in the town's folder what was done, by whom and when."""

from datetime import date
from pathlib import Path

from guichet.town.load import load_town
from guichet_cli.console.private_file import replace_file
from guichet_cli.town.checklist.attested import NAME, Done, duties, read_done, with_done


async def note_done(folder: Path, name: str, by: str, day: date) -> None:
    """Write it down. Raises SettingsError, GuichetError."""
    text = with_done(read_done(folder), name, Done(by=by, day=day), duties(load_town(folder)))
    replace_file(folder / NAME, text.encode())
