"""What Guichet writes by itself to an address that nobody vouches for holds no word of who wrote.

Whoever writes under another's address would else have the town send them their words.
"""

import email
from email.message import EmailMessage
from email.policy import default
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.contracts.case_events import LinkRenewed
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.ids import MessageId
from guichet.store.messages.document import OutboundContent
from guichet.vault.sealing import Thing
from guichet_testing.builders.link import linked
from guichet_testing.sealing import unseal_model

VICTIM = Identifier(kind="email", value="victime@courriel.example")
LIAR = Identifier(kind="email", value="escroc@ailleurs.example")
WORDS = st.text("ЖШЩЪЫЭЮЯж€", min_size=3, max_size=12)  # letters that no town's words hold
IDS = st.from_regex(r"\A[!-;=?-~]{1,40}\Z")
SAID = ("subject", "name", "file", "text")
BY = {
    "no verdict": ("email", (VICTIM,), None),
    "fail": ("email", (VICTIM,), False),
    "another's Reply-To": ("email", (VICTIM, LIAR), True),
    "the form": ("portal", (VICTIM,), None),
}
_number = count()


def said(words, sender, verdict, thread=None):
    thread = thread or MailThread(message_id="racine@courriel.example")
    return InboundContent(
        sender=sender,
        display_name=words["name"],
        subject=f"Re: {words['subject']}",
        text=words["text"],
        attachment_names={"attachment-1": f"{words['file']}.pdf"},
        thread=thread.model_copy(update={"authenticated": verdict}),
    )


async def receipt(world, channel, content) -> tuple[EmailMessage, OutboundContent]:
    """Return the mail of the receipt of a message, as it leaves, and the words that were kept."""
    case = await world.citizen_writes(channel, f"case-{next(_number)}")
    await world.receive(case.opened_by, channel, case.account, content, case.case_id)
    await world.owe_receipts(world.opened(case))
    intent = await world.receipt_of(case)
    return await mailed(world, intent), await words_of(world, intent.outbound_id)


async def mailed(world, intent) -> EmailMessage:
    return email.message_from_bytes((await world.write(intent)).mail.message, policy=default)


async def words_of(world, outbound_id: MessageId) -> OutboundContent:
    sealed = world.messages.messages[outbound_id].content
    [key] = (await world.vault.open_keys([sealed.key_id])).values()
    return unseal_model(key, Thing("message", outbound_id), "content", sealed, OutboundContent)


def everything(mail: EmailMessage) -> str:
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), mail.get_content()])


@pytest.mark.parametrize("by", BY)
@settings(max_examples=25)
@given(words=st.fixed_dictionaries(dict.fromkeys(SAID, WORDS)))
async def test_a_receipt_to_an_unverified_address_holds_no_word_of_the_message(lasting_world, by, words):
    channel, sender, verdict = BY[by]
    mail, kept = await receipt(lasting_world, channel, said(words, sender, verdict))
    assert mail["To"] == VICTIM.value
    repeated = {of for of, word in words.items() if word in everything(mail) or word in f"{kept.subject} {kept.text}"}
    assert not repeated, f"the receipt repeats the sender's {repeated}"


@pytest.mark.parametrize("by", BY)
async def test_a_new_link_to_an_unverified_address_holds_no_word_of_the_message(world, by):
    channel, sender, verdict = BY[by]
    words = dict.fromkeys(SAID, "ЖШЩ")
    case = await world.citizen_writes(channel)
    await world.receive(case.opened_by, channel, case.account, said(words, sender, verdict), case.case_id)
    world.cases.cases[case.case_id] = await linked(case, world.vault)
    renewed = LinkRenewed(
        event_id="renewed-1",
        occurred_at=world.now,
        case_id=case.case_id,
        reference=case.reference,
        version=2,
        caused_by="command-1",
        sector=case.sector,
        department=case.department,
        citizen=case.citizen,
    )
    await world.handlers.owe_link(renewed)
    [intent] = await world.deliveries.of_case(case.case_id)
    assert "ЖШЩ" not in everything(await mailed(world, intent))


@settings(max_examples=50)
@given(named=st.lists(IDS, max_size=4), own=IDS)
async def test_a_receipt_to_an_unverified_address_names_no_message_but_the_one_it_answers(lasting_world, named, own):
    """A Message-ID is its sender's choice: one that is needed, and no free text, goes back."""
    thread = MailThread(message_id=own, references=tuple(named), in_reply_to=tuple(named))
    mail, _ = await receipt(lasting_world, "email", said(dict.fromkeys(SAID, "ЖШЩ"), (VICTIM,), None, thread))
    back = [mail[name] for name in ("In-Reply-To", "References") if mail[name] is not None]
    assert back in ([], [f"<{own}>"] * 2), "others' ids come back"
    assert not any(letter in each for each in back for letter in ' "(),:;\\'), "an id that RFC 5322 does not know"


@pytest.mark.parametrize(
    "own", ["http://ailleurs.example/gagnez@x", "gagnez 1000 euros@x", "sans-arobase", "a@" + "b" * 300]
)
async def test_no_free_text_comes_back_as_the_id_of_a_message(world, own):
    mail, _ = await receipt(
        world, "email", said(dict.fromkeys(SAID, "ЖШЩ"), (VICTIM,), None, MailThread(message_id=own))
    )
    assert (mail["In-Reply-To"], mail["References"]) == (None, None)


async def test_a_receipt_stays_in_the_thread_of_the_mail_that_it_answers(world):
    mail, _ = await receipt(world, "email", said(dict.fromkeys(SAID, "ЖШЩ"), (VICTIM,), None))
    assert (mail["In-Reply-To"], mail["References"]) == ("<racine@courriel.example>",) * 2


async def test_who_is_vouched_for_finds_their_subject_again(world):
    mail, kept = await receipt(world, "email", said(dict.fromkeys(SAID, "ЖШЩ"), (VICTIM,), True))
    assert mail["Subject"].startswith("Re: ЖШЩ – demande ")
    assert "ЖШЩ" in kept.subject
