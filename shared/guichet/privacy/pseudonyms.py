"""Ids made from what is personal, by HMAC-SHA-256: without the key nobody can guess or join them. Pure.

Each function has a domain of its own inside the HMAC and frames its parts, so that no id of one kind equals an id of
another even under the same key. Values are given normalised (guichet.privacy.normal_form). Ids are 32 hex digits.
"""

import hmac
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from guichet.contracts.inbound import ChannelName
from guichet.contracts.inbound_content import IdentifierKind
from guichet.errors import PermanentError
from guichet.ids import AnchorId, CaseId, CitizenId, IdentifierId, MessageId, SectorCitizenId, SectorId
from guichet.privacy.framed_bytes import framed

ID_BYTES = 16
INGEST_PERIOD = timedelta(days=7)  # as long as inbound topics are kept
_EPOCH = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
TAG_BYTES = 12  # shorter than an id: a tag of before, the same in every case, is told by its length


def message_id(key: bytes, channel: ChannelName, account: str, provider_id: str) -> MessageId:
    """Return the id of a message whose provider names it: the same at every delivery.

    account: the town's receiving account. Raises PermanentError for a blank id: two unnamed messages never match.
    """
    if not provider_id.strip():
        raise PermanentError(f"{channel}: the provider gave no message id", reason="blank-provider-id")
    return MessageId(_pseudonym(key, "message", channel, account, provider_id))


def mail_message_id(
    key: bytes, *, message_id: str | None, sender: str, date: str | None, parts_digest: str
) -> MessageId:
    """Return the id of a mail, for the whole town.

    Message-ID is the sender's choice, so the id covers From, Date and a digest of the decoded parts as well: different
    mails under one Message-ID stay two, one mail to two mailboxes is one. A missing header counts as empty.
    """
    return MessageId(_pseudonym(key, "mail", (message_id or "").strip(), sender, (date or "").strip(), parts_digest))


def ingest_pseudonym(key: bytes, channel: ChannelName, sender: str, at: datetime) -> str:
    """Return the key of an inbound topic: keeps the order of one sender's messages, stored nowhere else.

    It changes every INGEST_PERIOD: what a topic holds of longer ago, or a copy of it, is not joined with what comes.
    When it does, two messages of one sender may lie in different partitions and be read in either order, which the
    router copes with as it does with mails that overtake each other.
    """
    period = (at - _EPOCH) // INGEST_PERIOD
    return _pseudonym(key, "ingest", str(period), channel, sender)


def identifier_id(registry_key: bytes, kind: IdentifierKind, value: str) -> IdentifierId:
    """Return the registry's id of an address."""
    return IdentifierId(_pseudonym(registry_key, "identifier", kind, value))


def sector_key(sector_master_key: bytes, sector: SectorId) -> bytes:
    """Return the key of one sector, 32 bytes: from it nothing of another sector can be computed."""
    return _mac(sector_master_key, "sector", sector)


def sector_citizen_id(sector_master_key: bytes, sector: SectorId, citizen: CitizenId) -> SectorCitizenId:
    """Return the sector's own id of a citizen: two sectors' ids of one person cannot be joined."""
    return SectorCitizenId(_pseudonym(_known_sector_key(sector_master_key, sector), "citizen", citizen))


def abuse_sender_id(sector_master_key: bytes, sector: SectorId, kind: IdentifierKind, mailbox: str) -> str:
    """Return a sector's own id of a mailbox, for declarations of abuse. mailbox: as `one_mailbox` gives it."""
    return _pseudonym(_known_sector_key(sector_master_key, sector), "abuse-sender", kind, mailbox)


def person_tag(thread_key: bytes, kind: IdentifierKind, value: str) -> str:
    """Return what stands for an address while messages are filed. It rests nowhere: it is the same in every sector."""
    return _pseudonym(thread_key, "participant", kind, value)


def erased_citizen_tag(ledger_key: bytes, citizen: CitizenId) -> str:
    """Return by what the ledger knows someone again who was erased, should a restore bring their registry id back."""
    return _pseudonym(ledger_key, "erased-citizen", citizen)


def ledger_mark(ledger_key: bytes, *said: str) -> str:
    """Return what shows that gdpr-worker wrote this into the ledger, and nobody else."""
    return _pseudonym(ledger_key, "ledger-entry", *said)


def participant_tag(thread_key: bytes, case: CaseId, person: str) -> str:
    """Return what a case keeps of someone addressed in its thread, to know them again when they write: 24 hex digits.

    person: their `person_tag`. Two cases' tags of one person cannot be joined.
    """
    return _mac(thread_key, "case-participant", case, person)[:TAG_BYTES].hex()


def claims_key(thread_key: bytes) -> bytes:
    """Return the key that claims on anchors are sealed under, 32 bytes."""
    return _mac(thread_key, "claims")


def blind_id(registry_key: bytes, kind: str, name: str) -> str:
    """Return what stands for an id where it is to be found and must lead nowhere (guichet.privacy.blind_ids)."""
    return _pseudonym(registry_key, "blind", kind, name)


def counted_recipient(key: bytes, kind: IdentifierKind, value: str, day: date, *, proven: bool) -> str:
    """Return by what receipts to one address are counted on one day: another day's leads nowhere.

    proven: those whose recipient surely wrote; the others are counted apart.
    """
    return _pseudonym(key, "counted-recipient", kind, value, day.isoformat(), "proven" if proven else "unproven")


def counted_changes(key: bytes, whose: str, value: str, day: date) -> str:
    """Return by what letters about changes are counted on one day. whose: what the value is: "case", or its kind."""
    return _pseudonym(key, "counted-changes", whose, value, day.isoformat())


def counted_receipt(key: bytes, receipt: MessageId) -> str:
    """Return what stands for a receipt that was counted: its own id would lead to its case."""
    return _pseudonym(key, "counted-receipt", receipt)


def own_anchor(thread_key: bytes, message: MessageId) -> AnchorId:
    """Return the anchor of a message that has no Message-ID: an SMS, a chat, a form, a mail without the header."""
    return AnchorId(_pseudonym(thread_key, "own-anchor", message))


def mail_anchor(thread_key: bytes, mail_message_id: str) -> AnchorId:
    """Return the anchor of a mail's Message-ID, given with or without its angle brackets."""
    return AnchorId(_pseudonym(thread_key, "mail-anchor", mail_message_id.strip().strip("<>").strip()))


def mail_head(thread_key: bytes, mail_message_id: str, author: str, written_at: datetime) -> MessageId:
    """Return what every route's copy of a mail has alike. It rests in the first alone, and is left of one erased.

    author: the address in From, in its comparable form.
    """
    return MessageId(_pseudonym(thread_key, "mail-head", mail_message_id, author, written_at.isoformat()))


def conversation_anchor(thread_key: bytes, channel: ChannelName, account: str, sender: str) -> AnchorId:
    """Return the anchor of an SMS or chat conversation."""
    return AnchorId(_pseudonym(thread_key, "conversation", channel, account, sender))


def keyed_digest(key: bytes, content: bytes) -> str:
    """Return 64 hex digits that tell equal contents, and from which no content can be guessed."""
    return _mac(key, "digest", content).hex()


_known_sector_key = lru_cache(maxsize=256)(sector_key)  # a town has some ten sectors; the router asks once a message


def _pseudonym(key: bytes, domain: str, *parts: str) -> str:
    return _mac(key, domain, *parts)[:ID_BYTES].hex()


def _mac(key: bytes, domain: str, *parts: str | bytes) -> bytes:
    return hmac.digest(key, framed("guichet", domain, *parts), "sha256")
