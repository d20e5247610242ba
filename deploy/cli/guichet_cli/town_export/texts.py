"""What `guichet export-town` and `import-town` say. Pure."""

from pathlib import Path

from guichet_cli.town_export.manifest import End, Manifest


def asked_text(file: Path, person: str) -> str:
    """Say what to do with a request."""
    return (
        f"{file} asks for everything of the town, for {person}. Another operator approves it within 7 days:"
        f" guichet export-town approve {file} --person AGENT APPROVED-FILE"
    )


def written_text(path: Path, end: End) -> str:
    """Say what was written, and what must be known of it."""
    return "\n".join([f"{path} holds {_counted(end.counts)}.", *_under_way(end), *_unopened(end)])


def imported_text(manifest: Manifest, end: End, counts: dict[str, int]) -> str:
    """Say what was taken in, and what to do next."""
    return "\n".join(
        [
            f"Everything of {manifest.town} as it stood at {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC is here:"
            f" {_counted(counts)}.",
            "Nothing was sent. Messages that the other installation had not sent yet stand in their cases as undecided:"
            " agents say there what became of them.",
            *_under_way(end),
            "Agents' accounts are not in an export: `guichet agents add` gives each a first password.",
            "Start the services.",
        ]
    )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing"


def _under_way(end: End) -> list[str]:
    lines = []
    if end.unfiled:
        lines.append(f"{end.unfiled} message(s) were not filed yet: no import files them.")
    if end.unpublished:
        lines.append(f"{end.unpublished} case(s) had news that was not told yet: a receipt may still be owed there.")
    if end.dead_letters:
        lines.append(
            f"{end.dead_letters} dead letter(s) wait for a decision and are not in the file: each may be a message that"
            " nobody has seen. `guichet dead-letters list`, then replay or drop each there, and export again."
        )
    if end.records:
        lines.append(f"{end.records} record(s) on topics were not handled yet, and are not in the file.")
    if end.dead_letters is None:
        lines.append(
            "Whether dead letters wait, or records on topics, is not known, since the broker did not answer: what lies"
            " there is not in the file."
        )
    if lines:
        lines.append(
            "To leave with everything, stop the doors, wait until the console shows nothing waiting, export again."
        )
    return lines


def _unopened(end: End) -> list[str]:
    if not end.unopened:
        return []
    return [f"{len(end.unopened)} value(s) do not open and are left out; end.json in the file names them."]
