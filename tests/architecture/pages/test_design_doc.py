"""docs/design.md tells the truth about topics, and about what is declared and waits for its use."""

import re
from typing import Final

import pytest

from guichet.contracts.topics import CASE_EVENTS, INBOUND, TOPICS, Consumer, Topic
from tests.architecture.pages.citations import ROOT, TEXTS, is_there

PAGE: Final = (ROOT / "docs" / "design.md").read_text()
_TESTED_BY: Final = re.compile(r"(^|/)(tests|testing|conformance)/|_testing/|^docs/")


def part(heading: str) -> str:
    """Return what stands under a heading."""
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def row_of(topic: Topic) -> str:
    """Return a topic's line of the table, but for what it carries."""
    readers = (f"{each.service} (live)" if each.mode == "broadcast" else each.service for each in topic.consumers)
    columns = (", ".join(topic.producers), ", ".join(sorted(readers)), f"{topic.retention.days} days")
    return " | ".join(column or "–" for column in columns)


def test_the_table_of_topics_is_the_registry() -> None:
    lines = re.findall(r"^\| `([\w-]+)` \| [^|]+ \| (.+) \|$", part("Topics"), re.MULTILINE)
    assert lines == [(topic.name, row_of(topic)) for topic in TOPICS]


def test_a_reading_of_the_registry_is_written_as_a_person_would() -> None:
    assert Consumer("agent-desk", "broadcast") in CASE_EVENTS.consumers
    assert row_of(CASE_EVENTS).startswith("case-router | agent-desk (live), ")


_ARROW: Final = re.compile(r"[─┬┼┤├┐┘│└ ]*▶|◀[─ ]*")
_NAMED: Final = re.compile(r"inbound-\*|" + "|".join(sorted((t.name for t in TOPICS), key=len, reverse=True)))
_SERVICE: Final = re.compile(
    r"\b(?:ingest-\w+|case-router|notifier|gdpr-worker|agent-desk|citizen-portal|guichet (?=command|erase))"
)


def arrows(picture: str) -> list[tuple[str, str]]:
    """Return the arrows of a picture between services and topics, as (from, to). A branch begins where its trunk does."""
    found, trunk = [], ""
    for line in picture.splitlines():
        words = [_named(each) for each in _ARROW.split(line)]
        for left, arrow, right in zip(words, _ARROW.findall(line), words[1:], strict=False):
            trunk = left if "┬" in arrow else trunk
            begin = trunk if {"├", "└"} & {*arrow} else left
            found.append((begin, right) if "▶" in arrow else (right, begin))
    return [(begin, end) for begin, end in found if begin and end]


def _named(words: str) -> str:
    topic, service = _NAMED.search(words), _SERVICE.search(words)
    return topic[0] if topic else service[0].replace("guichet ", "guichet-cli") if service else ""


def is_registered(begin: str, end: str) -> bool:
    """Say whether somebody writes, or reads, as an arrow says."""
    family = {"inbound-*": INBOUND}
    written = [topic for topic in TOPICS if topic.name == end or topic in family.get(end, ())]
    read = [topic for topic in TOPICS if topic.name == begin or topic in family.get(begin, ())]
    writers = {producer for topic in written for producer in topic.producers}
    return begin in writers or end in {consumer.service for topic in read for consumer in topic.consumers}


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_a_picture_draws_no_arrow_that_is_not_registered(page: str) -> None:
    drawn = arrows(TEXTS[page].partition("```\n")[2].partition("```")[0])
    assert len(drawn) > 10
    assert [each for each in drawn if not is_registered(*each)] == []


def test_an_arrow_that_is_not_registered_is_seen() -> None:
    picture = " case-router ─▶ case-events ─┬─▶ agent-desk\n                             └─▶ citizen-portal\n"
    assert ("case-events", "citizen-portal") in arrows(picture)
    assert not is_registered("case-events", "citizen-portal")


def waiting() -> list[str]:
    """The names that are declared and not used yet."""
    return re.findall(r"^\| `([\w.]+)` \|", part("Declared and not used yet"), re.MULTILINE)


def users_of(dotted: str) -> list[str]:
    """Return the files of the product, but for its own, that seem to use a name: by a search of their text."""
    *path, owner, name = dotted.split(".")
    is_member = owner[0].isupper()
    own = f"shared/{'/'.join(path if is_member else [*path, owner])}.py"
    member = rf"\b{owner}\.{name}\b" if name.isupper() else rf"(?<!\berror)\.{name}\b|\b{name}="  # error: the web's own
    used = re.compile(member if is_member else rf"\b{name}\b")
    product = {file: text for file, text in TEXTS.items() if file.endswith((".py", ".html"))}
    return [file for file, text in product.items() if file != own and not _TESTED_BY.search(file) and used.search(text)]


@pytest.mark.parametrize("name", waiting())
def test_what_waits_for_its_use_exists_and_waits(name: str) -> None:
    assert is_there(name)
    assert users_of(name) == [], "it is used: take its line out of docs/design.md"


def test_the_search_for_uses_finds_them() -> None:
    assert len(waiting()) >= 3
    assert "shared/guichet/town/town.py" in users_of("guichet.law.calendar.WorkingDays.aee_deadline")
    assert users_of("guichet.privacy.blind_tokens.folded_words")
    assert users_of("guichet.contracts.inbound.Automatic.OWN_MESSAGE")
