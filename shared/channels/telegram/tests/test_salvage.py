"""An accepted update that cannot be read is told by its ids, and comes along as it came."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.draft import Draft
from guichet.contracts.inbound import DateSource
from guichet.errors import PermanentError
from guichet.privacy.pseudonyms import message_id
from guichet_telegram.read.update import ORIGINAL, IncomingTelegram, parse_update, salvage_update, senders_of

BOT, NAME = "7000000001", partial(message_id, b"k" * 32)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FOLDER = Path(__file__).with_name("fixtures")


def captured(name: str) -> dict[str, Any]:
    update: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return update


def salvaged(update: Any) -> Draft:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return salvage_update(body, bot=BOT, name=NAME, arrived_at=NOW)


def test_who_wrote_is_told_and_what_came_is_a_file() -> None:
    body = json.dumps(captured("text")).encode()
    draft = salvaged(body)
    assert (draft.channel, draft.accounts, draft.received_at) == ("telegram", (BOT,), NOW)
    assert [(each.kind, each.value) for each in draft.content.sender] == [("telegram", "5550042")]
    assert draft.content.text == ""
    assert [(each.name, each.content_type, each.content) for each in draft.files] == [
        (ORIGINAL, "application/json", body)
    ]


def as_edit(update: dict[str, Any]) -> dict[str, Any]:
    message = {**update.pop("message"), "edit_date": 1772443900}
    return {**update, "message": None, "edited_message": message}


@pytest.mark.parametrize("is_edit", [False, True])
def test_an_update_that_was_read_and_the_same_unread_are_one_message(is_edit: bool) -> None:
    update = as_edit(captured("text")) if is_edit else captured("text")
    read = parse_update(json.dumps(update).encode(), bot=BOT, name=NAME, arrived_at=NOW)
    assert isinstance(read, IncomingTelegram)
    assert salvaged(update).message_id == read.draft.message_id
    assert salvaged(update).sender_key_value == read.draft.sender_key_value
    assert salvaged(update).received_at == read.draft.received_at


@pytest.mark.parametrize("date", ["no date", None, True, [], 1e300, 10**30, -(10**30)])
def test_what_cannot_be_read_and_has_no_date_was_received_when_it_came(date: Any) -> None:
    update = captured("text")
    update["message"]["date"] = date
    assert (salvaged(update).received_at, salvaged(update).dated_by) == (NOW, DateSource.EDGE)


def test_what_the_reader_cannot_read_is_salvaged() -> None:
    update = captured("text")
    update["message"]["date"] = "no date"
    with pytest.raises(PermanentError):
        parse_update(json.dumps(update).encode(), bot=BOT, name=NAME, arrived_at=NOW)
    assert salvaged(update).content.sender[0].value == "5550042"


def test_what_no_person_sent_in_a_chat_of_their_own_is_put_aside() -> None:
    group, nobody = captured("text"), captured("text")
    group["message"]["chat"]["type"] = "group"
    del nobody["message"]["from"]
    for update in (group, nobody, {}, [], b"", b"\xff", b"[" * 100_000, {"message": 1}):
        with pytest.raises(PermanentError) as refusal:
            salvaged(update)
        assert refusal.value.reason == "unreadable"


@pytest.mark.parametrize("end", [0, 60])
def test_who_sent_what_nobody_can_read_is_told_even_where_it_is_cut_short(end: int) -> None:
    body = json.dumps({"message": captured("text")["message"]}).encode()
    assert [(each.kind, each.value) for each in senders_of(body[: len(body) - end])] == [("telegram", "5550042")]


def test_a_mention_makes_nobody_the_sender() -> None:
    update = captured("text")
    update["message"]["text"] = '"from": {"id": 9}'
    update["message"]["reply_to_message"] = {"message_id": 1, "from": {"id": 8}}
    assert [each.value for each in senders_of(json.dumps(update).encode())] == ["5550042"]
    assert senders_of(b'{"message": {"text": "\\"from\\": {\\"id\\": 9}"}}') == ()


@given(st.binary())
def test_whatever_was_posted_its_senders_are_asked_for_without_harm(body: bytes) -> None:
    assert len(senders_of(body)) <= 1


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda each: st.lists(each) | st.dictionaries(
    st.sampled_from(["message", "edited_message", "from", "chat", "id", "type", "message_id", "update_id"]), each
), max_leaves=12))  # fmt: skip
def test_any_update_is_salvaged_or_a_permanent_error(update: Any) -> None:
    with suppress(PermanentError):
        assert salvaged(update).message_id
