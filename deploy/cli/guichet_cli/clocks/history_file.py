"""A history as JSON Lines: read whole, or not at all, with a sentence for each line that is wrong."""

import errno
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from guichet.contracts.channels import Words
from guichet.law.calendar import WorkingDays
from guichet.law.clocks.facts import LegalFact
from guichet.law.clocks.in_force import Version, Versions, doubled_day
from guichet.law.clocks.rules import ProcedureRule, TownRules
from guichet_cli.clocks.fields import Fields, UnreadableError, text, wrong
from guichet_cli.clocks.lines import read_event, read_procedure, read_town
from guichet_cli.console.language import Language, words
from guichet_cli.console.terminal_text import on_one_line

_IN_FRENCH: Final = {
    errno.ENOENT: "il n’existe pas",
    errno.EACCES: "l’accès est refusé",
    errno.EISDIR: "c’est un dossier",
}
MAX_BYTES: Final = 1_000_000
"""Thousands of facts: far more than one case has."""


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a line, counted from one; None: with the file."""

    line: int | None
    said: Words

    def in_words(self, file: Path, lang: Language) -> str:
        """Return it as « file:line: sentence »."""
        at = str(file) if self.line is None else f"{file}:{self.line}"
        return f"{on_one_line(at)}: {lang.of(self.said)}"


@dataclass
class HistoryFile:
    """What a file says. With a complaint, nothing of it is to be used."""

    facts: list[LegalFact] = field(default_factory=list)
    procedures: dict[str, list[Version[ProcedureRule]]] = field(default_factory=dict)
    town: tuple[WorkingDays, bool] | None = None
    complaints: list[Complaint] = field(default_factory=list)

    @property
    def rules(self) -> TownRules:
        """The town that it describes: a metropolitan one unless it says another."""
        calendar, rolls = self.town or (WorkingDays(), True)
        procedures = {name: Versions((*versions,)) for name, versions in self.procedures.items()}
        return TownRules(procedures, calendar, rolls)


def read_history(path: Path) -> HistoryFile:
    """Return what a file says, with what is wrong in it."""
    try:
        with path.open("rb") as file:
            read = file.read(MAX_BYTES + 1)
        content = read.decode("utf-8-sig")
    except OSError as exc:
        return HistoryFile(complaints=[Complaint(None, _unopened(exc))])
    except UnicodeDecodeError:
        said = words(
            "ce fichier n’est pas en UTF-8 ; enregistrez-le dans ce codage.", "this file is not UTF-8; save it as such."
        )
        return HistoryFile(complaints=[Complaint(None, said)])
    if len(read) > MAX_BYTES:
        said = words("ce fichier dépasse 1 Mo ; une seule demande y tient.", "this file is over 1 MB; one case fits.")
        return HistoryFile(complaints=[Complaint(None, said)])
    return read_lines(content)


def _unopened(exc: OSError) -> Words:
    why = _IN_FRENCH.get(exc.errno or 0, f"erreur {exc.errno}")
    return words(
        f"ce fichier ne s’ouvre pas ({why}) ; vérifiez son chemin et ses droits.",
        f"this file does not open ({exc.strerror}); see its path and its rights.",
    )


def read_lines(content: str) -> HistoryFile:
    """Return what the lines say. Blank ones are left out."""
    read = HistoryFile()
    for nth, line in enumerate(content.split("\n"), 1):
        if line.strip():
            try:
                _take(line, read)
            except UnreadableError as exc:
                read.complaints.append(Complaint(nth, exc.said))
    if not read.facts and not read.complaints:
        said = words(
            'aucun événement ; écrivez au moins une ligne comme {"event": "received", "at": "2026-04-30"}.',
            'no event; write a line at least, such as {"event": "received", "at": "2026-04-30"}.',
        )
        read.complaints.append(Complaint(None, said))
    return read


def _take(line: str, read: HistoryFile) -> None:
    fields = Fields(_json(line))
    fields.take("note", text, None)
    if fields.has("event"):
        read.facts.append(read_event(fields))
    elif fields.has("procedure"):
        name, version = read_procedure(fields)
        versions = [*read.procedures.get(name, ()), version]
        if (doubled := doubled_day(versions)) is not None:
            day = "" if doubled == date.min else f" ({doubled})"
            raise wrong(
                f"la démarche « {name} » est déjà décrite pour un même jour{day} ; gardez une seule ligne, ou donnez à "
                "chacune ses jours, « in_force_from » et « until ».",
                f"the procedure “{name}” is described already of the same day{day}; keep one line, or give each its "
                "days, “in_force_from” and “until”.",
            )
        read.procedures[name] = versions
    elif fields.has("town"):
        if read.town is not None:
            raise wrong(
                "la commune est déjà décrite ; gardez une seule ligne.", "the town is described already; keep one line."
            )
        read.town = fields.inside("town", read_town)
        fields.end()
    else:
        raise wrong(
            "ni « event », ni « procedure », ni « town » ; une ligne dit l’un des trois (docs/clocks.md).",
            "neither “event” nor “procedure” nor “town”; a line says one of the three (docs/clocks.md).",
        )


def _json(line: str) -> object:
    try:
        return json.loads(line, object_pairs_hook=_object)
    except json.JSONDecodeError as exc:
        raise wrong(
            f"ce n’est pas du JSON (caractère {exc.colno}) ; écrivez un objet entier par ligne.",
            f"this is no JSON (character {exc.colno}); write one whole object a line.",
        ) from exc
    except ValueError as exc:  # of more digits than Python reads
        raise wrong("un nombre y est trop long ; écrivez-le en clair.", "a number is too long; mend it.") from exc
    except RecursionError as exc:
        raise wrong("trop d’objets les uns dans les autres.", "too many objects within each other.") from exc


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict[str, object]()
    for name, value in pairs:
        if name in found:
            raise wrong(
                f"« {name} » y est deux fois ; gardez un seul champ.", f"“{name}” is in it twice; keep one field."
            )
        found[name] = value
    return found
