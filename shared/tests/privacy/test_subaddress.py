"""A tag comes off as it was put on, and leaves the mailbox that it was put on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.privacy.subaddress import mailbox_of, tag_of, tagged, untagged

MAILBOXES = frozenset({"contact@mairie.example", "petite+enfance@mairie.example"})
words = st.text("abc.-0", min_size=1)


@given(words, words)
def test_what_was_put_on_comes_off(local: str, tag: str) -> None:
    assert (untagged(tagged(local, tag)), tag_of(tagged(local, tag))) == (local, tag)


@given(st.sampled_from(sorted(MAILBOXES)), words)
def test_a_tagged_address_arrives_in_its_mailbox(mailbox: str, tag: str) -> None:
    local, _, domain = mailbox.partition("@")
    assert mailbox_of(f"{tagged(local, tag)}@{domain}", MAILBOXES) == mailbox
    assert mailbox_of(mailbox, MAILBOXES) == mailbox


@pytest.mark.parametrize("stranger", ["", "@", "+@mairie.example", "contact@ailleurs.example", "petite@mairie.example"])
def test_a_stranger_has_no_mailbox(stranger: str) -> None:
    assert mailbox_of(stranger, MAILBOXES) is None
