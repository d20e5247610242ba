"""Citizens who wrote by more than one way: what the town has of theirs proves where else they read."""

from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.ids import MessageId, SectorCitizenId

NUMBERS = [f"+336399801{nth:02}" for nth in range(100)]


async def texts(world, nth, mailbox=None, authenticated=True):
    """Have a citizen send an SMS; mailbox: one that they have written from in this sector."""
    citizen = SectorCitizenId(f"citizen-{nth}")
    reference = f"2026-{nth:04}-AAA"
    case = await world.citizen_writes("sms", f"case-{nth}", citizen=citizen, reference=reference)
    content = InboundContent(sender=(Identifier(kind="phone", value=NUMBERS[nth]),), text="Le lampadaire est éteint.")
    await world.receive(case.opened_by, "sms", case.account, content, case.case_id, citizen=citizen)
    if mailbox is not None:
        await mails(world, f"mail-{nth}", mailbox, citizen, authenticated=authenticated)
    await world.owe_receipts(world.opened(case))
    return case


async def mails(world, name, mailbox, citizen, authenticated=True):
    thread = MailThread(message_id=f"{name}@courriel.example", authenticated=authenticated)
    content = InboundContent(sender=(Identifier(kind="email", value=mailbox),), text="Bonjour", thread=thread)
    await world.receive(MessageId(name), "email", "contact@mairie.example", content, f"of-{name}", citizen=citizen)


async def calls_in(world, name, channel, number, citizen):
    """Have a citizen have written from a telephone, by a channel whose provider knows its numbers."""
    content = InboundContent(sender=(Identifier(kind="phone", value=number),), text="Bonjour")
    account = {"sms": "+33939000000", "whatsapp": "+33939000001"}[channel]
    await world.receive(MessageId(name), channel, account, content, f"of-{name}", citizen=citizen)
