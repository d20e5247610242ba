import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.envelope import Envelope
from guichet.errors import PermanentError

ADDRESSES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


@given(ADDRESSES, st.lists(ADDRESSES, max_size=3), st.binary(max_size=60))
def test_what_is_kept_of_a_mail_gives_the_mail_back(sender: str, recipients: list[str], content: bytes) -> None:
    envelope = Envelope(sender, tuple(recipients), content)
    assert Envelope.from_bytes(envelope.to_bytes()) == envelope


def test_a_recipient_that_the_mail_names_is_not_one_of_ours() -> None:
    content = b"X-Original-To: elsewhere@exemple.test\r\nReturn-Path: <>\r\n\r\nBonjour"
    kept = Envelope("perrine@exemple.test", ("contact@mairie.example",), content).to_bytes()
    assert Envelope.from_bytes(kept).recipients == ("contact@mairie.example",)


def test_what_is_no_kept_mail_is_told() -> None:
    with pytest.raises(PermanentError, match="no envelope"):
        Envelope.from_bytes(b"From: perrine@exemple.test\r\n\r\nBonjour")
