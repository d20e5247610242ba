"""Ids from what is personal: the same each time, joined by nobody without the key."""

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.topics import INBOUND
from guichet.errors import PermanentError
from guichet.ids import CaseId, CitizenId, MessageId, SectorId
from guichet.privacy import pseudonyms
from guichet.privacy.pseudonyms import (
    INGEST_PERIOD,
    blind_id,
    claims_key,
    conversation_anchor,
    identifier_id,
    ingest_pseudonym,
    keyed_digest,
    mail_anchor,
    mail_message_id,
    message_id,
    own_anchor,
    participant_tag,
    person_tag,
    sector_citizen_id,
    sector_key,
)

KEY = bytes(32)
OTHER_KEY = bytes([1] * 32)
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_message_keeps_its_id_when_it_is_delivered_again() -> None:
    """Golden: a change here doubles every message that is delivered again across the upgrade."""
    assert message_id(KEY, "sms", "+33639980000", "SM1") == "c340e60f47596a898f5e01606c05e488"
    assert (
        mail_message_id(KEY, message_id="a@b", sender="c@d", date="today", parts_digest="e")
        == "59c4a9b41ce88219db5c4c7ac3cc0d50"
    )


@given(st.text(min_size=1).filter(str.strip), st.text(), st.text(min_size=1).filter(str.strip), st.text())
def test_two_messages_share_an_id_only_when_all_is_the_same(one: str, account: str, other: str, account2: str) -> None:
    same = message_id(KEY, "sms", account, one) == message_id(KEY, "sms", account2, other)
    assert same == ((account, one) == (account2, other))


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_blank_ids_never_match(blank: str) -> None:
    with pytest.raises(PermanentError) as refused:
        message_id(KEY, "sms", "+33639980000", blank)
    assert refused.value.reason == "blank-provider-id"


@pytest.mark.parametrize("change", ["message_id", "sender", "date", "parts_digest"])
def test_different_mails_under_one_message_id_are_two(change: str) -> None:
    mail: dict[str, str] = {
        "message_id": "a@b",
        "sender": "zoe@mail.example",
        "date": "Mon, 1 Jun",
        "parts_digest": "d",
    }
    assert mail_message_id(KEY, **mail) == mail_message_id(KEY, **mail)
    assert mail_message_id(KEY, **mail) != mail_message_id(KEY, **{**mail, change: "other"})


def test_a_mail_without_message_id_or_date_has_an_id_still() -> None:
    without = mail_message_id(KEY, message_id=None, sender="zoe@mail.example", date=None, parts_digest="d")
    assert without == mail_message_id(KEY, message_id=" ", sender="zoe@mail.example", date="", parts_digest="d")


def test_sectors_cannot_join_a_citizen() -> None:
    social, roads = SectorId("social"), SectorId("technique")
    zoe = CitizenId("zoe")
    assert sector_citizen_id(KEY, social, zoe) != sector_citizen_id(KEY, roads, zoe)
    assert sector_key(KEY, social) != sector_key(KEY, roads)
    assert len(sector_key(KEY, social)) == 32


def test_no_kind_of_id_equals_another_under_one_key() -> None:
    made = {
        message_id(KEY, "email", "", "x"),
        ingest_pseudonym(KEY, "email", "x", AT),
        identifier_id(KEY, "email", "x"),
        person_tag(KEY, "email", "x"),
        own_anchor(KEY, MessageId("x")),
        blind_id(KEY, "case", "x"),
        claims_key(KEY).hex(),
        participant_tag(KEY, CaseId("x"), "x"),
        mail_anchor(KEY, "x"),
        conversation_anchor(KEY, "email", "", "x"),
        keyed_digest(KEY, b"x"),
        keyed_digest(KEY, b"x")[:32],
    }
    assert len(made) == 12


def test_an_ingest_pseudonym_changes_as_often_as_inbound_topics_forget() -> None:
    days = {ingest_pseudonym(KEY, "email", "x", AT + timedelta(days=day)) for day in range(7 * 4)}
    assert len(days) in (4, 5)
    assert ingest_pseudonym(KEY, "email", "x", AT) == ingest_pseudonym(KEY, "email", "x", AT + timedelta(hours=1))
    assert {topic.retention for topic in INBOUND} == {INGEST_PERIOD}


def test_every_id_needs_its_key() -> None:
    assert identifier_id(KEY, "email", "x") != identifier_id(OTHER_KEY, "email", "x")
    assert keyed_digest(KEY, b"x") != keyed_digest(OTHER_KEY, b"x")
    takes_a_key = [
        next(iter(inspect.signature(made).parameters))
        for name, made in vars(pseudonyms).items()
        if inspect.isfunction(made) and made.__module__ == pseudonyms.__name__ and not name.startswith("_")
    ]
    assert all(first.endswith("key") for first in takes_a_key)
    assert "ledger_key" in takes_a_key  # that they were found at all


def test_an_anchor_is_read_with_or_without_brackets() -> None:
    assert mail_anchor(KEY, "<a@b>") == mail_anchor(KEY, " a@b ") != mail_anchor(KEY, "A@b")


def test_a_conversation_has_two_ends() -> None:
    there = conversation_anchor(KEY, "sms", "+33639980000", "+33639981111")
    assert there != conversation_anchor(KEY, "sms", "+33639981111", "+33639980000")
    assert there != conversation_anchor(KEY, "whatsapp", "+33639980000", "+33639981111")
