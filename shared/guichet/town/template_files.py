"""Where the town's words of a procedure, a channel and another language lie: found by name, none is listed anywhere.

    templates/receipt_mail.txt                                    every letter of the kind
    templates/receipt_mail.en.txt                                 the same in English, below it; so in any language
    templates/channels/sms/receipt_short.txt                      of a channel
    templates/procedures/terrasse/receipt_mail.txt                of a procedure
    templates/procedures/terrasse/channels/sms/receipt_short.txt  of both

What Guichet brings along (`own_texts`) is for a town that has no file of that name; with it go the languages there.
A file that no letter would take is a mistake, but for one in `templates` itself that is no translation: towns have
such of before.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from guichet.contracts.channels import Form, KnownChannels
from guichet.contracts.inbound import ChannelName
from guichet.errors import SettingsError
from guichet.ids import ProcedureId
from guichet.town.texts import TEMPLATES
from guichet.town.town_texts import Place

_OURS: Final = Path(__file__).with_name("own_texts")
_CHANNELS: Final = "channels"
_PROCEDURES: Final = "procedures"
_TRANSLATION: Final = re.compile(r"(\w+)\.([a-z]{2})\.txt")
_GATHERED: Final = ("receipts", "acknowledgements")  # of several cases, whose procedures differ
_FIRST: Final = "en"

OwnFiles = Mapping[Place, Mapping[str, Path]]
"""By whose words they are: the files, by the names of templates."""


def own_files(folder: Path, channels: KnownChannels, procedures: Collection[ProcedureId]) -> OwnFiles:
    """Return the words of channels and procedures. Raises SettingsError: a line for each file that none would take."""
    found = {place: path for place, path in _folders(folder) if path.is_dir()}
    complaints = [*_unknown_folders(folder, found), *_wrong_translations(folder)]
    for place, path in found.items():
        complaints += _complaints(path, place, channels, procedures)
    if complaints:
        raise SettingsError("\n".join(complaints))
    return {
        place: {name: path / f"{name}.txt" for name in TEMPLATES if (path / f"{name}.txt").is_file()}
        for place, path in found.items()
    }


def file_of(folder: Path, name: str) -> Path:
    """Return where the words of every letter stand: the town's, or those that Guichet brings along."""
    own, ours = folder / f"{name}.txt", _OURS / f"{name}.txt"
    return ours if not own.exists() and ours.exists() else own


def places(own: OwnFiles) -> Iterator[Place]:
    """Yield whatever has words of its own: also each channel with each procedure, where both have some."""
    channels = {channel for channel, _ in own if channel is not None}
    procedures = {procedure for _, procedure in own if procedure is not None}
    for channel in (None, *sorted(channels)):
        for procedure in (None, *sorted(procedures)):
            if any(own.get(each) for each in beneath((channel, procedure))):
                yield channel, procedure


def beneath(place: Place) -> tuple[Place, ...]:
    """Return whose words those of a place are: the last that has some wins."""
    channel, procedure = place
    found: tuple[Place, ...] = ((channel, None),) if channel is not None else ()
    if procedure is not None:
        found = (*found, (None, procedure), (channel, procedure))
    return found


def translations(path: Path) -> list[Path]:
    """Return the files of a template's other languages: English, then by their letters."""
    found = [each for each in path.parent.glob(f"{path.stem}.*.txt") if _TRANSLATION.fullmatch(each.name)]
    return sorted(found, key=lambda each: (not each.stem.endswith(f".{_FIRST}"), each.name))


def _folders(folder: Path) -> Iterator[tuple[Place, Path]]:
    for path in _inside(folder / _CHANNELS):
        yield (path.name, None), path
    for path in _inside(folder / _PROCEDURES):
        yield (None, ProcedureId(path.name)), path
        for both in _inside(path / _CHANNELS):
            yield (both.name, ProcedureId(path.name)), both


def _inside(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def _unknown_folders(folder: Path, found: Mapping[Place, Path]) -> Iterator[str]:
    known = {folder / _CHANNELS, folder / _PROCEDURES, *found.values()}
    known |= {path / _CHANNELS for (channel, _), path in found.items() if channel is None}
    for each in sorted(folder.rglob("*")):
        if each.is_dir() and each not in known and each.parent in {folder, *known} and each.name[0] != ".":
            yield f"{each}: no letter takes its words from this folder; those that do are channels and procedures."


def _complaints(
    path: Path, place: Place, channels: KnownChannels, procedures: Collection[ProcedureId]
) -> Iterator[str]:
    channel, procedure = place
    if procedure is not None and procedure not in procedures:
        yield f"{path}: there is no procedure {procedure!r}."
        return
    if channel is not None and channel not in channels:
        yield f"{path}: there is no channel {channel!r}."
        return
    for file in sorted(path.glob("*.txt")):
        if not _TRANSLATION.fullmatch(file.name) and (wrong := _wrong(file.stem, channel, procedure, channels)):
            yield f"{file}:1: {wrong}"
    yield from _wrong_translations(path)


def _wrong(
    name: str, channel: ChannelName | None, procedure: ProcedureId | None, channels: KnownChannels
) -> str | None:
    """Return why no letter takes its words from a file of that name there, or None."""
    if name not in TEMPLATES:
        return f"no letter takes its words from this file; its name is one of {', '.join(TEMPLATES)}."
    kind, _, written = name.rpartition("_")
    if procedure is not None and kind in _GATHERED:
        return "this letter is about requests of several procedures; none of them has it in words of its own."
    if channel is not None and (form := channels[channel].form) is not (
        read := Form.SHORT if written == Form.SHORT else Form.MAIL
    ):
        return f"no letter of {channel} is written as {read}: it is {form}."
    return None


def _wrong_translations(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.txt")):
        if (found := _TRANSLATION.fullmatch(file.name)) is None:
            continue
        name = found[1]
        if name not in TEMPLATES or name.endswith("_subject"):
            yield f"{file}:1: no letter takes a translation from this file; mails and short ones have some."
        elif not (folder / f"{name}.txt").is_file():  # of ours, too: whoever translates them has both
            yield f"{file}:1: it translates {name}.txt, which is not beside it."
