"""Citizens write, on every channel; what they send is made of canaries."""

from pathlib import Path

from citizen_sandbox.play.entry import Attachment
from guichet_canary.writing.cast import Person
from guichet_canary.writing.mails import CONTACT, file_of
from guichet_mail.tile.results import Proof
from guichet_testing.town.portal_form import portal_form
from guichet_testing.town.sandbox_client import SandboxClient


async def by_mail(sandbox: SandboxClient, writer: Person, raw: bytes, *, null_sender: bool = False) -> None:
    """Send raw bytes as a mail from the writer's address."""
    await sandbox.send_raw_mail(raw, "" if null_sender else writer.email.value, [CONTACT], proof=Proof.PASS)


async def by_sms(sandbox: SandboxClient, writer: Person, addition: str = "") -> None:
    """Send an SMS with a file."""
    await sandbox.send_sms(phone=writer.phone.value, text=words_of(writer, addition), files=[attachment(writer)])


async def by_whatsapp(sandbox: SandboxClient, writer: Person) -> None:
    """Send a WhatsApp message; the profile bears the name."""
    await sandbox.send_sms(
        phone=writer.phone.value,
        text=words_of(writer),
        files=[attachment(writer)],
        whatsapp=True,
        params={"ProfileName": writer.name.value},
    )


async def by_sms_from_a_name(sandbox: SandboxClient, writer: Person) -> None:
    """Send an SMS as firms do, from a name instead of a number; the provider's refusal to answer it quotes the name."""
    name = writer.email.value.partition("@")[0]
    await sandbox.send_sms(phone=writer.phone.value, text=writer.text.value, params={"From": name})


async def by_telegram(sandbox: SandboxClient, writer: Person) -> None:
    """Send a document with its caption."""
    await sandbox.send_telegram(
        text=words_of(writer),
        files=[attachment(writer)],
        writer_id=int(writer.chat.value),
        writer_name=writer.name.value,
    )


async def by_form(portal: str, writer: Person) -> int:
    """Fill in the portal's form: first wrongly, so that it comes back with what was typed, then well.

    Return the last status: 303 when it was taken, 503 when it could not be kept.
    """
    fields = {
        "name": writer.name.value,
        "email": writer.email.value,
        "phone": writer.phone.value,
        "subject": writer.subject.value,
        "message": words_of(writer),
    }
    files = [(writer.file_name.value, file_of(writer), "application/pdf")]
    async with portal_form(portal) as form:
        assert await form.send(fields | {"email": writer.name.value}, files) == 422
        return await form.send(fields, files)


def words_of(writer: Person, addition: str = "") -> str:
    """Return what a person writes where there is no subject: their words, address and telephone."""
    return f"{writer.text.value} {writer.address.value} {writer.phone.value} {addition}".strip()


def attachment(writer: Person) -> Attachment:
    """Return the person's file."""
    return Attachment(name=writer.file_name.value, media_type="application/pdf", content=file_of(writer))


def registry_file(path: Path, people: list[Person]) -> None:
    """Write the town's list of citizens: with accents, the telephones as the French write them."""
    lines = ["given_name,family_name,birth_year,emails,phones,telegram_ids,address,provenance,verified"]
    for each in people:
        given, family = each.name.value.split()
        local = "0" + each.phone.value.removeprefix("+33")
        national = " ".join(local[place : place + 2] for place in range(0, 10, 2))
        lines.append(
            f"{given},{family},1970,{each.email.value},{national},{each.chat.value},{each.address.value},guichet,yes"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
