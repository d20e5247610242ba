"""A seal opens for its own thing, field and key alone."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guichet.contracts.base import Sealed
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.errors import TamperedError
from guichet.privacy.framed_bytes import framed
from guichet.vault.sealing import NONCE_BYTES, Thing, new_data_key, seal, unseal
from guichet_testing.sealing import seal_attachment, seal_model, unseal_attachment, unseal_model

MESSAGE = Thing("message", "m-1")


@given(st.binary(max_size=2000), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, kind: str, thing_id: str, field: str) -> None:
    key, thing = new_data_key(), Thing(kind, thing_id)
    assert unseal(key, thing, field, seal(key, thing, field, plain)) == plain


@given(st.binary(max_size=200))
def test_a_seal_survives_the_topic(plain: bytes) -> None:
    key = new_data_key()
    arrived = Sealed.model_validate_json(seal(key, MESSAGE, "content", plain).model_dump_json())
    assert unseal(key, MESSAGE, "content", arrived) == plain


def test_a_seal_survives_a_document() -> None:
    key = new_data_key()
    for mode in ("python", "json"):
        stored = Sealed.model_validate(seal(key, MESSAGE, "content", b"words").model_dump(mode=mode))
        assert unseal(key, MESSAGE, "content", stored) == b"words"


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (Thing("message", "m-2"), "content"),
        (Thing("case", "m-1"), "content"),
        (MESSAGE, "attachment:1"),
        (Thing("messagem", "-1"), "content"),
    ],
)
def test_a_seal_cannot_stand_in_for_another(thing: Thing, field: str) -> None:
    key = new_data_key()
    sealed = seal(key, MESSAGE, "content", b"words")
    with pytest.raises(TamperedError):
        unseal(key, thing, field, sealed)


def test_another_key_does_not_open() -> None:
    key, other = new_data_key(), new_data_key()
    sealed = seal(key, MESSAGE, "content", b"words")
    with pytest.raises(TamperedError, match="another key"):
        unseal(other, MESSAGE, "content", sealed)
    with pytest.raises(TamperedError):
        unseal(other, MESSAGE, "content", sealed.model_copy(update={"key_id": other.key_id}))


@given(st.data())
def test_any_changed_byte_is_seen(data: st.DataObject) -> None:
    key = new_data_key()
    box = bytearray(seal(key, MESSAGE, "content", b"words").box)
    place = data.draw(st.integers(0, len(box) - 1))
    box[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(TamperedError):
        unseal(key, MESSAGE, "content", Sealed.model_construct(key_id=key.key_id, box=bytes(box)))


@given(st.integers(0, NONCE_BYTES + 16))
def test_a_cut_box_is_seen(length: int) -> None:
    key = new_data_key()
    box = seal(key, MESSAGE, "content", b"words").box[:length]
    with pytest.raises(TamperedError):
        unseal(key, MESSAGE, "content", Sealed.model_construct(key_id=key.key_id, box=box))


def test_the_same_words_never_look_the_same() -> None:
    key = new_data_key()
    assert seal(key, MESSAGE, "content", b"words").box != seal(key, MESSAGE, "content", b"words").box


def test_a_model_is_sealed_whole() -> None:
    key = new_data_key()
    words = InboundContent(sender=(Identifier(kind="email", value="zoe@mail.example"),), text="Bonjour 🌳")
    sealed = seal_model(key, MESSAGE, "content", words)
    assert b"zoe" not in sealed.box
    assert unseal_model(key, MESSAGE, "content", sealed, InboundContent) == words


def test_an_attachment_belongs_to_its_message() -> None:
    key = new_data_key()
    box = seal_attachment(key, "m-1", "a-1", b"a photo")
    assert unseal_attachment(key, "m-1", "a-1", box) == b"a photo"
    assert unseal(key, MESSAGE, "attachment:a-1", Sealed.model_construct(key_id=key.key_id, box=box)) == b"a photo"
    for message, attachment in (("m-2", "a-1"), ("m-1", "a-2")):
        with pytest.raises(TamperedError):
            unseal_attachment(key, message, attachment, box)


def test_a_key_does_not_show_its_secret() -> None:
    key = new_data_key()
    assert str(key.secret) not in repr(key)
    assert key.secret.hex() not in repr(key)
    assert key.key_id in repr(key)


@given(st.lists(st.text()), st.lists(st.text()))
def test_frames_differ_when_parts_differ(one: list[str], other: list[str]) -> None:
    assert (framed(*one) == framed(*other)) == (one == other)


def test_lone_surrogates_are_framed() -> None:
    assert framed("\ud83c") != framed("\ud83d")


@given(st.binary(max_size=60))
def test_a_box_is_base64_on_a_topic_and_bare_bytes_in_a_store(plain: bytes) -> None:
    key = new_data_key()
    sealed = seal(key, MESSAGE, "content", plain)
    on_a_topic = sealed.model_dump(mode="json")
    assert base64.b64decode(on_a_topic["box"], validate=True) == sealed.box == sealed.model_dump()["box"]
    read = (Sealed.model_validate(on_a_topic), Sealed.model_validate_json(sealed.model_dump_json()))
    assert read == (sealed, Sealed.model_validate(sealed.model_dump()))


@pytest.mark.parametrize("box", ["not base64!", "AAA"])
def test_a_box_that_is_no_base64_is_unreadable(box: str) -> None:
    with pytest.raises(ValidationError):
        Sealed.model_validate_json(f'{{"key_id": "k", "box": "{box}"}}')
