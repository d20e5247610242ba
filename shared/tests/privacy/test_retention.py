"""How a rule of retention reads in the two languages of the register."""

from datetime import timedelta

import pytest

from guichet.privacy.data_map.entry import DataMapEntry, Erasure
from guichet.privacy.data_map.retention import (
    Executor,
    Expires,
    ForGood,
    KeptFor,
    Owner,
    Phrase,
    Rule,
    Until,
    WithIts,
    days,
    hours,
    months,
)
from guichet.privacy.data_map.retention_page import render_retention

CLOSING = Phrase("closing", "la clôture")


@pytest.mark.parametrize(
    ("rule", "english", "french"),
    [
        (
            KeptFor(period=days(90), since=CLOSING, by=Executor.ENDED_LINKS),
            "90 days after closing",
            "90 jours après la clôture",
        ),
        (
            KeptFor(
                period=months(12),
                since=CLOSING,
                and_until=Phrase("all have seen it", "un agent l’ait vu"),
                because=Phrase("CNIL", "la CNIL"),
                by=Executor.NOBODY_YET,
            ),
            "12 months after closing, and until all have seen it (CNIL)",
            "12 mois après la clôture, et jusqu’à ce qu’un agent l’ait vu (la CNIL)",
        ),
        (
            Expires(date_field="at", since=Phrase("the end", "la fin"), at_most=hours(12)),
            "until the end: 12 hours at most",
            "jusqu’à la fin : 12 heures au plus",
        ),
        (
            Expires(what=Phrase("the id", "l’identifiant"), date_field="at", since=CLOSING, period=days(1)),
            "the id: a day after closing",
            "l’identifiant : un jour après la clôture",
        ),
        (
            Until(event=Phrase("somebody decides", "quelqu’un décide"), by=Executor.OPERATOR),
            "until somebody decides",
            "jusqu’à ce que quelqu’un décide",
        ),
        (WithIts(owner=Owner.CASE), "as long as the case", "autant que le dossier"),
        (WithIts(owner=Owner.CITIZEN), "as long as a citizen who holds it", "autant qu’un usager qui l’utilise"),
        (ForGood(why=Phrase("it proves", "c’est une preuve")), "for good: it proves", "sans limite : c’est une preuve"),
    ],
)
def test_a_rule_reads_in_both_languages(rule: Rule, english: str, french: str) -> None:
    assert rule.phrase == Phrase(english, french)


def test_a_period_has_a_length_unless_the_calendar_counts_it() -> None:
    assert (hours(12).length, days(7).length) == (timedelta(hours=12), timedelta(days=7))
    with pytest.raises(ValueError, match="calendar"):
        _ = months(12).length


def test_a_place_of_a_round_or_of_an_erasure_cannot_name_another_executor() -> None:
    assert Expires(date_field="at", since=CLOSING, period=days(1)).by is Executor.ROUND
    assert WithIts(owner=Owner.CASE).by is Executor.CASE_DESTROYED
    assert WithIts(owner=Owner.CITIZEN).by is Executor.ERASURE
    assert ForGood(why=CLOSING).by is None


def test_the_page_tells_apart_what_is_done_what_is_not_and_what_stays() -> None:
    done = KeptFor(period=days(1), since=CLOSING, by=Executor.TRIMMING)
    not_done = KeptFor(period=days(2), since=CLOSING, by=Executor.NOBODY_YET)
    stays = ForGood(why=Phrase("it proves", "c’est une preuve"))
    places = [
        DataMapEntry("topic", name, "count", "art. 6", "nobody", rules, Erasure.NOT_CONCERNED)
        for name, rules in {"ticks": (done, not_done), "tocks": (done, stays, WithIts(owner=Owner.CASE))}.items()
    ]
    nobody, rest = render_retention(places).split("## What is executed")
    executed, for_good = rest.split("## What is kept for good")
    assert "| `ticks` | 2 days after closing | 2 jours après la clôture |" in nobody
    assert "- the case: `tocks`" in nobody
    assert (
        "| `ticks`, `tocks` | a day after closing | un jour après la clôture | gdpr-worker trims the topic |"
        in executed
    )
    assert "| `tocks` | for good: it proves | sans limite : c’est une preuve |" in for_good
    assert "2 days" not in executed + for_good
