"""The mail that a letter becomes."""

import dataclasses
import email
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.delivery import is_own_mail_id
from guichet.contracts.inbound_content import MailThread
from guichet.errors import PermanentError
from guichet.ids import Reference
from guichet.privacy.tokens import read_reply_address
from notifier.domain.mail_message import MailWriter

KEY = b"r" * 32


@pytest.fixture(scope="module")
def writer(town):
    return MailWriter(town, KEY)


def test_a_mail_names_the_town_as_one_says_it(town, unfinished_letter_of):
    mail = MailWriter(dataclasses.replace(town, name="Le Havre"), KEY).write(unfinished_letter_of())
    assert [mail[each].addresses[0].display_name for each in ("From", "Reply-To")] == ["Mairie du Havre"] * 2


def test_a_mail_that_goes_on_in_english_is_of_both_languages(writer, unfinished_letter_of):
    mail = writer.write(unfinished_letter_of(text="Bonjour,\n\nIn English:\n\nGood morning,"))
    assert mail["Content-Language"] == "fr, en"


def test_a_receipt_is_marked_threaded_and_answerable(writer, unfinished_letter_of):
    mail = email.message_from_bytes(writer.write(unfinished_letter_of()).as_bytes(), policy=default)
    assert mail["From"].addresses[0].addr_spec == "contact@mairie.example"
    assert mail["From"].addresses[0].display_name == "Mairie de Saint-Aubin-des-Prés"
    assert mail["To"] == "amina.benali@courriel.example"
    assert read_reply_address(KEY, mail["Reply-To"].addresses[0].addr_spec) == Reference("2026-7F3K-29Q")
    assert mail["Message-ID"] == "<0f9e8d7c6b5a49382716051423324150@mairie.example>"
    assert is_own_mail_id(mail["Message-ID"], "mairie.example")
    assert mail["In-Reply-To"] == "<b@courriel.example>"
    assert mail["References"] == "<a@courriel.example> <b@courriel.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Content-Language"] == "fr"
    assert mail["X-Guichet-Message"] == "0f9e8d7c6b5a49382716051423324150"
    assert mail["Subject"] == "Re: Lampadaire éteint – demande 2026-7F3K-29Q enregistrée"
    assert mail.get_content().split() == unfinished_letter_of().text.split()


def test_an_agents_answer_is_no_automatic_mail(writer, unfinished_letter_of):
    assert writer.write(unfinished_letter_of(is_receipt=False))["Auto-Submitted"] is None


def test_the_mailbox_that_received_answers_and_the_main_one_for_other_channels(writer, unfinished_letter_of):
    assert writer.mailbox(unfinished_letter_of(account="voirie@mairie.example")) == "voirie@mairie.example"
    assert writer.mailbox(unfinished_letter_of(account="portal")) == "contact@mairie.example"


def test_the_message_id_is_the_same_at_every_attempt(writer, unfinished_letter_of):
    assert writer.write(unfinished_letter_of())["Message-ID"] == writer.write(unfinished_letter_of())["Message-ID"]


def test_ids_that_no_mail_could_have_are_left_out(writer, unfinished_letter_of):
    thread = MailThread(message_id="b@x\r\nBcc: all@x", references=("a b", "é@x", "fine@x"))
    mail = writer.write(unfinished_letter_of(thread=thread))
    assert mail["References"] == "<fine@x>"
    assert mail["In-Reply-To"] is None


def test_a_long_thread_keeps_its_root_and_its_end(writer, unfinished_letter_of):
    thread = MailThread(message_id="last@x", references=tuple(f"{n}@x" for n in range(400)))
    named = writer.write(unfinished_letter_of(thread=thread))["References"].split()
    assert (len(named), named[0], named[-1]) == (20, "<0@x>", "<last@x>")


@pytest.mark.parametrize(
    "address", ["", "personne", "a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b, c@d", "a(1)@b", "(1)a@b", "a@(1)b", "a@b(1)"]
)
def test_an_address_that_no_mail_can_carry_is_refused(writer, unfinished_letter_of, address):
    with pytest.raises(PermanentError) as caught:
        writer.write(unfinished_letter_of(recipient=address))
    assert caught.value.reason == "invalid-address"


@pytest.mark.parametrize(
    "address", ['"a b"@c.example', '"a(1)"@c.example', '"a\\"b"@c.example', "é.à@c.example", "a+1@c.example"]
)
def test_an_address_in_another_spelling_is_carried_as_it_is(writer, unfinished_letter_of, address):
    mail = writer.write(unfinished_letter_of(recipient=address))
    assert [each.addr_spec for each in mail["To"].addresses] == [address]


@given(subject=st.text(max_size=200), text=st.text(max_size=500))
def test_any_words_become_a_mail_of_one_recipient(writer, unfinished_letter_of, subject, text):
    raw = writer.write(unfinished_letter_of(subject=subject, text=text)).as_bytes()
    mail = email.message_from_bytes(raw, policy=default)
    assert mail["To"] == "amina.benali@courriel.example"
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject") or []) == 1
