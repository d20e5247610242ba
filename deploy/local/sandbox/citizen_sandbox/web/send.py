"""Turn a wish into what a citizen's telephone, chat or mail program sends."""

import base64
import binascii

from fastapi import HTTPException

from citizen_sandbox.mail.letter import Letter, reply_address, reply_subject
from citizen_sandbox.play.clock import now
from citizen_sandbox.play.entry import Attachment, Direction, Entry
from citizen_sandbox.telegram.network import Chat
from citizen_sandbox.telegram.updates import Writer
from citizen_sandbox.web.playground import Playground, writer_of
from citizen_sandbox.web.wishes import FileWish, MailWish, RawMailWish, SmsWish, TelegramWish


async def send_sms(playground: Playground, wish: SmsWish) -> Entry:
    """Send an SMS or WhatsApp message. Raises HTTPException when nobody sends it."""
    citizen = playground.existing_citizen(wish.citizen) if wish.citizen else None
    phone = citizen.phone if citizen else wish.phone
    if not phone:
        raise HTTPException(422, "name a citizen or a phone")
    if wish.whatsapp and not playground.account.whatsapp_number:
        raise HTTPException(422, "the town has no WhatsApp number: set GUICHET_TWILIO_WHATSAPP_NUMBER")
    return await playground.telephone.send(
        phone=phone,
        text=wish.text,
        files=_files(wish.files),
        channel="whatsapp" if wish.whatsapp else "sms",
        name=citizen.name if citizen else "",
        overrides=wish.params,
    )


async def send_telegram(playground: Playground, wish: TelegramWish) -> list[Entry]:
    """Send a Telegram message, or the raw update that the wish holds."""
    writer = _writer(playground, wish)
    if wish.update is not None:
        entry = Entry(
            channel="telegram",
            direction=Direction.SENT,
            address=str(writer.id),
            counterpart=playground.bot.user["username"],
            provider_id=str(wish.update.get("update_id", "")),
        )
        return [await playground.chat.send_update(wish.update, entry)]
    if not (wish.text.strip() or wish.files or wish.location):
        raise HTTPException(422, "write something, or join a file")  # Telegram sends nothing empty either
    chat = Chat(text=wish.text, files=_files(wish.files), location=wish.location, edits=wish.edits)
    return await playground.chat.send(writer, chat)


async def send_mail(playground: Playground, wish: MailWish) -> Entry:
    """Send a mail, new or in answer to another."""
    citizen = playground.existing_citizen(wish.citizen) if wish.citizen else None
    sender = wish.sender or (citizen.email if citizen else "")
    if not sender:
        raise HTTPException(422, "name a citizen or a sender")
    answered = playground.journal.find(wish.reply_to) if wish.reply_to is not None else None
    if wish.reply_to is not None and answered is None:
        raise HTTPException(404, f"no entry {wish.reply_to} to reply to")
    letter = Letter(
        sender_name=citizen.name if citizen else "",
        sender=sender,
        to=wish.to or ([reply_address(answered)] if answered else [playground.people.mailboxes[0]]),
        cc=wish.cc,
        subject=wish.subject or (reply_subject(answered.subject) if answered else ""),
        text=wish.text,
        html=wish.html,
        attachments=_files(wish.files),
        headers=wish.headers,
        answers=answered,
    )
    return await playground.mail.post(letter, wish.proof)


async def send_raw_mail(playground: Playground, wish: RawMailWish) -> Entry:
    """Send any bytes as a mail."""
    return await playground.mail.send_raw(_decoded(wish.content_base64), wish.sender, wish.recipients, wish.proof)


def _writer(playground: Playground, wish: TelegramWish) -> Writer:
    if wish.citizen:
        return writer_of(playground.existing_citizen(wish.citizen))
    # without a writer it is somebody new, as anybody in the world may write to a bot
    return Writer(id=wish.writer_id or int(now().timestamp() * 1000) % 10**9, first_name=wish.writer_name)


def _files(wishes: list[FileWish]) -> list[Attachment]:
    return [
        Attachment(name=wish.name, media_type=wish.media_type, content=_decoded(wish.content_base64)) for wish in wishes
    ]


def _decoded(content_base64: str) -> bytes:
    try:
        return base64.b64decode(content_base64, validate=True)
    except binascii.Error as exc:
        raise HTTPException(422, f"content_base64 is not base64: {exc}") from exc
