"""The rehearsal's verdicts see what they are to see."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.rehearsal.__main__ import BEGINS, ENDS, PAGE
from tests.rehearsal.verdicts import (
    each_has_one_receipt,
    nothing_is_lost_that_a_source_has,
    only_the_named_is_lost,
    references_lead_to_their_cases,
    ways_table,
)
from tests.rehearsal.ways import Receipt, Way, When, Written

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MAIL = Written(Way.IMAP, When.SINCE, "amina", taken=True)
CHAT = Written(Way.TELEGRAM, When.SINCE, "chloe", taken=True)
RECEIPT = Receipt("amina", "2026-AAAA-AAA", AT, "<a@mairie>")
CASES = {"amina": ["2026-AAAA-AAA"]}


@pytest.mark.parametrize(
    ("way", "when", "taken", "still"),
    [
        (Way.FORM, When.BEFORE, True, True),
        (Way.FORM, When.SINCE, True, False),
        (Way.FORM, When.AMID, False, False),
        (Way.TELEGRAM, When.AMID, True, False),
        (Way.TELEGRAM, When.WHILE_AWAY, False, True),
        (Way.HANDED_OVER, When.SINCE, True, False),
        (Way.HANDED_OVER, When.WHILE_AWAY, False, True),
        (Way.COPIED, When.SINCE, True, True),
        (Way.SMS, When.AMID, True, True),
    ],
)
def test_what_is_still_somewhere(way: Way, when: When, taken: bool, still: bool) -> None:
    assert Written(way, when, "somebody", taken).is_still_somewhere is still


def test_a_message_that_a_source_has_is_missed_and_one_that_nobody_has_is_not() -> None:
    assert nothing_is_lost_that_a_source_has([MAIL, CHAT], CASES).holds
    assert not nothing_is_lost_that_a_source_has([MAIL], {}).holds
    assert not nothing_is_lost_that_a_source_has([MAIL], {"amina": ["one", "another"]}).holds
    assert only_the_named_is_lost([MAIL, CHAT], CASES).holds
    assert not only_the_named_is_lost([MAIL, CHAT], {}).holds


def test_a_second_receipt_is_seen_unless_it_is_one_mail_that_was_in_flight() -> None:
    twice = [RECEIPT, RECEIPT]
    assert each_has_one_receipt([MAIL], [RECEIPT], ()).holds
    assert not each_has_one_receipt([MAIL], [], ()).holds
    assert not each_has_one_receipt([MAIL], twice, ()).holds
    assert each_has_one_receipt([MAIL], twice, {"amina"}).holds
    assert not each_has_one_receipt([MAIL], [RECEIPT, replace(RECEIPT, same="<b@mairie>")], {"amina"}).holds
    assert not each_has_one_receipt([MAIL], [replace(RECEIPT, same="")] * 2, {"amina"}).holds, "an SMS, twice"


def test_a_reference_that_leads_elsewhere_is_seen() -> None:
    assert references_lead_to_their_cases([MAIL], [RECEIPT], CASES).holds
    assert not references_lead_to_their_cases([MAIL], [RECEIPT], {"amina": ["2026-BBBB-BBB"]}).holds


def test_the_table_counts_what_came_since_the_backup() -> None:
    lines = ways_table([MAIL, CHAT, replace(MAIL, when=When.BEFORE)], CASES).splitlines()
    assert lines[2].startswith(f"| {Way.IMAP} | 1 | 1 |")
    assert lines[6].startswith(f"| {Way.TELEGRAM} | 1 | 0 |")


def test_the_page_has_its_place() -> None:
    assert f"{BEGINS}" in PAGE.read_text()
    assert ENDS in PAGE.read_text()
