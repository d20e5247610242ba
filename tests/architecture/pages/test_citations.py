"""What is cited is there: every page, section, decision, fact of law, file, test and module that code or docs name."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest

from guichet.runtime.telemetry.alarms import Alarm
from tests.architecture.pages.citations import (
    ROOT,
    TEXTS,
    anchors_of,
    facts_of_law,
    is_there,
    names_given,
    pages_named,
    prose_of,
    retired_citations,
    tracked,
)

LAW: Final = ROOT / "docs" / "law.md"


def where(texts: dict[str, str], pattern: re.Pattern[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield each match of a pattern, with the file that it stands in."""
    for file, text in texts.items():
        for match in pattern.finditer(text):
            yield file, match


LINK: Final = re.compile(r"\]\((?!\w+:)([^()\s#]*)(?:#([\w-]+))?\)")


def broken_links(texts: dict[str, str]) -> list[str]:
    """Links between pages whose page or section is not there."""
    broken = []
    for file, match in where({name: text for name, text in texts.items() if name.endswith(".md")}, LINK):
        page = (ROOT / file).parent / match[1] if match[1] else ROOT / file
        known = page.exists() and (match[2] is None or match[2] in anchors_of(page.read_text()))
        broken += [] if known else [f"{file}: {match[0]}"]
    return broken


def test_every_link_leads_to_a_page_and_a_section() -> None:
    assert broken_links(TEXTS) == []


PAGE: Final = re.compile(r"(?<![\w/.*-])((?:[\w.-]+/)*[\w-]+\.md)\b(?:#([\w-]+)|, \"([^\"]+)\")?(?! *=)")


def missing_pages(texts: dict[str, str]) -> list[str]:
    """Pages named in plain words, `docs/x.md`, `docs/x.md#section` or `docs/x.md, "Section"`, that are not there."""
    missing = []
    for file, match in where(texts, PAGE):
        pages = [page for page in ((ROOT / file).parent / match[1], ROOT / match[1]) if page.exists()]
        pages = pages or [ROOT / page for page in pages_named(match[1])]
        section = match[2] or (match[3] and slug(match[3]))
        sections = {each for page in pages for each in anchors_of(page.read_text())}
        if not pages or (section and section not in sections):
            missing.append(f"{file}: {match[0]}")
    return missing


def slug(heading: str) -> str:
    """Return a heading's anchor."""
    return next(iter(anchors_of(f"# {heading}")))


def test_every_page_that_is_named_is_there() -> None:
    prose = {name: prose_of(name, text) for name, text in TEXTS.items()}
    said = {name: "\n".join(re.findall(r"docs/[\w#./-]+", text)) for name, text in TEXTS.items()}  # in messages, too
    assert missing_pages(prose) + missing_pages(said) == []


DECISION: Final = re.compile(r"(?:decisions?/|ADRs? |[Dd]ecision |\(|, |; | · )(0[0-5]\d\d)(?=\b(?!\d|[.:]\d))")


def missing_decisions(texts: dict[str, str]) -> list[str]:
    """Decisions named as `decisions/0002`, `ADR 0002` or `(0002)` that nobody wrote down."""
    known = {page.name[:4] for page in (ROOT / "docs" / "decisions").glob("*.md")}
    return [f"{file}: {match[0]}" for file, match in where(texts, DECISION) if match[1] not in known]


def test_every_decision_that_is_named_was_written_down() -> None:
    assert missing_decisions({name: prose_of(name, text) for name, text in TEXTS.items()}) == []


FACT: Final = re.compile(r"\blaw\.md(?:\]\([^)]*\))? ((?:\d+(?:, | and |–)?)+)")


def missing_facts(texts: dict[str, str]) -> list[str]:
    """Facts named as `law.md 12` (and `law.md 12, 14`) that docs/law.md does not have."""
    known = facts_of_law(LAW.read_text())
    return [
        f"{file}: {match[0]}"
        for file, match in where(texts, FACT)
        if not {int(number) for number in re.findall(r"\d+", match[1])} <= known
    ]


def test_every_fact_of_law_that_is_named_is_there() -> None:
    assert missing_facts(TEXTS) == []


def test_facts_of_law_are_numbered_once() -> None:
    numbers = re.findall(r"^\*\*(\d+)\.\*\*", LAW.read_text(), re.MULTILINE)
    assert len(numbers) == len(set(numbers)) > 20


FILE: Final = re.compile(r"(?<![\w/.…-])((?:tests|shared|services|deploy|docs)/[\w./-]+\.\w+)(?:::(\w+))?")


def missing_files(texts: dict[str, str]) -> list[str]:
    """Files, and tests in them, that are named by their whole path and are not there."""
    return [
        f"{file}: {match[0]}"
        for file, match in where(texts, FILE)
        if match[1].rstrip(".") not in tracked()
        or (match[2] and not re.search(rf"\b(?:def|class) {match[2]}\b", (ROOT / match[1]).read_text()))
    ]


def test_every_file_and_test_that_is_named_is_there() -> None:
    prose = {name: prose_of(name, text) for name, text in TEXTS.items()}
    assert missing_files({name: text for name, text in prose.items() if name != "CHANGELOG.md"}) == []


BARE: Final = re.compile(r"`([\w/*-]+\.(?:py|html|yaml))`")


def missing_bare_files(texts: dict[str, str]) -> list[str]:
    """Files that a page names in backticks by their end alone."""
    pages = {name: text for name, text in texts.items() if name.endswith(".md")}
    return [
        f"{file}: {match[1]}" for file, match in where(pages, BARE) if "*" not in match[1] and not pages_named(match[1])
    ]


def test_every_file_that_a_page_names_by_its_end_is_there() -> None:
    assert missing_bare_files({name: text for name, text in TEXTS.items() if name != "CHANGELOG.md"}) == []


def missing_names(texts: dict[str, str]) -> list[str]:
    """Modules and what they define, named as `guichet.store.cases.store` in prose, that are not there."""
    named = ((file, name) for file, text in texts.items() for name in sorted(names_given(file, text)))
    return [f"{file}: {name}" for file, name in named if not is_there(name)]


def test_every_module_and_class_that_is_named_is_there() -> None:
    today = {file: text for file, text in TEXTS.items() if file.endswith((".md", ".py")) and "/migrations/" not in file}
    assert missing_names({file: text for file, text in today.items() if file != "CHANGELOG.md"}) == []


VARIABLE: Final = re.compile(r"`?\b(GUICHET_[A-Z0-9_]*[A-Z0-9])\b(?!_?…|_?\*)")
ALARM: Final = re.compile(r"[Aa]larms? \[?`([a-z-]+)`")
OF_BEFORE: Final = {"GUICHET_FOLLOW_LOOKUP_KEY"}  # the handbook says whom to take it from


@cache
def programs() -> str:
    return "\n".join(text for file, text in TEXTS.items() if not file.endswith(".md"))


def is_read(variable: str) -> bool:
    """Whether a program names a variable, or has the field of settings that reads it."""
    field = variable.removeprefix("GUICHET_").lower()
    return variable in programs() or re.search(rf"^    {field}: ", programs(), re.MULTILINE) is not None


def missing_settings(texts: dict[str, str]) -> list[str]:
    """Variables and alarms that a page names and no program knows."""
    pages = {file: text for file, text in texts.items() if file.endswith(".md")}
    variables = [(file, match[1]) for file, match in where(pages, VARIABLE) if not is_read(match[1])]
    alarms = [(file, match[1]) for file, match in where(pages, ALARM) if match[1] not in {*Alarm}]
    return [f"{file}: {name}" for file, name in variables + alarms if name not in OF_BEFORE]


def test_every_variable_and_alarm_that_a_page_names_is_there() -> None:
    assert missing_settings({file: text for file, text in TEXTS.items() if file != "CHANGELOG.md"}) == []


def test_nothing_cites_a_document_that_is_not_here() -> None:
    assert retired_citations(TEXTS) == []


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (broken_links, "[x](nowhere.md)"),
        (broken_links, "[x](../README.md#no-such-section)"),
        (missing_pages, "see docs/nowhere.md"),
        (missing_pages, "docs/operations.md#nowhere"),
        (missing_pages, 'docs/operations.md, "No such section"'),
        (missing_decisions, "why: docs/decisions/0599"),
        (missing_decisions, "(0598)"),
        (missing_decisions, "([0597](decisions/0597-x.md))"),
        (missing_facts, "docs/law.md 997"),
        (missing_files, "tests/stories/test_nowhere.py"),
        (missing_files, "tests/stories/test_mail.py::test_nothing"),
        (missing_bare_files, "`nowhere.py`"),
        (missing_names, "`guichet.store.nowhere`"),
        (missing_names, "`guichet.ids.Nothing`"),
        (missing_settings, "`GUICHET_NOTHING_AT_ALL`"),
        (missing_settings, "the alarm `nowhere`"),
        (retired_citations, "as design 3.4 says"),
        (retired_citations, "Golden vectors of domain.md 1.7"),
        (retired_citations, "no automatic answer (R25)"),
    ],
)
def test_the_rules_find_what_is_not_there(find, text) -> None:
    assert find({"docs/a_page.md": text})


def test_the_rules_pass_what_is_there() -> None:
    page = {
        "docs/a_page.md": "[x](operations.md#alarms), docs/law.md 1, (0002), decisions/0003, `case_events.py`,"
        ' tests/architecture/pages/test_citations.py::test_the_rules_pass_what_is_there, docs/operations.md, "Alarms", guichet.ids.CaseId'
    }
    rules = (broken_links, missing_pages, missing_decisions, missing_facts, missing_files, missing_bare_files)
    assert [rule(page) for rule in (*rules, missing_names, retired_citations)] == [[]] * 8
