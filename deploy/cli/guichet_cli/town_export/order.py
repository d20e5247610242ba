"""Who asked for a town's export, for whom, to which key, and who approved it. Pure.

Both say so in one file that they hand on, signed by the operator's command: nothing of it rests in the store but the
audit trail's entries. Two people of the town, and two operators: nobody approves what they asked for.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, ValidationError

from guichet.contracts.base import Box, Contract
from guichet.errors import ForgedError, PermanentError
from guichet.ids import AgentId
from guichet.privacy.signing.records import Signed, Signer, Verifier

PURPOSE: Final = "town-export"  # no topic is called so
PRODUCER: Final = "guichet-cli"
GOOD_FOR: Final = timedelta(days=7)
CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)  # of two operators' machines


class Asked(Contract):
    """person: of the town, who takes the export and answers for it. recipient: the key that it is encrypted to."""

    order_id: str
    person: AgentId
    recipient: str
    asked_by: AgentId
    asked_at: AwareDatetime


class Approved(Contract):
    """person: of the town, who agrees. signature: of what they agree to."""

    person: AgentId
    approved_by: AgentId
    approved_at: AwareDatetime
    signature: Box


class Sheet(Contract):
    """What was said, as it was signed."""

    said: str
    key_id: str
    signature: Box


class OrderFile(Contract):
    """What one hands to the other."""

    asked: Sheet
    approved: Sheet | None = None


class Order(Contract):
    """An export that both agree to, verified."""

    asked: Asked
    approved: Approved


def ask(person: AgentId, recipient: str, *, by: AgentId, at: datetime, signer: Signer) -> tuple[Asked, OrderFile]:
    """Return a new request."""
    asked = Asked(order_id=secrets.token_hex(16), person=person, recipient=recipient, asked_by=by, asked_at=at)
    return asked, OrderFile(asked=sign(asked, signer))


def approve(
    file: OrderFile, person: AgentId, *, by: AgentId, at: datetime, signer: Signer, verifier: Verifier
) -> tuple[Asked, OrderFile]:
    """Return it approved. Raises PermanentError: it is too old, forged, or the same people asked for it."""
    asked = _asked(file, verifier)
    _require_in_time(asked, at)
    _require_others(asked, person, by)
    approved = Approved(person=person, approved_by=by, approved_at=at, signature=file.asked.signature)
    return asked, file.model_copy(update={"approved": sign(approved, signer)})


def verified(file: OrderFile, *, at: datetime, verifier: Verifier) -> Order:
    """Return what both agreed to; it may be written again and again in its time. Raises PermanentError."""
    asked = _asked(file, verifier)
    _require_in_time(asked, at)
    if file.approved is None:
        raise PermanentError("Nobody has approved this export yet: `guichet export-town approve`.")
    approved = Approved.model_validate_json(_verified(file.approved, verifier))
    if approved.signature != file.asked.signature:
        raise PermanentError("What was approved is another export.")
    _require_others(asked, approved.person, approved.approved_by)  # again: every command signs with the same key
    return Order(asked=asked, approved=approved)


def read_order(content: bytes) -> OrderFile:
    """Return what a file holds. Raises PermanentError."""
    try:
        return OrderFile.model_validate_json(content)
    except ValidationError:
        raise PermanentError("This file is no request of `guichet export-town ask`.") from None


def sign(said: Contract, signer: Signer) -> Sheet:
    """Return what is said, as the operator's command signs it."""
    text = said.model_dump_json()
    signed = signer.sign(PURPOSE, type(said).__name__.encode(), text.encode())
    return Sheet(said=text, key_id=signed.key_id, signature=signed.signature)


def _asked(file: OrderFile, verifier: Verifier) -> Asked:
    return Asked.model_validate_json(_verified(file.asked, verifier, Asked))


def _verified(sheet: Sheet, verifier: Verifier, kind: type[Contract] = Approved) -> str:
    signed = Signed(PURPOSE, kind.__name__.encode(), sheet.said.encode(), sheet.key_id, sheet.signature)
    try:
        verifier.verify_order(signed, PURPOSE, PRODUCER)
    except ForgedError as exc:
        raise PermanentError(
            f"This request was not made by `guichet export-town`, or was changed since ({exc})."
        ) from exc
    return sheet.said


def _require_others(asked: Asked, person: AgentId, by: AgentId) -> None:
    if person == asked.person:
        raise PermanentError(f"{person} takes this export: somebody else of the town approves it.")
    if by == asked.asked_by:
        raise PermanentError(f"{by} asked for this export: another operator approves it, from an account of their own.")


def _require_in_time(asked: Asked, at: datetime) -> None:
    if asked.asked_at > at + CLOCKS_DIFFER_BY:
        raise PermanentError(
            "This request was asked for at a time that is still to come. Set the clock right, and ask again."
        )
    if at - asked.asked_at > GOOD_FOR:
        raise PermanentError(f"This request is older than {GOOD_FOR.days} days: ask again.")
