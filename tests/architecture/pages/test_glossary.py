"""docs/glossary.md names what is there, and what it gave up is nobody's name any more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.architecture.pages.citations import ROOT, is_there, tracked

ING: Final = {
    "logging",
    "tracing",
    "sealing",
    "wrapping",
    "signing",
    "ceiling",
    "wording",
    "broker_reading",
    "outgoing",
    "spending",
}
"""Modules and folders that may end so: a thing's name, or the field's own word."""
PAGE: Final = (ROOT / "docs" / "glossary.md").read_text()
ROW: Final = re.compile(r"^\| (.+) \|$", re.MULTILINE)
OF_THE_PRODUCT: Final = re.compile(r"(shared/guichet|services/[\w-]+/\w+|deploy/cli/guichet_cli)/(?!.*tests/).+\.py")


def rows(text: str, columns: int) -> list[list[str]]:
    """Return the lines of the tables with so many columns, their headings left out."""
    lines = [[cell.strip() for cell in row.split(" | ")] for row in ROW.findall(text)]
    return [line for line in lines if len(line) == columns and line[0] not in {"English", "not"}]


def retired() -> list[str]:
    """The words that nothing may bear."""
    return [word for row in rows(PAGE, 2) for word in re.findall(r"`(\w+)`", row[0])]


def not_on_screen() -> list[str]:
    """The French words that no page says."""
    return [word for row in rows(PAGE, 3) for word in re.findall(r"`(\w+)`", row[0])]


def screens() -> dict[str, str]:
    """Return what the doors show in French: templates and scripts, by file."""
    shown = re.compile(r"services/[\w-]+/\w+/(templates/.+\.html|static/(?!.*\.min\.).+\.js)")
    return {file: (ROOT / file).read_text() for file in sorted(filter(shown.fullmatch, tracked()))}


def words_of(name: str) -> str:
    """Return a name's words in a row: "_dead_letter_index_" of DeadLetterIndex and of dead_letter_index."""
    return f"_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower().strip('_')}_"


def modules() -> Iterator[str]:
    """Yield the names of the product's modules and folders."""
    for file in sorted(filter(OF_THE_PRODUCT.fullmatch, tracked())):
        yield from Path(file).with_suffix("").parts


def names() -> Iterator[str]:
    """Yield the names of the product's modules, folders and classes."""
    for file in sorted(filter(OF_THE_PRODUCT.fullmatch, tracked())):
        yield from Path(file).with_suffix("").parts
        tree = ast.parse((ROOT / file).read_text())
        yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def test_each_word_tells_where_it_lives() -> None:
    words = rows(PAGE, 4)
    assert len(words) > 50
    homeless = [row[0] for row in words if not re.findall(r"`([\w.]+)`", row[3])]
    assert homeless == []


def test_what_the_glossary_names_is_there() -> None:
    homes = [home for row in rows(PAGE, 4) for home in re.findall(r"`([\w.]+)`", row[3])]
    assert [home for home in homes if not is_there(home)] == []


def test_no_word_has_two_lines() -> None:
    english = [row[0] for row in rows(PAGE, 4)]
    assert len(english) == len(set(english))


def test_nothing_bears_a_retired_word() -> None:
    every = {name: words_of(name) for name in names()}
    assert [(name, word) for name, words in every.items() for word in retired() if f"_{word}_" in words] == []


def test_no_page_says_a_word_that_it_gave_up() -> None:
    said = {file: {*re.findall(r"\w+", text.casefold())} for file, text in screens().items()}
    assert [(file, word) for file, words in said.items() for word in not_on_screen() if word in words] == []


def test_the_search_for_words_on_screen_finds_them() -> None:
    assert "sélectionner" in not_on_screen()
    text = screens()["services/agent-desk/agent_desk/templates/bulk_bar.html"]
    assert "cochez" in re.findall(r"\w+", text.casefold())


def test_modules_are_named_by_nouns() -> None:
    named = {name for name in modules() if name.endswith("ing") and not re.match(r"test_|m\d{4}_", name)}
    assert named == ING


def test_the_search_for_retired_words_finds_them() -> None:
    assert {"utils", "dlq"} <= {*retired()}
    assert {"CaseRecord", "case_router", "OutboxEntry"} <= {*names()}
    assert "_grave_" in words_of("GraveStore")
    assert "_grave_" in words_of("the_grave")
    assert "_grave_" not in words_of("DeadLetterIndex")
