"""What a signature says, and what the reader does not believe."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.topics import CASE_COMMANDS, PRIVACY_REQUESTS
from guichet.errors import ForgedError, SettingsError
from guichet.privacy.signing.public_keys import KNOWN_FOR, UNKNOWN_FOR, PublicKeyFolder
from guichet.privacy.signing.records import Signed, Verifier
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.signers import a_public_key, a_seed, a_signer, a_verifier, public_keys_folder

DESK = a_signer("agent-desk")
TRUE = DESK.sign("case-commands", b"case-1", b"{}")


def refusal(signed: Signed, verifier: Verifier | None = None) -> str:
    with pytest.raises(ForgedError) as refused:
        (verifier or a_verifier()).verify(signed, CASE_COMMANDS)
    return refused.value.reason


def test_what_a_door_signed_is_believed_and_says_whose_it_is() -> None:
    again = Signed.of("case-commands", b"case-1", b"{}", TRUE.headers)
    assert a_verifier().verify(again, CASE_COMMANDS).producer == "agent-desk"


@pytest.mark.parametrize(("field", "other"), [("key", b"case-2"), ("value", b"{ }"), ("signature", b"?" * 64)])
def test_a_signature_cannot_be_moved(field: str, other: bytes) -> None:
    assert refusal(Signed(**{**vars(TRUE), field: other})) == "wrong-signature"


def test_a_signature_for_one_topic_is_none_for_another() -> None:
    both = a_signer("guichet-cli").sign(PRIVACY_REQUESTS.name, b"case-1", b"{}")
    assert refusal(both) == "wrong-signature"
    moved = Signed(CASE_COMMANDS.name, b"case-1", b"{}", both.key_id, both.signature)
    assert refusal(moved) == "wrong-signature"


@pytest.mark.parametrize("producer", ["citizen-portal", "guichet-cli", "case-router"])
def test_a_known_key_of_somebody_else_commands_nothing(producer: str) -> None:
    signed = a_signer(producer).sign("case-commands", b"case-1", b"{}")
    assert refusal(signed, a_verifier("agent-desk", producer)) == "wrong-signature"


def test_a_key_that_deployment_does_not_know_signs_nothing() -> None:
    assert refusal(a_signer("an attacker").sign("case-commands", b"case-1", b"{}")) == "unknown-signer"


def test_another_key_under_a_known_id_signs_nothing() -> None:
    own = a_signer("an attacker").sign("case-commands", b"case-1", b"{}")
    assert refusal(Signed(own.topic, own.key, own.value, DESK.key_id, own.signature)) == "wrong-signature"


@given(st.lists(st.tuples(st.sampled_from(["guichet-key", "guichet-signature", "traceparent"]), st.binary())))
def test_any_headers_are_a_forgery_and_no_error(headers: list[tuple[str, bytes]]) -> None:
    with pytest.raises(ForgedError):
        a_verifier().verify(Signed.of("case-commands", b"case-1", b"{}", headers), CASE_COMMANDS)


def test_what_ended_signs_nothing_that_came_after() -> None:
    key = a_public_key("agent-desk", until=ARRIVED)
    assert key.signs_at(ARRIVED)
    assert not key.signs_at(ARRIVED + timedelta(microseconds=1))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_laid_down_later_is_found_and_one_taken_away_is_forgotten(tmp_path: Path) -> None:
    clock, desk, command = Clock(), a_public_key("agent-desk"), a_public_key("guichet-cli")
    public_keys_folder(tmp_path, "agent-desk")
    folder = PublicKeyFolder(tmp_path, clock=clock)
    public_keys_folder(tmp_path, "guichet-cli")
    assert folder.find(command.key_id) is None, "whoever names keys at random must not make us read each time"
    clock.now += UNKNOWN_FOR.total_seconds() + 0.1
    assert folder.find(command.key_id) == command
    (tmp_path / "agent-desk.json").unlink()
    assert folder.find(desk.key_id) == desk
    clock.now += KNOWN_FOR.total_seconds() + 0.1
    assert folder.find(desk.key_id) is None


def test_a_folder_in_disorder_stops_a_start_and_changes_nothing_later(tmp_path: Path) -> None:
    clock, desk = Clock(), a_public_key("agent-desk")
    for name in ("missing", ""):
        with pytest.raises(SettingsError, match="GUICHET_PUBLIC_KEYS"):
            PublicKeyFolder(tmp_path / name)
    public_keys_folder(tmp_path, "agent-desk")
    folder = PublicKeyFolder(tmp_path, clock=clock)
    (tmp_path / "broken.json").write_text('{"producer": "agent-desk", "public_key": "AAAA"}')
    clock.now += KNOWN_FOR.total_seconds() + 0.1
    assert folder.find(desk.key_id) == desk
    with pytest.raises(SettingsError, match=r"broken\.json"):
        PublicKeyFolder(tmp_path)


def test_a_seed_makes_one_key() -> None:
    assert a_signer("agent-desk").key_id == DESK.key_id == a_public_key("agent-desk").key_id
    assert len(a_seed("agent-desk")) == 32
