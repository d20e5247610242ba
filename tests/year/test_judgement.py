"""The judge of the year finds what lacks: a control of one case, whose receipts go as each test says. Pure."""

from datetime import date, datetime, time
from types import SimpleNamespace

import pytest

from guichet.contracts.case_events import CaseOpened, ClockReached, ReceiptOwed, RoutingReason
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose
from guichet.ids import derive_id
from guichet.law.calendar import PARIS
from guichet_testing.builders.example_town import the_example_town
from tests.year.agents import Agents, Work
from tests.year.arrivals import Arrival
from tests.year.incidents import incidents_of
from tests.year.judgement import judge
from tests.year.law import ARE_WORKING_DAYS, months_after, working_day_after
from tests.year.providers import Handed
from tests.year.seen import Seen

CASE, REFERENCE = derive_id("test", "case"), "2026-7F3K-29Q"
RECEIVED = datetime(2026, 4, 30, 10, tzinfo=PARIS)  # a Thursday; 1 and 8 May are holidays, and 14 May is Ascension
AEE_DUE, QUALIFY_DUE, ARE_DUE = date(2026, 5, 4), date(2026, 5, 13), date(2026, 5, 19)
UNTIL = date(2026, 6, 30)


def at(day):
    return datetime.combine(day, time(10), PARIS)


def event(name, day, **said):
    about = {"case_id": CASE, "reference": REFERENCE, "version": 1, "caused_by": "message", "sector": "cadre-de-vie"}
    return {"event_id": name, "occurred_at": at(day), "department": "voirie", "citizen": None, **about, **said}


def year_of_one_case(aee=(AEE_DUE,), are=(ARE_DUE,)):
    """Return what was found of a case that nobody qualified. aee, are: the days on which its receipts left."""
    seen, agents, arrival = Seen(), Agents(1), Arrival(0, RECEIVED, "email", "tree", "s", "t")
    seen.arrived["message"] = arrival
    opened = CaseOpened(
        **event("opened", RECEIVED.date()),
        message_id="message",
        channel="email",
        account="contact@mairie.example",
        received_at=RECEIVED,
        routing=RoutingReason(rule="arbres", kind="keyword"),
    )
    seen.hear(opened)
    owed = {"answers": "message", "received_on": RECEIVED.date(), "is_full": False}
    seen.hear(ReceiptOwed(**event("owed", ARE_DUE), **owed))
    late = {"clock": "qualification", "stage": "late", "due": QUALIFY_DUE}
    seen.hear(ClockReached(**event("late", date(2026, 5, 14)), **late))
    handed = []
    for purpose, days in ((Purpose.AEE, aee), (Purpose.ARE, are)):
        about = {"outbound_id": purpose.value, "case_id": CASE, "purpose": purpose, "channel": "email"}
        moved = {"event_id": purpose.value, "occurred_at": RECEIVED, "state": DeliveryState.SENT}
        seen.hear(DeliveryChanged(**moved, **about))
        handed += [Handed(at(day), purpose.value, frozenset({REFERENCE})) for day in days]
    agents.works[CASE] = Work(opened, "signalement-voirie")
    incidents = incidents_of(2026, date(2026, 1, 7), "mail", "twilio")
    town = SimpleNamespace(
        handed=handed, late=set(), passed_over={CASE}, down={"mail", "twilio"}, town=the_example_town()
    )
    found = judge([arrival], seen, agents, town, incidents, until=UNTIL).findings
    return [each.partition("): ")[2] for each in found]


@pytest.mark.parametrize(
    ("left", "found"),
    [
        ({}, []),
        ({"aee": ()}, ["one registration receipt is owed, 0 left."]),
        ({"aee": (AEE_DUE, AEE_DUE)}, ["one registration receipt is owed, 2 left."]),
        ({"are": ()}, ["1 acknowledgements are owed, 0 left."]),
        ({"are": (ARE_DUE, ARE_DUE)}, ["1 acknowledgements are owed, 2 left."]),
        (
            {"aee": (date(2026, 5, 5),)},
            [
                "its aee left on 2026-05-05, was due on 2026-05-04, and nobody was alarmed.",
                "its aee left on 2026-05-05, was due on 2026-05-04, and nothing explains it.",
            ],
        ),
    ],
    ids=["as it must be", "no AEE", "two AEE", "no ARE", "two ARE", "a late AEE"],
)
def test_a_receipt_that_is_lost_doubled_or_late_is_found(left, found):
    assert year_of_one_case(**left) == found


def test_the_second_calendar_knows_the_holidays_of_may():
    assert working_day_after(RECEIVED.date(), 1) == AEE_DUE
    assert working_day_after(RECEIVED.date(), ARE_WORKING_DAYS) == ARE_DUE
    assert [months_after(date(2026, 12, 31), each) for each in (1, 2)] == [date(2027, 1, 31), date(2027, 2, 28)]
