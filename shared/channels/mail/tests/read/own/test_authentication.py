import email
from datetime import UTC, datetime
from email.policy import compat32
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.envelope import LMTP, Envelope
from guichet.contracts.authorship import proves_its_author, proves_where_answers_go
from guichet_mail.read.headers import LONGEST_RESULTS, Headers
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.builders.channels import FACTS

OURS = "mx.mairie.example"


def verdict(*values: str, authserv_id: str | None = OURS) -> bool | None:
    head = "".join(f"Authentication-Results: {value}\n" for value in values)
    mail = email.message_from_string(f"{head}From: a@exemple.test\n\n", policy=compat32)
    return OwnSystem(authserv_id=authserv_id).author_verdict(Headers.of(mail))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"{OURS}; dmarc=pass header.from=exemple.test", True),
        (f"{OURS} 1; spf=pass; dmarc=fail (p=reject; dis=none) header.from=exemple.test", False),
        (f"{OURS.upper()};\n\tspf=pass;\n\tdmarc=PASS header.from=Exemple.test", True),
        (f"{OURS}; dmarc=pass", None),
        (f"{OURS}; dmarc=none", None),
        (f"{OURS}; dmarc=temperror", None),
        (f"{OURS}; none", None),
        (f'{OURS}; spf=pass reason="dmarc=pass"', None),
        (f"{OURS}; (dmarc=pass) spf=fail", None),
        (f"{OURS}; dmarc=pass; dmarc=fail", False),
        (f"{OURS}; dmarc=pass; dmarc=none", None),
        (f"{OURS}; dmarc=pass header.from=other.test", None),
        (f"{OURS}; dmarc=permerror; dkim=pass header.d=exemple.test", None),
        (f"{OURS}; dmarc=none; dkim=pass header.d=exemple.test", True),
        (
            f"{OURS}; dmarc=none; dkim=pass (2048-bit key) header.d=lists.exemple.test header.i=@lists.exemple.test",
            True,
        ),
        (f"{OURS}; dmarc=none; dkim=pass header.i=a@exemple.test", True),
        (f"{OURS}; dmarc=none; dkim=fail header.d=exemple.test", None),
        (f"{OURS}; dmarc=none; dkim=pass header.d=test", None),
        (f"{OURS}; dmarc=none; dkim=pass header.d=xexemple.test", None),
        (f"{OURS}; dkim=pass header.d=exemple.test; spf=pass smtp.mailfrom=a@exemple.test", True),
        (f"{OURS}; dkim=pass header.d=mail.exemple.test", None),  # a policy that nobody looked for may forbid it
        (f'"{OURS}"; dmarc=pass', None),  # a quoted name is ours, and the parser does not read it
        (f"(c) {OURS} (c) 1 (c); (c) dmarc (c) = (c) pass (c) header.from=exemple.test", True),
        ("mx.forger.example; dmarc=pass", None),
        (f"{OURS}.forger.example; dmarc=pass", None),
    ],
)
def test_only_our_own_server_s_word_counts(value: str, expected: bool | None) -> None:
    assert verdict(value) is expected


def test_the_topmost_verdict_counts() -> None:
    assert verdict(f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass") is False


def test_without_a_configured_name_nothing_is_believed() -> None:
    assert verdict(f"{OURS}; dmarc=pass", authserv_id=None) is None


def test_a_pass_vouches_for_from_and_not_for_another_address_to_answer_to() -> None:
    head = f"Authentication-Results: {OURS}; dmarc=pass header.from=exemple.test\r\nFrom: a@exemple.test\r\nTo: contact@mairie.example\r\n"
    own = {LMTP: OwnSystem(authserv_id=OURS)}
    reader = MailReader(TownMailboxes(["contact@mairie.example"], "contact@mairie.example"), b"k" * 32, own)

    def proven(more: str) -> tuple[bool, bool]:
        mail = Envelope("a@exemple.test", ("contact@mairie.example",), f"{head}{more}\r\n".encode())
        content = reader.read(mail, datetime.now(UTC)).content
        return proves_its_author(content, FACTS["email"]), proves_where_answers_go(content, FACTS["email"])

    assert proven("") == (True, True)
    assert proven("Reply-To: A@exemple.test\r\n") == (True, True)
    assert proven("Reply-To: victime@exemple.test\r\n") == (True, False)


def test_what_our_server_wrote_and_nobody_can_read_hides_what_lies_below() -> None:
    assert verdict(f"{OURS}; dmarc=", f"{OURS}; dmarc=pass") is None
    assert verdict(f"{OURS}; spf=pass smtp.mailfrom={'x' * LONGEST_RESULTS}", f"{OURS}; dmarc=pass") is None


RSPAMD = (
    "{ours};\n\tdkim=none;\n\tdmarc=none;\n\tspf=none (mx.mairie.example: domain of {sender} has no SPF policy when"
    " checking 192.0.2.7) smtp.mailfrom={sender}"
)


@pytest.mark.parametrize(
    "sender",
    [
        '"x) smtp.mailfrom=y;\n\tdkim=pass header.d=exemple.test (z@evil.example"',  # as rspamd 3.4 quotes it
        "x) smtp.mailfrom=y; dkim=pass header.d=exemple.test (z@evil.example",
        '"x\\"; dkim=pass header.d=exemple.test; y=\\"@evil.example"',
        '"x (a) (b) ) smtp.mailfrom=y; dkim=pass header.d=exemple.test (z@evil.example"',
    ],
)
def test_an_envelope_sender_that_closes_the_comment_it_stands_in_proves_nothing(sender: str) -> None:
    written = RSPAMD.format(ours=OURS, sender=sender)
    assert verdict(written) is None
    assert verdict(written.replace("dmarc=none", "dmarc=fail")) is False


def test_a_signature_beside_an_ordinary_envelope_sender_proves() -> None:
    written = RSPAMD.format(ours=OURS, sender="a@evil.example")
    assert verdict(written.replace("dkim=none", "dkim=pass header.d=exemple.test")) is True


@given(
    st.lists(
        st.sampled_from([";", "dmarc", "=", "pass", '"', "\\", "(", ")", " ", "\t", "é", "spf", ".", "/", "@", "smtp"])
    )
)
def test_nothing_in_a_quoted_value_is_a_result(parts: list[str]) -> None:
    inside = "".join(parts).replace('"', "").replace("\\", "")
    assert verdict(f'{OURS}; spf=pass smtp.mailfrom="{inside}; dmarc=pass header.from=exemple.test"') is None


@given(st.text(max_size=300))
def test_whatever_stands_there_raises_nothing(value: str) -> None:
    assert verdict(f"{OURS};{value}".replace("\n", " ").replace("\r", " ")) in {True, False, None}


@pytest.mark.parametrize("piece", ["(", "((a)", '"', "a=b ", "; spf=pass", "smtp.mailfrom=", "\\", "@", "é", " ("])
def test_reading_the_longest_results_takes_no_time(piece: str) -> None:
    started = process_time()
    verdict(f"{OURS}; spf=pass {piece * (LONGEST_RESULTS // len(piece) - 10)}")
    assert process_time() - started < 1


@pytest.mark.parametrize(
    "what_the_sender_chose",
    ["smtp.helo=[192.0.2.1]", "smtp.mailfrom=x@[192.0.2.1]", "smtp.mailfrom=é@evil.example", "policy.iprev=2001:db8::1", "x" * 9000],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_whoever_makes_the_results_unreadable_loses_no_refusal_and_gains_no_trust(what_the_sender_chose: str) -> None:
    assert verdict(f"{OURS}; spf=pass {what_the_sender_chose}; dmarc=fail header.from=exemple.test") is False
    assert verdict(f'{OURS}; spf=pass {what_the_sender_chose} reason="; dmarc=fail"; dkim=none') is None
    crooked = f"{OURS}; spf=pass {what_the_sender_chose} =; dmarc=pass header.from=exemple.test"
    assert verdict(crooked) is None
