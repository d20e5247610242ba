"""The edge: the moment from which a citizen's message cannot be lost any more.

An adapter reads a payload into a Draft and hands it over here; only when `accept` has returned may it answer its source
"accepted".
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.oversize import BEGINNING_BYTES, fit, keep_aside
from guichet.contracts.dead_letters import Aside, Origin
from guichet.contracts.inbound import (
    Attachment,
    MessageReceived,
    require_possible_arrival,
    require_possible_files,
    require_received_by_arrival,
)
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import MIB, E, Topic
from guichet.errors import BugError, PermanentError, TransientError
from guichet.ids import MessageId, derive_id, event_id
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.privacy.framed_bytes import framed
from guichet.privacy.pseudonyms import ingest_pseudonym
from guichet.runtime.settings import EdgeSettings
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.runtime.telemetry.error_locations import class_and_place
from guichet.runtime.telemetry.metrics import MESSAGES_ACCEPTED, MESSAGES_UNREAD
from guichet.runtime.telemetry.tracing import span
from guichet.store.messages.document import INBOUND_CONTENT
from guichet.store.objects import ObjectStore, attachment
from guichet.vault.ports import KeySource
from guichet.vault.sealing import DataKey

log = structlog.get_logger()


class DeadLetterPayload(Protocol):
    """Puts aside, sealed, a payload that nobody can read."""

    async def __call__(
        self, topic: Topic[Any], payload: bytes, error: Exception, /, *, aside: Aside | None, origin: Origin | None
    ) -> None:
        """Return once the broker holds it. aside: where the whole of it lies, if not here. Raises TransientError."""


Read = Callable[[bytes], Awaitable[Draft | None]]
"""Understand a payload; None for one that holds no message (a provider's notice), which is then forgotten."""

Salvage = Callable[[bytes], Draft]
"""Say of a payload that cannot be read what can be told, what came being one of its files.

Raises PermanentError where it cannot be told who sent it to which of the town's accounts.
"""

FindOrigin = Callable[[], Origin]
"""Say where a payload came from, and who sent it."""

PATIENCE: Final = timedelta(seconds=12)  # Twilio waits 15 s for its answer, the others longer
KEPT_BYTES: Final = 3 * MIB  # sealed and in base64 twice it is below the limit of a topic's dead letters
KEPT_BYTES_SIGNED: Final = 2 * MIB  # and below that of the topic itself, which third parties' hosts put it on


class Edge:
    """Seals a message under a key of its own, keeps its files, publishes it. It can seal and cannot open.

    now: the host's clock, aware UTC.
    """

    def __init__(
        self,
        *,
        keys: KeySource,
        objects: ObjectStore,
        publisher: Publisher,
        dead_letter: DeadLetterPayload,
        settings: EdgeSettings,
        now: Callable[[], datetime],
        patience: timedelta = PATIENCE,
    ) -> None:
        self._keys = keys
        self._objects = objects
        self._publisher = publisher
        self._dead_letter = dead_letter
        self._pseudonym_key = settings.ingest_pseudonym_key.get_secret_value()
        self._now = now
        self._patience_s = patience.total_seconds()

    async def receive(
        self,
        topic: Topic[MessageReceived],
        payload: bytes,
        read: Read,
        salvage: Salvage | None = None,
        *,
        origin: FindOrigin | None = None,
    ) -> MessageId | None:
        """Read a payload and accept what it says. origin: asked where it becomes a dead letter.

        What cannot be read was received in law all the same: it is accepted as `salvage` gives it, for a person to
        read. Only where nobody is known to have sent it is it put aside, sealed.

        Returns the message's id, or None where there is none: either way the source may forget the payload.
        Raises TransientError when the source must send it again.
        """
        try:
            draft = await read(payload)
            return await self.accept(topic, draft) if draft is not None else None
        except TransientError:
            raise
        except Exception as error:  # a payload nobody can read, or a bug of ours: never the citizen's loss
            return await self._accept_unread(topic, payload, error, salvage, origin)

    async def _accept_unread(
        self,
        topic: Topic[MessageReceived],
        payload: bytes,
        error: Exception,
        salvage: Salvage | None,
        origin: FindOrigin | None,
    ) -> MessageId | None:
        try:
            message = await self.accept(topic, replace(salvage(payload), unread=True)) if salvage else None
        except TransientError:
            raise
        except Exception:  # why it could not be read says more than why nothing of it could be told
            message = None
        if message is None:
            await self.dead_letter(topic, payload, error, origin)
            return None
        why = error.reason if isinstance(error, PermanentError) else class_and_place(error)
        log.error("message accepted unread", message_id=message, topic=topic.name, reason=why, exc_info=error)
        MESSAGES_UNREAD.labels(topic.name).inc()
        raise_alarm(Alarm.UNREAD, f"{topic.name}:{why}")
        return message

    async def accept(self, topic: Topic[MessageReceived], draft: Draft) -> MessageId:
        """Return the message's id once the broker holds it.

        Raises TransientError while vault (with an empty pool), object store or broker are away, and PermanentError for
        a message that no record can carry, with too many files, that came to no account, or at a time that cannot be.
        """
        require_possible_arrival(draft.accounts, self._now(), draft.received_at, draft.at_our_edge)
        require_received_by_arrival(draft.received_at, draft.at_our_edge)
        whole = fit(draft)
        require_possible_files(len(whole.files))
        with span("accept"):
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._publish(topic, whole)
            except TimeoutError as exc:
                raise TransientError(f"not accepted within {self._patience_s:g} s") from exc
            log.info("message accepted", message_id=draft.message_id, channel=draft.channel, topic=topic.name)
        MESSAGES_ACCEPTED.labels(draft.channel).inc()
        return draft.message_id

    async def relay(
        self,
        topic: Topic[E],
        payload: bytes,
        read: Callable[[bytes], Awaitable[E]],
        *,
        origin: FindOrigin | None = None,
    ) -> None:
        """Pass on a provider's notice that holds no person (a status callback), or put it aside.

        Raises TransientError when the source must send it again.
        """
        try:
            with span("relay"):
                await self._publisher.publish(Publication(topic, await read(payload)))
        except TransientError:
            raise
        except Exception as error:
            await self.dead_letter(topic, payload, error, origin)

    async def dead_letter(
        self, topic: Topic[Any], payload: bytes, error: Exception, origin: FindOrigin | None = None
    ) -> None:
        """Put a payload aside as a sealed dead letter of `topic`; one that no record carries goes to the object store.

        Raises TransientError.
        """
        aside = None
        if len(payload) > (KEPT_BYTES_SIGNED if topic.signed_by_hosts else KEPT_BYTES):
            aside = await keep_aside(payload, keys=self._keys, objects=self._objects)
            payload = payload[:BEGINNING_BYTES]
        why = error if isinstance(error, PermanentError) else _as_bug(error)
        await self._dead_letter(topic, payload, why, aside=aside, origin=origin() if origin else None)

    async def _publish(self, topic: Topic[MessageReceived], draft: Draft) -> None:
        (key,) = await self._keys.new_keys(1)
        attachments = await self._keep_files(draft, key)
        event = MessageReceived(
            event_id=event_id(draft.message_id, MessageReceived.__name__),
            occurred_at=draft.at_our_edge,
            message_id=draft.message_id,
            channel=draft.channel,
            accounts=draft.accounts,
            received_at=draft.received_at,
            arrived_at=draft.at_our_edge,
            dated_by=draft.dated_by,
            date_doubt=draft.date_doubt,
            suspended=draft.suspended,
            automatic=draft.automatic,
            edits=draft.edits,
            unread=draft.unread,
            entered_by=draft.entered_by,
            procedure=draft.procedure,
            on_the_spot=draft.on_the_spot,
            attachments=attachments,
            content=INBOUND_CONTENT.seal(key, draft.message_id, _named(draft, attachments)),
        )
        pseudonym = ingest_pseudonym(self._pseudonym_key, draft.channel, draft.sender_key_value, draft.at_our_edge)
        await self._publisher.publish(Publication(topic, event, key=pseudonym))

    async def _keep_files(self, draft: Draft, key: DataKey) -> tuple[Attachment, ...]:
        if not draft.files:
            return ()
        kept = (self._keep(draft, key, place, file) for place, file in enumerate(draft.files))
        return tuple(await asyncio.gather(*kept))

    async def _keep(self, draft: Draft, key: DataKey, place: int, file: DraftFile) -> Attachment:
        """Keep one file. Its id covers the data key: a second delivery must not overwrite what the first one sealed."""
        attachment_id = derive_id("attachment", draft.message_id, key.key_id, str(place))
        sealed = attachment(attachment_id).seal(key, draft.message_id, file.content)
        await self._objects.put(attachment_id, sealed.box)
        return Attachment(
            attachment_id=attachment_id,
            content_type=file.content_type,
            size_bytes=len(file.content),
        )


def _as_bug(error: Exception) -> BugError:
    """Return the error that raises the alarm of a bug; what the original said is sealed with the dead letter."""
    bug = BugError(class_and_place(error))
    bug.__cause__ = error
    return bug


def _named(draft: Draft, attachments: tuple[Attachment, ...]) -> InboundContent:
    if not attachments:
        return draft.content
    names = {kept.attachment_id: file.name for kept, file in zip(attachments, draft.files, strict=True)}
    return draft.content.model_copy(update={"attachment_names": names, "files_digest": _digest(draft.files)})


def _digest(files: Iterable[DraftFile]) -> str:
    each = (framed(file.name, file.content_type, hashlib.sha256(file.content).digest()) for file in files)
    return hashlib.sha256(framed(*each)).hexdigest()
