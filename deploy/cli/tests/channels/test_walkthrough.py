"""docs/adding-a-channel.md, followed to the letter: what it says to type is typed, and its suite passes."""

import re
from pathlib import Path

import pytest

from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName
from guichet_cli.channels.scaffold.run import run_tests
from guichet_cli.channels.scaffold.write import Wish, write_package
from guichet_testing.builders.walkthrough import FILES, IN_THE_TILE, PAGE, follow, typed

MOST_LINES = 60


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


def test_every_command_of_the_page_is_there() -> None:
    [command] = re.findall(r"^\.venv/bin/guichet (channels new .*)$", PAGE, re.MULTILINE)
    assert command.split()[:3] == ["channels", "new", "pigeon"]
    assert set(re.findall(r"--[a-z-]+", command)) == {"--proof", "--both-ways", "--into"}
    for proof in ProofName:
        assert f"`{proof}`" in PAGE
