"""Nothing personal is legible at rest: a whole Guichet runs on invented values, then every file of it is searched.

What it covers and what it cannot see: docs/privacy.md. How the search works: guichet_canary/search/search.py.
"""

import pytest

from guichet_canary.run import Findings, run
from guichet_canary.search.search import Hit
from guichet_canary.writing.planting import UNREADABLE

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
SHOWN = 40  # of the hits


@pytest.fixture(scope="module")
async def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """One run for all tests."""
    return await run(tmp_path_factory.mktemp("canary"), tmp_path_factory.mktemp("beside"))


def lines_of(hits: list[Hit]) -> str:
    """Return the hits for a person to read: the first of each place, canary and form."""
    first = {(hit.where, hit.canary.label, hit.form): hit for hit in reversed(hits)}
    lines = sorted(map(str, first.values()))
    return "\n".join([f"{len(lines)} finding(s):", *lines[:SHOWN]])


def is_where_it_was_put(hit: Hit) -> bool:
    """Say whether it is an unreadable record that lies, as it came, on the very topic that it was put on."""
    return hit.canary.label.startswith("record: ") and hit.where.startswith(
        tuple(f"kafka/data/{topic}-{n}/" for topic in UNREADABLE for n in range(100))
    )


async def test_every_control_is_found_where_it_was_planted(findings):
    missed = [each for each in findings.controls if not any(map(each.is_found_by, findings.hits))]
    assert not missed, f"the search misses {missed}: it proves nothing about the rest"
    assert {each.canary.label.partition(": ")[2] for each in findings.controls} == {
        *("topic", "MIME part", "collection", "oplog", "log", "object", "metric")
    }


async def test_controls_and_canaries_are_different_values(findings):
    canaries = [canary for each in findings.who.values() for canary in each.canaries]
    needles = [needle for canary in canaries for needle in set(canary.needles)]
    controls = {needle for each in findings.controls for needle in each.canary.needles}
    assert not controls & set(needles)
    assert len(needles) == len(set(needles))


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        ("mail", "name e-mail subject text address phone file-name file-content"),
        ("sms", "name phone text address file-content"),
        ("whatsapp", "name phone text address file-content"),
        ("telegram", "name chat text address file-name file-content"),
        ("form", "name e-mail phone subject text address file-name file-content"),
        ("suspended", "name e-mail subject text address phone file-name file-content"),
        ("answer", "text name phone subject address file-name file-content"),
        ("note", "text subject"),
        ("draft", "text file-name file-content"),
        ("models", "name text address"),
        ("question", "name text subject address e-mail file-name file-content"),
        ("letter", "name e-mail subject text address file-content"),
        ("notifier", "name e-mail subject text"),
        ("crash", "name e-mail subject text"),
        ("refused", "name e-mail subject text"),
        ("registry", "name e-mail subject text"),
        ("registry 2", "name phone text"),
    ],
)
async def test_what_was_planted_went_all_the_way(findings, place, parts):
    expected = {f"{place}: {part.replace('file-', 'file ')}" for part in parts.split()}
    assert not expected - findings.seen


async def test_an_unreadable_record_is_found_where_it_was_put(findings):
    topics = {hit.where.split("/")[2].rpartition("-")[0] for hit in findings.hits if is_where_it_was_put(hit)}
    assert topics == set(UNREADABLE)


async def test_no_canary_is_found_anywhere(findings):
    controls = {each.canary for each in findings.controls}
    leaks = [hit for hit in findings.hits if hit.canary not in controls and not is_where_it_was_put(hit)]
    assert not leaks, lines_of(leaks)


@pytest.mark.parametrize("part", ["kafka/data", "mongodb/data", "objects", "logs", "supervisor", "secrets"])
def test_every_part_of_the_stack_was_searched(findings, part):
    assert [name for name in findings.searched if name.startswith(f"{part}/")]
