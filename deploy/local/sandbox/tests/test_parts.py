"""The small parts alone."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import citizen_sandbox
from citizen_sandbox.play import misbehaviour
from citizen_sandbox.play.bounded import Bounded
from citizen_sandbox.play.courier import TownAddress
from citizen_sandbox.play.misbehaviour import Misbehaviour, Order
from citizen_sandbox.play.people import Citizen, People


@given(st.lists(st.binary(max_size=20)), st.integers(1, 5), st.integers(1, 50))
def test_memory_stays_within_its_bounds_and_keeps_the_newest(
    things: list[bytes], max_items: int, max_bytes: int
) -> None:
    kept: Bounded[bytes] = Bounded(len, max_items=max_items, max_bytes=max_bytes)
    for number, thing in enumerate(things):
        kept.add(str(number), thing)
    remaining = list(kept)
    assert len(remaining) <= max_items
    assert sum(map(len, remaining)) <= max_bytes or len(remaining) == 1
    assert remaining == things[len(things) - len(remaining) :]


def test_a_trouble_strikes_as_often_as_ordered() -> None:
    behaviour = Misbehaviour()
    behaviour.ask("smtp-deferred", Order(2))
    assert [behaviour.strikes("smtp-deferred") for _ in range(3)] == [True, True, False]
    assert behaviour.remaining() == {}
    assert not behaviour.strikes("twilio-error")


def test_a_trouble_is_its_name_and_has_its_words() -> None:
    class Trouble(misbehaviour.Trouble):
        LATE = "pigeon-late", "Pigeon : en retard"

    assert (Trouble.LATE, Trouble.in_words()) == ("pigeon-late", {"pigeon-late": "Pigeon : en retard"})
    with pytest.raises(TypeError, match="words"):
        misbehaviour.Trouble("Wordless", {"LATE": "pigeon-late"})


def test_the_town_is_signed_for_in_public_and_reached_locally() -> None:
    town = TownAddress("http://127.0.0.1:8011/webhooks/twilio/messages", "https://mairie.example/")
    assert town.public_webhook == "https://mairie.example/webhooks/twilio/messages"
    assert town.local("https://mairie.example/status?x=1") == "http://127.0.0.1:8011/status?x=1"
    assert town.local("https://ailleurs.example/") == "https://ailleurs.example/"
    assert TownAddress("http://127.0.0.1:8011/a").public_webhook == "http://127.0.0.1:8011/a"


def test_two_citizens_of_one_id_are_refused() -> None:
    one = {
        "id": "a",
        "given_name": "A",
        "family_name": "B",
        "phone": "+33639980101",
        "email": "a@b.example",
        "telegram": {"id": 1, "username": "a"},
    }
    with pytest.raises(ValidationError, match="two citizens have the same id"):
        People.model_validate({"mailboxes": [], "citizens": [one, one]})


def test_what_is_no_field_of_a_citizen_is_an_account_or_a_typo() -> None:
    one = {"id": "a", "given_name": "A", "family_name": "B", "phone": "+33639980101", "email": "a@b.example"}
    known = Citizen.model_validate(one | {"pigeon": {"loft": 7}})
    assert (known.account("pigeon"), known.account("kiosk")) == ({"loft": 7}, {})
    with pytest.raises(ValidationError, match="notee is neither a field"):
        Citizen.model_validate(one | {"notee": "Habite rue des Tilleuls."})


def test_the_sandbox_imports_nothing_of_guichet() -> None:
    package = Path(citizen_sandbox.__file__).parent
    sources = {path.name: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    pattern = re.compile(r"^\s*(from|import) (guichet|guichet_\w+|ingest_\w+|case_router|notifier)\b", re.M)
    assert [name for name, source in sources.items() if pattern.search(source)] == []
