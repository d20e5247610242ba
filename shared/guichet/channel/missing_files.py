"""A file that the provider does not hand over is named in the message: the agent can ask for it. Pure."""

from dataclasses import replace

from guichet.channel.draft import Draft, DraftFile
from guichet.errors import PermanentError


class FileMissingError(PermanentError):
    """The provider will never hand this file over: too large for its interface, or gone. why: French, for the agent."""

    def __init__(self, why: str) -> None:
        super().__init__("a file stays with the provider", reason="file-missing")
        self.why = why


TOO_LARGE = "trop volumineux"
GONE = "indisponible"


def with_files(draft: Draft, files: list[DraftFile], missing: list[tuple[str, str]]) -> Draft:
    """Return the draft with its files, and a line in its text for each (name, why) that is missing."""
    notes = [f"[Fichier « {name} » non récupéré : {why}]" for name, why in missing]
    text = "\n".join(part for part in (draft.content.text, *notes) if part)
    return replace(draft, content=draft.content.model_copy(update={"text": text}), files=tuple(files))
