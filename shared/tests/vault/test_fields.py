"""Every declared field seals as it always has, byte for byte, and opens what it sealed and nothing else."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

import guichet
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.dead_letters import DeadLetterContent
from guichet.contracts.inbound_content import InboundContent
from guichet.errors import ErasedError, KeyMissingError, TamperedError
from guichet.ids import AgentId, CaseId, KeyId, MessageId, SectorId
from guichet.kafka.dead_letters.content import RECORD as DEAD_LETTER
from guichet.privacy.data_map.entry import Form
from guichet.privacy.follow_link import new_follow_link
from guichet.store.abuse_declarations import NO_RECEIPT, NoReceipt
from guichet.store.agents.accounts import SECOND_FACTOR
from guichet.store.bulk.cases import WORDS as SAID_TO_MANY
from guichet.store.cases.fields import LINK, LINKED_CASES, REASON, SUBJECT
from guichet.store.draft import FILE_NAME, SIGNING, Signing, file_name
from guichet.store.draft import WORDS as DRAFTED
from guichet.store.letters import PREVIEW, SCAN, SHEET, TYPED, LetterSheet, TypedLetter, preview
from guichet.store.messages.document import INBOUND_CONTENT, OUTBOUND_CONTENT, OutboundContent
from guichet.store.notes import WORDS
from guichet.store.objects import ATTACHMENT, PAYLOAD, attachment, draft_file
from guichet.store.registry.citizens import RECORD, CitizenRecord
from guichet.store.registry.identifiers import VALUE
from guichet.store.saved_answers import SAVED_WORDS, SavedWords
from guichet.store.saved_views import SAVED_LIST, SavedList
from guichet.store.setup.schema import whole_data_map
from guichet.vault.fields import SealedField, living_keys, open_each, open_one
from guichet.vault.sealing import NONCE_BYTES, broken_key, missing_key, new_data_key
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import altered
from guichet_testing.twins.vault import InMemoryVault

WHY = NoReceipt(
    sector=SectorId("town"),
    by=AgentId("karim"),
    ground=AbuseGround.REPEATED,
    declared_at=ARRIVED,
    until=ARRIVED,
    reason="ten a day",
)
GOLDEN: Final[list[tuple[SealedField[Any], Any, bytes]]] = [
    (INBOUND_CONTENT, InboundContent(sender=(), text="Bonjour 🌳"), b"\0\0\0\7message\0\0\0\5thing\0\0\0\7content"),
    (OUTBOUND_CONTENT, OutboundContent(text="Bonjour"), b"\0\0\0\7message\0\0\0\5thing\0\0\0\7content"),
    (SUBJECT, "Nid-de-poule", b"\0\0\0\4case\0\0\0\5thing\0\0\0\7subject"),
    (LINKED_CASES, (CaseId("one"), CaseId("two")), b"\0\0\0\4case\0\0\0\5thing\0\0\0\x09linked_to"),
    (LINK, new_follow_link(), b"\0\0\0\4case\0\0\0\5thing\0\0\0\4link"),
    (NO_RECEIPT, WHY, b"\0\0\0\4case\0\0\0\5thing\0\0\0\x0ano_receipt"),
    (REASON.called("command-1"), "not ours", b"\0\0\0\4case\0\0\0\5thing\0\0\0\x09command-1"),
    (WORDS, "vu sur place", b"\0\0\0\4note\0\0\0\5thing\0\0\0\5words"),
    (SAID_TO_MANY, "Bonjour à tous", b"\0\0\0\x09bulk-case\0\0\0\5thing\0\0\0\5words"),
    (DRAFTED, "Bonjour, nos agents", b"\0\0\0\5draft\0\0\0\5thing\0\0\0\5words"),
    (draft_file("f-1"), b"%PDF", b"\0\0\0\5draft\0\0\0\5thing\0\0\0\x0eattachment:f-1"),
    (file_name("f-1"), "plan.pdf", b"\0\0\0\5draft\0\0\0\5thing\0\0\0\x0dfile-name:f-1"),
    (SIGNING, Signing(compared="Bonjour", reason="trop long"), b"\0\0\0\5draft\0\0\0\5thing\0\0\0\7signing"),
    (
        SAVED_WORDS,
        SavedWords(title="Travaux", text="Bonjour"),
        b"\0\0\0\x0csaved-answer\0\0\0\5thing\0\0\0\5words",
    ),
    (SAVED_LIST, SavedList(name="SMS", words={"canal": "sms"}), b"\0\0\0\x0asaved-view\0\0\0\5thing\0\0\0\4list"),
    (SHEET, LetterSheet(kept_at="B 1", scan_sha256="00"), b"\0\0\0\x0escanned-letter\0\0\0\5thing\0\0\0\5sheet"),
    (SCAN, b"%PDF", b"\0\0\0\x0escanned-letter\0\0\0\5thing\0\0\0\4scan"),
    (preview(1), b"\xff\xd8", b"\0\0\0\x0escanned-letter\0\0\0\5thing\0\0\0\x09preview:1"),
    (
        TYPED,
        TypedLetter(content=InboundContent(sender=(), text="Bonjour"), received="2026-04-29"),
        b"\0\0\0\x0escanned-letter\0\0\0\5thing\0\0\0\5typed",
    ),
    (RECORD, CitizenRecord(given_name="Zoé"), b"\0\0\0\7citizen\0\0\0\5thing\0\0\0\6record"),
    (VALUE, "zoe@mail.example", b"\0\0\0\x0aidentifier\0\0\0\5thing\0\0\0\5value"),
    (SECOND_FACTOR, "JBSWY3DP", b"\0\0\0\x0dsecond-factor\0\0\0\5thing\0\0\0\6secret"),
    (attachment("a-1"), b"\xff\xd8", b"\0\0\0\7message\0\0\0\5thing\0\0\0\x0eattachment:a-1"),
    (PAYLOAD, b"\0", b"\0\0\0\x0bdead-letter\0\0\0\5thing\0\0\0\7payload"),
    (
        DEAD_LETTER,
        DeadLetterContent(key=None, value=b"?", headers=(), error_text="?"),
        b"\0\0\0\x0bdead-letter\0\0\0\5thing\0\0\0\6record",
    ),
]


def as_bytes(value: object) -> bytes:
    return value.model_dump_json().encode() if isinstance(value, BaseModel) else b""


@pytest.mark.parametrize(("field", "value", "associated"), GOLDEN, ids=lambda each: getattr(each, "name", ""))
def test_a_field_seals_as_it_always_has(field: SealedField[Any], value: Any, associated: bytes) -> None:
    key = new_data_key()
    box = field.seal(key, "thing", value).box
    plain = AESGCM(key.secret).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], associated)
    assert plain == field.codec.dump(value)
    assert field.codec.load(plain) == value
    assert not isinstance(value, BaseModel) or plain == as_bytes(value)


def declared() -> Iterator[SealedField[Any]]:
    for module in pkgutil.walk_packages(guichet.__path__, "guichet."):
        if not module.name.startswith("guichet.migrations"):  # they seal what was, under the same names
            yield from (each for each in vars(import_module(module.name)).values() if isinstance(each, SealedField))


def test_every_declared_field_is_held() -> None:
    held = {(field.kind, field.codec) for field, _, _ in GOLDEN}
    assert {(field.kind, field.codec) for field in declared()} == held
    called = {REASON.name, ATTACHMENT.name, PREVIEW.name, FILE_NAME.name}
    assert {field.name for field in declared()} - called <= {field.name for field, _, _ in GOLDEN}


def test_every_sealed_place_names_its_field_in_the_words_of_the_register() -> None:
    """What lies on a topic is declared by path; files hold copies, and the vault what opens all of this."""
    fields = {(field.kind, field.name): field.holds for field in declared()}
    named: set[tuple[str, str]] = set()
    for entry in whole_data_map():
        for place in entry.fields if entry.place in ("collection", "bucket") else ():
            if place.form is Form.SEALED and place.keyed:
                assert place.seals is not None, f"{entry.name}.{place.path} names no field"
                assert fields[place.seals] == place.holds
                named.add(place.seals)
    assert set(fields) - named == {(DEAD_LETTER.kind, DEAD_LETTER.name)}
    on_topics = {place.holds for entry in whole_data_map() if entry.place == "topic" for place in entry.fields}
    assert DEAD_LETTER.holds in on_topics


async def test_many_open_in_one_question_and_what_was_destroyed_is_left_out() -> None:
    vault = InMemoryVault()
    keys = await vault.new_keys(3)
    sealed = {MessageId(f"m-{nth}"): SUBJECT.seal(key, f"m-{nth}", f"no. {nth}") for nth, key in enumerate(keys)}
    await vault.destroy_keys([keys[1].key_id])
    assert await SUBJECT.open_many(vault, sealed) == {"m-0": "no. 0", "m-2": "no. 2"}
    assert await SUBJECT.open_many(vault, {}) == {}


async def test_one_that_was_tampered_with_stops_all_or_none_as_it_is_asked() -> None:
    vault = InMemoryVault()
    one, other = await vault.new_keys(2)
    whole = SUBJECT.seal(one, "m-1", "words")
    broken = whole.model_copy(update={"box": altered(whole.box)})
    sealed = {"m-1": broken, "m-2": SUBJECT.seal(other, "m-2", "more")}
    with pytest.raises(TamperedError):
        await SUBJECT.open_many(vault, sealed)
    opened = await open_each(vault, {name: SUBJECT.on(name, each) for name, each in sealed.items()})
    assert opened.values == {"m-2": "more"}
    assert opened.tampered == {"m-1"}
    assert "more" not in repr(opened)


async def test_one_whose_key_was_destroyed_is_erased() -> None:
    vault = InMemoryVault()
    (key,) = await vault.new_keys(1)
    value = SUBJECT.on("c-1", SUBJECT.seal(key, "c-1", "words"))
    assert await open_one(vault, value) == "words"
    await vault.destroy_keys([key.key_id])
    with pytest.raises(ErasedError, match="case c-1"):
        await open_one(vault, value)


def test_a_key_that_is_broken_or_not_held_opens_nothing() -> None:
    key = new_data_key()
    value = SUBJECT.on("c-1", SUBJECT.seal(key, "c-1", "words"))
    with pytest.raises(TamperedError):
        value.open({key.key_id: broken_key(key.key_id)})
    with pytest.raises(KeyMissingError):
        value.open({key.key_id: missing_key(key.key_id)})


def test_what_is_no_unicode_is_sealed_as_it_came_and_shown_as_far_as_it_can_be() -> None:
    key = new_data_key()
    shown = SUBJECT.open(key, "c-1", SUBJECT.seal(key, "c-1", "tree \ud83c"))
    assert shown.startswith("tree ")
    shown.encode()


async def test_nothing_is_asked_for_nothing() -> None:
    class Away(InMemoryVault):
        async def open_keys(self, key_ids: Any) -> dict[KeyId, Any]:
            raise AssertionError

    assert await living_keys(Away(), []) == {}
