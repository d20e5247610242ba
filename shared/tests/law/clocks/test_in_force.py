"""A rule bears dates: what was received before it comes into force follows the one of before (docs/law.md 63)."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.doubt import Doubt
from guichet.law.clocks.facts import Nature, PriorRemedy, ProcedureConfirmed, Qualified, Received, RightsRequested
from guichet.law.clocks.in_force import Version, Versions, doubled_day
from guichet.law.clocks.national_rules import COMPLAINTS, RECEIPTS, RIGHTS
from guichet.law.clocks.rules import ProcedureRule, SilenceMeans, TownRules
from shared.tests.law.clocks.any_history import any_history
from shared.tests.law.clocks.cases import FRANCE, PROCEDURES, a_case, at, clock, kinds, on, seen

LAW = (Path(__file__).parents[4] / "docs" / "law.md").read_text()
SEEDS = st.integers(0, 2**32)
MANY = settings(max_examples=200)
REFORM = on("2026-03-01")
REFORMED = replace(
    FRANCE,
    procedures={
        "terrace": Versions(
            (
                Version(PROCEDURES["flat"], until=REFORM - timedelta(days=1)),
                Version(PROCEDURES["terrace"], in_force_from=REFORM),
            )
        )
    },
)


def followed_by(town: TownRules, rule: ProcedureRule, day: date) -> TownRules:
    """The town after a reform: from a day on, every procedure has another rule."""
    before = {
        name: tuple(
            replace(each, until=min(each.until or date.max, day - timedelta(days=1)))
            for each in versions.all
            if (each.in_force_from or date.min) < day
        )
        for name, versions in town.procedures.items()
    }
    after = Version(rule, in_force_from=day)
    return replace(town, procedures={name: Versions((*versions, after)) for name, versions in before.items()})


@MANY
@given(SEEDS, st.sampled_from([*PROCEDURES]))
def test_a_rule_that_begins_tomorrow_changes_nothing_today(seed: int, rule: str) -> None:
    events, town, as_of = any_history(Random(seed))
    tomorrow = followed_by(town, PROCEDURES[rule], as_of + timedelta(days=1))
    assert case_clocks(events, tomorrow, as_of) == case_clocks(events, town, as_of)


@MANY
@given(SEEDS, st.sampled_from([*PROCEDURES]))
def test_a_rule_that_begins_after_receipt_changes_no_clock_of_the_request_ever(seed: int, rule: str) -> None:
    """Of a remedy the day on which it came decides: it is another request."""
    events, town, as_of = any_history(Random(seed))
    events = [each for each in events if not isinstance(each, PriorRemedy)]
    last = max(each.on for each in events if isinstance(each, Received))
    later = followed_by(town, PROCEDURES[rule], last + timedelta(days=1))
    assert case_clocks(events, later, as_of) == case_clocks(events, town, as_of)


@pytest.mark.parametrize(
    ("received", "means", "since"), [("2026-02-28", "rejects", None), ("2026-03-01", "accepts", REFORM)]
)
def test_the_day_of_receipt_decides_though_the_procedure_is_confirmed_later(
    received: str, means: str, since: date | None
) -> None:
    case = [Received(at(received, 23)), ProcedureConfirmed(at("2026-03-10"), "terrace")]
    found = clock(case, ClockKind.SILENCE, "2026-03-11", REFORMED)
    assert (found.means, found.basis.in_force_from) == (means, since)
    decided = clock(case, ClockKind.SILENCE, "2027-01-01", REFORMED)
    assert decided.means == means


def test_of_a_remedy_the_rule_of_its_own_day_counts() -> None:
    old, new = PROCEDURES["flat"], replace(PROCEDURES["flat"], remedy=None)
    ended = Versions((Version(old, until=on("2026-02-28")), Version(new, in_force_from=on("2026-03-01"))))
    town = replace(FRANCE, procedures={"flat": ended})
    for day, has in (("2026-02-28", True), ("2026-03-01", False)):
        found = seen(a_case("flat", "2026-01-05", PriorRemedy(at(day))), "2026-03-02", town)
        assert (ClockKind.PRIOR_REMEDY in kinds(found)) is has
        assert (Doubt.REMEDY_TO_BE_CONFIRMED in found.doubts) is not has


def test_of_a_day_without_a_rule_nothing_is_said() -> None:
    town = replace(FRANCE, procedures={"flat": Versions((Version(PROCEDURES["flat"], on("2026-03-01")),))})
    found = seen(a_case("flat", "2026-01-05"), "2026-09-01", town)
    assert (ClockKind.SILENCE in kinds(found), found.doubts) == (False, (Doubt.NOT_IN_FORCE,))


def test_a_rule_that_changed_between_two_administrations_receipts_is_looked_at() -> None:
    confirmed = ProcedureConfirmed(at("2026-03-03"), "terrace")
    for elsewhere, doubts in (("2026-02-28", (Doubt.RULE_CHANGED,)), ("2026-03-01", ())):
        case = [Received(at("2026-03-02"), elsewhere_on=on(elsewhere)), confirmed]
        assert seen(case, "2026-03-04", REFORMED).doubts == doubts


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2016-11-06", []), ("2016-11-07", [ClockKind.AEE, ClockKind.ARE])],
)
def test_a_town_owes_receipts_since_the_law_says_so(received: str, expected: list[ClockKind]) -> None:
    """docs/law.md 5, 8."""
    found = seen([Received(at(received))], received)
    by_law = [each for each in found.clocks if each.kind is not ClockKind.QUALIFICATION]
    assert [each.kind for each in by_law] == expected
    assert all(each.basis.in_force_from == on("2016-11-07") for each in by_law)
    assert (ClockKind.QUALIFICATION in kinds(found)) is bool(expected), "ours is there for the law's"


def test_of_before_the_code_and_the_gdpr_nothing_is_reckoned() -> None:
    case = a_case("quiet", "2015-12-31", Qualified(at("2015-12-31", 2), Nature.APPEAL))
    assert seen(case, "2016-01-02").doubts == (Doubt.NOT_IN_FORCE,)
    case = a_case("quiet", "2016-01-01", Qualified(at("2016-01-01", 2), Nature.APPEAL))
    assert clock(case, ClockKind.SILENCE, "2016-01-02").means is SilenceMeans.REJECTS
    asked = a_case("quiet", "2018-05-01", RightsRequested(at("2018-05-24")))
    assert seen(asked, "2018-05-26").doubts == (Doubt.RIGHTS_BEFORE_THE_LAW,)
    assert clock([RightsRequested(at("2018-05-25"))], ClockKind.RIGHTS_REQUEST, "2018-05-26").due == on("2018-06-25")


@pytest.mark.parametrize("versions", [RECEIPTS, COMPLAINTS, RIGHTS])
def test_each_rule_of_the_law_stands_where_it_says_in_docs_law(versions: Versions[object]) -> None:
    for version in versions.all:
        [said] = re.findall(rf"^\*\*{version.noted}\.\*\* (.+?)\n\n", LAW, re.DOTALL | re.MULTILINE)
        articles = re.findall(r"[LR]\d{3}-\d+(?:-\d+)*", getattr(version.rule, "source", "")) or ["12(3)"]
        assert all(article in said for article in articles)
        assert version.in_force_from is not None
        [dates] = re.findall(r"^\*\*63\.\*\* (.+?)\n\n", LAW, re.DOTALL | re.MULTILINE)
        assert f"{version.in_force_from:%-d %B %Y}" in dates


def test_two_rules_of_one_day_are_none() -> None:
    until, since = (Version("old", until=on("2026-03-01")), Version("new", on("2026-03-01")))
    assert doubled_day([until, since]) == on("2026-03-01")
    assert doubled_day([Version("old", until=on("2026-02-28")), since]) is None
    with pytest.raises(ValueError, match="two versions of a rule hold on 2026-03-01"):
        Versions((until, since))
    with pytest.raises(ValueError, match="cannot hold"):
        Version("none", on("2026-03-02"), on("2026-03-01"))
