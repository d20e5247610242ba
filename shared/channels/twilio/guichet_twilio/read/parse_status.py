"""Understand one status callback. Pure. Source: twilio.com/docs/messaging/guides/track-outbound-message-status."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from guichet.contracts.delivery import DeliveryReported
from guichet.errors import PermanentError
from guichet.ids import EventId, MessageId, derive_id
from guichet_twilio.read.parse_sms import read_address

# What Twilio documents, and nothing else: a report travels in clear, and free text may name a subscriber.
_OUTBOUND_ID: Final = re.compile(r"[0-9a-f]{32}")
_SID: Final = re.compile(r"[A-Z]{2}[0-9a-f]{1,64}")
_STATUS: Final = re.compile(r"[a-z]{1,20}(_[a-z]{1,20})?")
_ERROR_CODE: Final = re.compile(r"[0-9]{1,9}")


def parse_status(form: Mapping[str, str], outbound_id: str, *, at: datetime) -> DeliveryReported:
    """Return Twilio's word on an outbound message; the same word again has the same event id.

    outbound_id: carried by the callback's address. Raises PermanentError when a field is missing or not a code.
    """
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    error_code = form.get("ErrorCode") or None
    if not (_OUTBOUND_ID.fullmatch(outbound_id) and _SID.fullmatch(sid) and _STATUS.fullmatch(status)):
        raise PermanentError("a status without outbound_id, MessageSid or MessageStatus", reason="unreadable")
    if error_code is not None and not _ERROR_CODE.fullmatch(error_code):
        raise PermanentError("a status whose ErrorCode is no number", reason="unreadable")
    channel, _ = read_address(form.get("To", ""))
    return DeliveryReported(
        event_id=EventId(derive_id("delivery-report", outbound_id, sid, status, error_code or "")),
        occurred_at=at,
        outbound_id=MessageId(outbound_id),
        channel=channel,
        provider_id=sid,
        status=status,
        error_code=error_code,
    )
