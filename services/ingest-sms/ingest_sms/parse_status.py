"""Understand one status callback. Pure. Source: twilio.com/docs/messaging/guides/track-outbound-message-status."""

from collections.abc import Mapping
from datetime import datetime

from guichet.contracts.delivery import DeliveryReported
from guichet.errors import PermanentError
from guichet.ids import EventId, MessageId, derive_id
from ingest_sms.parse_sms import read_address


def parse_status(form: Mapping[str, str], outbound_id: str, *, at: datetime) -> DeliveryReported:
    """Return Twilio's word on an outbound message; the same word again has the same event id.

    outbound_id: carried by the callback's address. Raises PermanentError when a field is missing.
    """
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    if not (outbound_id and sid and status):
        raise PermanentError("a status without outbound_id, MessageSid or MessageStatus", reason="unreadable")
    channel, _ = read_address(form.get("To", ""))
    error_code = form.get("ErrorCode") or None
    return DeliveryReported(
        event_id=EventId(derive_id("delivery-report", outbound_id, sid, status, error_code or "")),
        occurred_at=at,
        outbound_id=MessageId(outbound_id),
        channel=channel,
        provider_id=sid,
        status=status,
        error_code=error_code,
    )
