"""A message's file, opened for an agent: never one that the antivirus found something in, or has not seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from agent_desk.domain.cases.timeline import files_of
from agent_desk.domain.errors import NotFoundError, WithheldError
from agent_desk.handlers.cases.antivirus import Antivirus, TooLargeToScanError, UnscannedError
from agent_desk.handlers.open_sealed import open_words
from guichet.errors import PermanentError
from guichet.store.messages.document import MessageDocument
from guichet.store.objects import ObjectStore
from guichet.store.objects import attachment as sealed_file
from guichet.vault.fields import living_keys
from guichet.vault.ports import KeyOpener

log = structlog.get_logger()


@dataclass(frozen=True)
class OpenedFile:
    """A file as it is handed out."""

    name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class FileOpener:
    """Opens files of messages that its caller has found within somebody's scope."""

    opener: KeyOpener
    objects: ObjectStore
    antivirus: Antivirus

    async def open(self, message: MessageDocument, number: int, *, back: str, **about: str) -> OpenedFile:
        """Return a message's file, the number-th, counted from 1.

        back: the address of the page that names it. about: ids for the log. Raises NotFoundError where there is none or
        it was erased; TamperedError, WithheldError.
        """
        attachment = message.attachments[number - 1]
        words = (await open_words(self.opener, [message])).values.get(message.message_id)
        keys = await living_keys(self.opener, [message.content])
        if message.content.key_id not in keys:
            raise NotFoundError
        try:
            box = await self.objects.get(attachment.attachment_id)
        except PermanentError as exc:  # erased meanwhile
            raise NotFoundError from exc
        key = keys[message.content.key_id]
        content = sealed_file(attachment.attachment_id).open_box(key, message.message_id, box)
        names: Mapping[str, str] = words.attachment_names if words is not None else {}
        file = OpenedFile(files_of(message, names)[number - 1].name, attachment.content_type, content)
        await self._expect_harmless(file, back, about)
        return file

    async def _expect_harmless(self, file: OpenedFile, back: str, about: Mapping[str, str]) -> None:
        try:
            virus = await self.antivirus.found_in(file.content)
        except TooLargeToScanError as exc:
            log.warning("file too large for the antivirus, so not given", bytes=len(file.content), **about)
            raise WithheldError(back, file.name, None, is_too_large=True) from exc
        except UnscannedError as exc:
            log.warning("file not scanned, so not given", error=str(exc), **about)
            raise WithheldError(back, file.name, None) from exc
        if virus is not None:
            log.warning("file withheld", found=virus, **about)
            raise WithheldError(back, file.name, virus)
