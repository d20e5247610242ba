"""Captured updates (people invented) and what is understood of them."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.contracts.inbound import DateDoubt, DateSource
from guichet.contracts.inbound_content import Location
from guichet.errors import PermanentError
from guichet.privacy.pseudonyms import message_id
from guichet_telegram.read.update import Ignored, IncomingTelegram, parse_update

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FOLDER = Path(__file__).with_name("fixtures")


def parse(update: dict[str, Any] | bytes, arrived_at: datetime = NOW) -> IncomingTelegram | Ignored:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return parse_update(body, bot="7000000001", name=partial(message_id, b"k" * 32), arrived_at=arrived_at)


def captured(name: str) -> dict[str, Any]:
    update: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return update


def message(name: str) -> IncomingTelegram:
    incoming = parse(captured(name))
    assert isinstance(incoming, IncomingTelegram)
    return incoming


def test_a_text() -> None:
    draft = message("text").draft
    assert (draft.channel, draft.accounts, draft.edits) == ("telegram", ("7000000001",), None)
    assert draft.content.text == "Bonjour, le lampadaire est éteint 🙏"
    assert [(each.kind, each.value) for each in draft.content.sender] == [("telegram", "5550042")]
    assert (draft.content.display_name, draft.content.conversation) == ("Perrine Vauquelin", "5550042")
    assert draft.content.written_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(("name", "taken_at"), [("text", 0), ("edited_message", 30)])
def test_the_town_received_it_when_telegram_did(name: str, taken_at: int) -> None:
    """Telegram keeps updates for a day: an outage of ours may lie in between."""
    arrived_at = NOW + timedelta(hours=20)
    incoming = parse(captured(name), arrived_at)
    assert isinstance(incoming, IncomingTelegram)
    draft = incoming.draft
    assert (draft.received_at, draft.dated_by) == (NOW + timedelta(seconds=taken_at), DateSource.PROVIDER)
    assert (draft.at_our_edge, draft.date_doubt) == (arrived_at, None)


def test_a_date_of_telegram_s_that_cannot_be_is_ours_and_doubted() -> None:
    incoming = parse(captured("text"), NOW - timedelta(hours=1))
    assert isinstance(incoming, IncomingTelegram)
    assert incoming.draft.received_at == NOW - timedelta(hours=1)
    assert (incoming.draft.dated_by, incoming.draft.date_doubt) == (DateSource.EDGE, DateDoubt.IN_THE_FUTURE)


def test_the_ids_of_messages_stay_what_they_have_always_been() -> None:
    """Another id for an update that is sent again would file it twice."""
    ids = {name: (message(name).draft.message_id, message(name).draft.edits) for name in ("text", "edited_message")}
    assert ids == {
        "text": ("9f8f6ac486030f82234f72e4c97fdea5", None),
        "edited_message": ("1e0e1d9f346ea924abb7f30ff669d339", "9f8f6ac486030f82234f72e4c97fdea5"),
    }


def test_a_photo_comes_in_its_largest_size_with_its_caption() -> None:
    incoming = message("photo")
    assert [(each.file_id, each.name, each.content_type) for each in incoming.files] == [
        ("largest", "photo.jpg", "image/jpeg")
    ]
    assert incoming.draft.content.text == "Voici le trou"


def test_a_document_keeps_its_name() -> None:
    assert [(each.name, each.content_type) for each in message("document").files] == [
        ("certificat médical.pdf", "application/pdf")
    ]


def test_a_voice_message() -> None:
    incoming = message("voice")
    assert [(each.name, each.content_type) for each in incoming.files] == [("message-vocal.ogg", "audio/ogg")]
    assert incoming.draft.content.text == ""


def test_a_location() -> None:
    assert message("location").draft.content.location == Location(latitude=48.8566, longitude=2.3522)


def test_an_edited_message_corrects_the_original_under_an_id_of_its_own() -> None:
    original, edit = message("text").draft, message("edited_message").draft
    assert edit.edits == original.message_id
    assert edit.message_id != original.message_id
    assert edit.content.text == "Bonjour, le lampadaire du 12 est éteint 🙏"


def test_two_edits_within_a_second_are_two() -> None:
    update = captured("edited_message")
    once, again, other = parse(update), parse(update), parse({**update, "update_id": update["update_id"] + 1})
    assert isinstance(once, IncomingTelegram)
    assert isinstance(again, IncomingTelegram)
    assert isinstance(other, IncomingTelegram)
    assert once.draft.message_id == again.draft.message_id != other.draft.message_id


def test_an_album_is_its_photos_in_one_conversation() -> None:
    first, second = message("album_1"), message("album_2")
    assert first.draft.message_id != second.draft.message_id
    assert first.draft.content.conversation == second.draft.content.conversation
    assert first.draft.sender_key_value == second.draft.sender_key_value
    assert [len(each.files) for each in (first, second)] == [1, 1]
    assert (first.draft.content.text, second.draft.content.text) == ("Avant et après", "")


def test_an_animation_comes_once_though_it_is_named_twice() -> None:
    assert [each.name for each in message("animation").files] == ["dance.mp4"]


def test_a_contact_is_words() -> None:
    assert message("contact").draft.content.text == "Karim Benali +33700990044"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("my_chat_member", "my_chat_member"),
        ("group", "group"),
        ("start", "start"),
        ("service", "service"),
        ("live_location_moves", "live-location"),
        ("unknown_kind", "unknown"),
    ],
)
def test_what_holds_no_message_to_the_town_is_told_by_its_kind(name: str, kind: str) -> None:
    assert parse(captured(name)) == Ignored(kind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"3",
        b"null",
        b"\xff",
        b'{"update_id": 1, "message": 3}',
        b"[" * 100_000,
        b'{"message": {"text": 5}}',
    ],
)
def test_what_is_no_update_is_told_by_its_reason(body: bytes) -> None:
    with pytest.raises(PermanentError) as refusal:
        parse(body)
    assert refusal.value.reason == "unreadable"


def test_a_lone_surrogate_and_a_nul_are_replaced() -> None:
    update = captured("text")
    update["message"]["text"] = "a\ud800b\x00c"
    incoming = parse(update)
    assert isinstance(incoming, IncomingTelegram)
    assert incoming.draft.content.text == "a\ufffdb\ufffdc"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", "file_id", "title"]), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
KEYS = (
    "text", "caption", "photo", "document", "voice", "location", "contact", "venue", "poll", "dice", "from", "chat",
    "date", "message_id", "edit_date", "animation", "sticker", "reply_to_message", "entities",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=4), st.sampled_from(["message", "edited_message"]))
@settings(max_examples=500, deadline=None)
def test_any_update_becomes_a_message_or_a_permanent_error(junk: dict[str, Any], field: str) -> None:
    update = captured("text")
    update[field] = {**update.pop("message"), **junk}
    with suppress(PermanentError):
        incoming = parse(update)
        if isinstance(incoming, IncomingTelegram):
            incoming.draft.content.model_dump_json().encode()


@given(st.binary(max_size=200))
def test_any_bytes_become_a_message_or_a_permanent_error(body: bytes) -> None:
    with suppress(PermanentError):
        parse(body)
