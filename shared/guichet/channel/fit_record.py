"""A message whose words outgrow a record keeps their beginning in the record and the whole of them in a file. Pure."""

from dataclasses import replace

from guichet.channel.draft import Draft, DraftFile
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import MIB
from guichet.errors import PermanentError

CONTENT_BYTES = 2 * MIB  # as JSON; sealed and in base64 it is 2.7 MiB of a topic's 4
BEGINNING_BYTES = MIB // 4  # even if JSON writes each byte as \u0001, well below CONTENT_BYTES
WHOLE_TEXT = "message-complet.txt"
NOTE = f"\n\n[Message très long : la suite est dans le fichier joint {WHOLE_TEXT}.]"


def fit(draft: Draft) -> Draft:
    """Return a draft whose content fits into a record; nothing of it is lost.

    Raises PermanentError when something other than the text is too long.
    """
    if _size(draft.content) <= CONTENT_BYTES:
        return draft
    text = draft.content.text.encode()
    beginning = text[:BEGINNING_BYTES].decode(errors="ignore")
    content = draft.content.model_copy(update={"text": beginning + NOTE})
    if _size(content) > CONTENT_BYTES:
        raise PermanentError("headers or names outgrow a record", reason="oversize")
    return replace(draft, content=content, files=(*draft.files, DraftFile(WHOLE_TEXT, "text/plain", text)))


def _size(content: InboundContent) -> int:
    return len(content.model_dump_json().encode())
