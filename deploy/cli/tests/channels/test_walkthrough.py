"""docs/adding-a-channel.md, followed to the letter: what it says to type is typed, and its suite passes."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from citizen_sandbox.play.webhook.provider import Refusal
from guichet.channel.outgoing.json_sender import JsonSender
from guichet.channel.outgoing.letter import Letter
from guichet.channel.payload import Payload
from guichet.channel.proofs import TOLERANCE, Proof
from guichet.channel.refusals import UnverifiedSourceError
from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName
from guichet_cli.channels.scaffold.run import run_tests
from guichet_cli.channels.scaffold.write import Wish, write_package
from guichet_testing.builders.walkthrough import FILES, IN_THE_TILE, PAGE, follow, typed

MOST_LINES = 60
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def pigeon(tmp_path: Path) -> Path:
    write_package(Wish(Names("pigeon"), ProofName.HMAC, both_ways=True), tmp_path)
    follow(tmp_path)
    return tmp_path


def test_what_the_page_says_to_type_is_a_channel(pigeon: Path) -> None:
    assert run_tests(pigeon)


def test_it_is_not_much() -> None:
    assert {name for _, name, _ in typed()} == {*FILES}
    lines = [line for *_, text in typed() for line in text.splitlines() if line.strip()]
    assert len(lines) + len(IN_THE_TILE) <= MOST_LINES


def test_what_it_says_in_a_sentence_is_typed_too() -> None:
    for said in (
        "`address=_address`",
        '`api="/release"`',
        "`from citizen_sandbox.play.people import Citizen`",
        '`unreachable=Refusal(404, {"error": "no-such-loft"})`',
    ):
        assert said in PAGE


class Sender(JsonSender):
    """Of the page's step 4."""

    name = "pigeon"

    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        return "/release", {"to": letter.recipient}


def shown(name: str) -> dict[str, Any]:
    """Run an example that nobody types, with what its text says it needs, and return what it defines."""
    [text] = [block for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if name in block]
    known = {"Any": Any, "Mapping": Mapping, "Payload": Payload, "Proof": Proof, "PigeonSender": Sender}
    known |= {"UnverifiedSourceError": UnverifiedSourceError, "now": lambda: NOW}
    known |= {"base64": base64, "hashlib": hashlib, "hmac": hmac, "re": re, "Refusal": Refusal}
    exec(text if not text.startswith(" ") else f"SAID = dict(\n{text})", known)
    return known


def test_the_proof_that_the_page_shows_takes_what_its_tile_signs_and_nothing_else() -> None:
    proof, body = shown("class LoftProof")["LoftProof"]("secret"), b"Le lampadaire"
    signed = {name.lower(): value for name, value in shown("def _sign")["_sign"]("secret", body, "17").items()}
    proof.verify(Payload(body, NOW, signed))
    again = {name.lower(): value for name, value in proof.sign(Payload(body, NOW)).items()}
    assert again == signed
    assert all(f'"{name}"' in PAGE for name in proof.sign(Payload(body, NOW)))
    for wrong in (
        Payload(body + b".", NOW, signed),
        Payload(body, NOW + 2 * TOLERANCE, signed),
        Payload(body, NOW, signed | {"x-loft-time": "9" * 5_000}),
        Payload(body, NOW, signed | {"x-loft-signature": "é"}),
        Payload(body, NOW),
    ):
        with pytest.raises(UnverifiedSourceError):
            proof.verify(wrong)


def test_the_answers_that_the_page_shows_are_read_as_its_tile_writes_them() -> None:
    sender = shown("class NestedSender")["NestedSender"]("https://loft.example", "", {})
    tile = shown("accepted=lambda")["SAID"]
    assert sender.provider_id(tile["accepted"]("4217")) == "4217"
    assert [sender.code(tile[name].body) for name in ("unreachable", "blocked")] == ["no-such-loft", "blocked"]
    for odd in ({}, {"result": None, "errors": None}, {"result": {}, "errors": []}, {"result": 7, "errors": ["x", 7]}):
        assert (sender.provider_id(odd), sender.code(odd)) == (None, None)


def test_every_command_of_the_page_is_there() -> None:
    [command] = re.findall(r"^\.venv/bin/guichet (channels new .*)$", PAGE, re.MULTILINE)
    assert command.split()[:3] == ["channels", "new", "pigeon"]
    assert set(re.findall(r"--[a-z-]+", command)) == {"--proof", "--both-ways", "--into"}
    for proof in ProofName:
        assert f"`{proof}`" in PAGE
