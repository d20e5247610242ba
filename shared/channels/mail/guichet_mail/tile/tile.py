"""The tile of mail: each citizen's mailbox, their mail servers and the town's."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import Envelope
from fastapi import APIRouter, HTTPException

from citizen_sandbox.play.entry import Entry
from citizen_sandbox.play.form import Form, Written
from citizen_sandbox.play.payloads import Payload
from citizen_sandbox.play.people import Citizen
from citizen_sandbox.play.tile import Kit, Listener, OpenTile, Sender, Tile, Words
from citizen_sandbox.play.wishes import attachments, decoded
from guichet_mail.tile.copies import copies
from guichet_mail.tile.letter import TypedMail, quote, reply_address, reply_subject
from guichet_mail.tile.lmtp import LmtpServer
from guichet_mail.tile.queue import MailQueue
from guichet_mail.tile.results import WORDS as PROOFS
from guichet_mail.tile.results import Proof
from guichet_mail.tile.settings import MailSettings
from guichet_mail.tile.sink import SmtpSink, bytes_of, smtp_session
from guichet_mail.tile.troubles import Trouble
from guichet_mail.tile.wishes import MailWish, RawMailWish


class MailTile(OpenTile):
    """A mailbox; the sink takes what the town sends, the queue hands over what citizens write."""

    newest_first = True
    is_wide = True
    list_id = "mail"
    entries_template = "mail/entries.html"

    def __init__(self, settings: MailSettings, kit: Kit) -> None:
        super().__init__(kit)
        town = LmtpServer(settings.sandbox_lmtp_host, settings.sandbox_lmtp_port)
        self.queue = MailQueue(town, kit, settings.lmtp_authserv_id)
        sink = SmtpSink(kit.journal, kit.misbehaviour, self._give_back)
        self.listeners = (
            Listener(settings.sandbox_smtp_port, "GUICHET_SANDBOX_SMTP_PORT", partial(smtp_session, sink)),
        )
        self.form = Form(path="mail", ids="mail", template="mail/form.html")
        self.routers = (_test_api(self),)

    def _give_back(self, envelope: Envelope, trouble: Trouble) -> None:
        self.queue.give_back(bytes_of(envelope), envelope.mail_from or "", envelope.rcpt_tos, trouble)

    def address_of(self, citizen: Citizen) -> str:
        """Return the mail address."""
        return citizen.email

    async def write(self, sender: Sender, written: Written) -> list[Entry]:
        """Send a mail; the fields are those of the form."""
        fields = written.fields
        if not fields.get("to"):
            raise HTTPException(422, "say to whom")
        answers_to = fields.get("answers_to", "").strip()
        answered = fields.get("reply_to", "")
        wish = MailWish(
            to=[fields["to"]],
            subject=fields.get("subject", ""),
            text=written.text,
            reply_to=int(answered) if answered.isdecimal() else None,
            headers={"Reply-To": answers_to} if answers_to else {},
            proof=_proof(fields.get("proof", Proof.PASS)),
        )
        return [await self.queue.post(_letter(self, sender, wish, written), wish.proof)]

    def is_answer(self, payload: Payload, received: Entry) -> bool:
        """Say whether the mail names the one that was sent; a mail without threads may answer any."""
        named = received.header("References") + received.header("In-Reply-To")
        return super().is_answer(payload, received) and (not named or payload.provider_id in named)

    def context(self, entries: Sequence[Entry], answered: Entry | None) -> Mapping[str, Any]:
        """Return the town's mailboxes, which mails came twice, and what a reply begins with."""
        shown = {"mailboxes": self.kit.people.mailboxes, "copies": copies(entries), "proof_words": PROOFS}
        if answered is None:
            return shown
        reply = {"reply_to": reply_address(answered), "reply_subject": reply_subject(answered.subject)}
        return shown | reply | {"reply_text": quote(answered)}


def _proof(value: str) -> Proof:
    try:
        return Proof(value)
    except ValueError as exc:
        raise HTTPException(422, f"no proof {value!r}; there are {', '.join(Proof)}") from exc


def _letter(tile: MailTile, sender: Sender, wish: MailWish, written: Written) -> TypedMail:
    answered = tile.kit.journal.find(wish.reply_to) if wish.reply_to is not None else None
    if wish.reply_to is not None and answered is None:
        raise HTTPException(404, f"no entry {wish.reply_to} to reply to")
    return TypedMail(
        sender_name=sender.name,
        sender=sender.address,
        to=wish.to or ([reply_address(answered)] if answered else [tile.kit.people.mailboxes[0]]),
        cc=wish.cc,
        subject=wish.subject or (reply_subject(answered.subject) if answered else ""),
        text=written.text,
        html=wish.html,
        attachments=written.files,
        headers=wish.headers,
        answers=answered,
    )


def _test_api(tile: MailTile) -> APIRouter:
    web = APIRouter(prefix="/sandbox/api/mail")

    @web.post("", status_code=201)
    async def mail(wish: MailWish) -> Entry:
        citizen = tile.kit.people.existing(wish.citizen) if wish.citizen else None
        address = wish.sender or (citizen.email if citizen else "")
        if not address:
            raise HTTPException(422, "name a citizen or a sender")
        sender = Sender(address, citizen.name if citizen else "", citizen)
        written = Written({"text": wish.text}, attachments(wish.files))
        return await tile.queue.post(_letter(tile, sender, wish, written), wish.proof)

    @web.post("/raw", status_code=201)
    async def raw_mail(wish: RawMailWish) -> Entry:
        return await tile.queue.send_raw(decoded(wish.content_base64), wish.sender, wish.recipients, wish.proof)

    return web


TILE: Final = Tile(
    key="mail",
    title=Words("Courriel", "Mail"),
    icon="M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm-1 2 9 6 9-6",
    settings=MailSettings,
    open=MailTile,
    channels={"mail": Words("Courriel", "Mail")},
    troubles=Trouble.in_words(),
    templates=Path(__file__).with_name("templates"),
)
