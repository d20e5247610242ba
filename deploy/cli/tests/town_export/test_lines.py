"""One document at a time: to a line of an export and back, whatever stands in it."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.case.history import HistoryEntry
from guichet.contracts.base import Contract
from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.ids import AgentId, AnchorId, CaseId, CitizenId, IdentifierId, MessageId
from guichet.privacy.follow_link import FollowLink
from guichet.store.cases.fields import LINK, LINKED_CASES, REASON, SUBJECT
from guichet.store.deliveries.document import NEVER, OPEN, DeliveryDocument
from guichet.store.messages.document import INBOUND_CONTENT, Direction, MessageDocument
from guichet.store.registry.citizens import RECORD, CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import VALUE, Holder, IdentifierDocument
from guichet.store.setup.schema import STORE_FILES
from guichet.store.threads.claim import Claim
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.store.threads.store import ThreadDocument, sealed_thread
from guichet.vault.sealing import DataKey, new_data_key
from guichet_cli.contracts.command import TOWN_EXPORT
from guichet_cli.town_export.at_rest import AtRest, as_it_leaves
from guichet_cli.town_export.kind import Kind
from guichet_cli.town_export.kinds import (
    CASES,
    CITIZENS,
    IDENTIFIERS,
    JOURNAL,
    KINDS,
    LEFT_BEHIND,
    RECEIVED,
    THREADS,
)
from guichet_cli.town_export.schema import schemas
from guichet_testing.builders.case import ARRIVED, a_case

KEY = new_data_key()
OTHER = new_data_key()
AT_REST = AtRest(ClaimSealing(bytes(32), bytes(32)), ARRIVED)
words = st.text(max_size=40)
maybe = st.none() | words
ids = st.text("0123456789abcdef", min_size=32, max_size=32)
moments = st.integers(0, 3 * 10**12).map(lambda ms: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
few = settings(max_examples=25)


def there_and_back(kind: Kind, document: dict[str, Any], **more: Any) -> tuple[Contract, Contract]:
    """Return a document's line, and the line of the document that was made of it, under another key."""
    stored = AT_REST.model(kind, document)
    opened = kind.opened(stored, {KEY.key_id: KEY}, **more)
    assert opened.line is not None
    assert opened.unopened == ()
    read = kind.line.model_validate_json(opened.line.model_dump_json())
    keys: dict[tuple[str, str], DataKey] = dict.fromkeys(kind.things_in(read), OTHER)
    again = AT_REST.document(kind, read, keys)
    once_more = kind.opened(AT_REST.model(kind, again), {OTHER.key_id: OTHER}, **more)
    assert once_more.line is not None
    return opened.line, once_more.line


@few
@given(ids, maybe, maybe, maybe, st.none() | st.integers(1900, 2030), maybe, st.lists(ids), moments)
def test_a_citizen(
    name: str,
    given_name: str | None,
    family: str | None,
    display: str | None,
    born: int | None,
    address: str | None,
    formerly: list[str],
    since: datetime,
) -> None:
    record = CitizenRecord(
        given_name=given_name, family_name=family, display_name=display, birth_year=born, address=address
    )
    document = CitizenDocument(
        _id=CitizenId(name),
        state=CitizenState.REGISTERED,
        record=RECORD.seal(KEY, name, record),
        formerly=tuple(map(CitizenId, formerly)),
        since=since,
    ).model_dump(by_alias=True)
    line, again = there_and_back(CITIZENS, document, sector_ids={})
    assert line == again
    assert line.record == record  # type: ignore[attr-defined]


@few
@given(ids, words, moments, st.booleans())
def test_an_address(name: str, value: str, since: datetime, shared: bool) -> None:
    document = IdentifierDocument(
        _id=IdentifierId(name),
        kind="email",
        holders=(Holder(citizen_id=CitizenId("c"), provenance="import", since=since),),
        shared=shared,
        value=VALUE.seal(KEY, name, value),
    ).model_dump(by_alias=True)
    line, again = there_and_back(IDENTIFIERS, document)
    assert line == again
    assert line.value == value  # type: ignore[attr-defined]


@few
@given(ids, st.none() | words, st.none() | st.lists(ids), st.binary(min_size=24, max_size=24), moments)
def test_a_case(name: str, subject: str | None, linked: list[str] | None, secret: bytes, at: datetime) -> None:
    case = a_case(
        **{
            "name": name,
            "_id": name,
            "updated_at": at,
            "subject": None if subject is None else SUBJECT.seal(KEY, name, subject),
            "linked_to": None if linked is None else LINKED_CASES.seal(KEY, name, tuple(map(CaseId, linked))),
            "link": LINK.seal(KEY, name, FollowLink(secret)),
            "deliveries": {"a": "sent"},
        }
    )
    line, again = there_and_back(CASES, case.model_dump(by_alias=True))
    assert line == again
    assert line.link == FollowLink(secret).token  # type: ignore[attr-defined]


@few
@given(ids, st.none() | words, ids, moments, st.integers(1, 10_000))
def test_a_step_of_a_case(case: str, reason: str | None, command: str, at: datetime, version: int) -> None:
    sealed = None if reason is None else REASON.called(command).seal(KEY, case, reason)
    field = None if reason is None else command
    entry = HistoryEntry(
        case_id=CaseId(case), version=version, type="CaseRerouted", at=at, reason=sealed, reason_field=field
    )
    line, again = there_and_back(JOURNAL, {"_id": entry.entry_id, **entry.model_dump()})
    assert line == again
    assert line.reason == reason  # type: ignore[attr-defined]


@few
@given(ids, words, maybe, words, moments, st.booleans())
def test_a_message(name: str, text: str, subject: str | None, sender: str, at: datetime, is_mail: bool) -> None:
    content = InboundContent(
        sender=(Identifier(kind="email", value=sender),),
        subject=subject,
        text=text,
        thread=MailThread(message_id=sender) if is_mail else None,
        attachment_names={name: text},
    )
    document = MessageDocument(
        _id=MessageId(name),
        direction=Direction.INBOUND,
        channel="email",
        accounts=("contact@mairie.example",),
        at=at,
        content=INBOUND_CONTENT.seal(KEY, name, content),
    ).model_dump(by_alias=True)
    line, again = there_and_back(RECEIVED, document)
    assert line == again
    assert line.content == content  # type: ignore[attr-defined]


@few
@given(ids, st.lists(st.tuples(ids, ids, st.none() | ids), min_size=1, max_size=4), st.integers(1, 99))
def test_an_anchor(anchor: str, claims: list[tuple[str, str, str | None]], version: int) -> None:
    thread = ThreadDocument(
        _id=AnchorId(anchor),
        version=version,
        claims=tuple(Claim(case_id=CaseId(c), claimed_by=MessageId(m), quoted_by=q) for c, m, q in claims),
    )
    line, again = there_and_back(THREADS, sealed_thread(AT_REST.claims, thread))
    assert line == again
    assert line.claims == thread.claims  # type: ignore[attr-defined]


@few
@given(st.sampled_from(DeliveryState), moments, st.integers(0, 9))
def test_nothing_that_leaves_is_ever_due_again(state: DeliveryState, at: datetime, attempts: int) -> None:
    owed = DeliveryDocument(
        _id=MessageId("m"),
        case_id=CaseId("c"),
        purpose=Purpose.AEE,
        channel="email",
        lane="mail-gathered",
        account="a",
        answers=MessageId("n"),
        state=state,
        requested_at=at,
        due_at=at,
        changed_at=at,
        attempts=attempts,
    )
    left = as_it_leaves(owed, at + timedelta(hours=1))
    if state in OPEN:
        assert (left.due_at, left.state, left.lane, left.unpublished) == (NEVER, DeliveryState.UNKNOWN, "mail", True)
        assert left.undecided_since is not None
    else:
        assert left == owed
    assert as_it_leaves(left, at + timedelta(days=9)) == left


def test_what_does_not_open_is_named_and_takes_no_case_with_it() -> None:
    sealed = SUBJECT.seal(KEY, "another case", "words")
    case = a_case("c", subject=sealed, _id="c")
    opened = CASES.opened(case, {KEY.key_id: KEY})
    assert opened.unopened == ("subject",)
    assert opened.line is not None
    assert opened.line.subject is None  # type: ignore[attr-defined]


def test_whose_key_was_destroyed_meanwhile_is_not_in_it() -> None:
    case = a_case("c", subject=SUBJECT.seal(KEY, "c", "words"), _id="c")
    assert CASES.opened(case, {}).line is None


@pytest.mark.parametrize(("name", "text"), [*schemas()], ids=[name for name, _ in schemas()])
def test_the_published_schema_is_the_models(name: str, text: str) -> None:
    assert (TOWN_EXPORT / f"{name}.json").read_text() == text, "run `make contracts` and commit"


def test_no_schema_is_of_a_kind_that_is_no_more() -> None:
    assert {path.stem for path in TOWN_EXPORT.iterdir()} == {name for name, _ in schemas()}


def test_no_sealed_value_is_left_in_a_line() -> None:
    for kind in KINDS:
        for name, info in kind.line.model_fields.items():
            assert "Sealed" not in str((info.annotation, *get_args(info.annotation))), f"{kind.name}: {name}"


def test_agents_of_the_town_are_named_by_their_ids_alone() -> None:
    line = CASES.line.model_fields["taken_up_by"]
    assert line.annotation == tuple[AgentId, ...]


def test_everything_that_the_store_declares_is_in_it_or_left_behind_for_a_reason() -> None:
    declared = {name for file in STORE_FILES for name in file.INDEXES}
    assert {kind.collection for kind in KINDS} | LEFT_BEHIND.keys() == declared
    assert {kind.collection for kind in KINDS} & LEFT_BEHIND.keys() == set()
