"""None waits unseen past the next working day: then the alarm is raised, for the department whose mail it is."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from case_router.entry.unseen_mail_watch import UnseenMailWatch
from guichet.clock import SystemClock
from guichet.ids import DepartmentId, MessageId
from guichet.law.calendar import WorkingDays
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.unseen_mail import UnseenMail
from guichet_testing.twins.store.suspended_mail import InMemoryUnseenMails

PARIS = ZoneInfo("Europe/Paris")
MAIL = MessageId("m1")


def paris(day: str, time: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=PARIS)


@pytest.fixture(autouse=True)
def _no_alarm_of_before() -> None:
    for department in ("accueil", "ccas"):
        clear_alarm(Alarm.SUSPENDED_UNSEEN, department)


class Watch:
    def __init__(self) -> None:
        self.unseen, self.now = InMemoryUnseenMails(), paris("2026-11-27")
        self.watch = UnseenMailWatch(self.unseen, WorkingDays(), clock=lambda: self.now, sleep=SystemClock().sleep)

    async def came(self, at: datetime, name: str = MAIL, department: str = "accueil") -> None:
        await self.unseen.note([UnseenMail(_id=MessageId(name), department=DepartmentId(department), at=at)])

    async def raised_at(self, now: datetime, department: str = "accueil") -> bool:
        self.now = now
        await self.watch.look()
        return bool(ALARM.labels(Alarm.SUSPENDED_UNSEEN.value, department)._value.get())


@pytest.mark.parametrize(
    ("came", "still_in_time", "too_late"),
    [
        # Friday: all of Monday is left to see it
        (paris("2026-11-27"), paris("2026-11-30", "23:59"), paris("2026-12-01", "00:00")),
        (paris("2026-11-28"), paris("2026-11-30", "23:59"), paris("2026-12-01", "00:00")),  # Saturday, the same
        (paris("2026-11-30", "00:00"), paris("2026-12-01", "23:59"), paris("2026-12-02", "00:00")),
        (paris("2026-11-30", "23:59"), paris("2026-12-01", "23:59"), paris("2026-12-02", "00:00")),
        # 24 December is a Thursday, Friday a holiday: Monday is the next working day
        (paris("2026-12-24"), paris("2026-12-28", "23:59"), paris("2026-12-29", "00:00")),
        # the night in which the clocks go back
        (paris("2026-10-23"), paris("2026-10-26", "23:59"), paris("2026-10-27", "00:00")),
    ],
)
async def test_the_alarm_comes_when_the_next_working_day_is_over(came, still_in_time, too_late):
    watch = Watch()
    await watch.came(came)
    assert not await watch.raised_at(still_in_time)
    assert await watch.raised_at(too_late)


async def test_it_ends_once_somebody_has_seen_the_last_of_it():
    watch = Watch()
    await watch.came(paris("2026-11-23"))
    await watch.came(paris("2026-11-24"), "m2")
    assert await watch.raised_at(paris("2026-11-27"))
    await watch.unseen.forget([MAIL])
    assert await watch.raised_at(paris("2026-11-27"))
    await watch.unseen.forget([MessageId("m2")])
    assert not await watch.raised_at(paris("2026-11-27"))


async def test_each_department_has_its_own():
    watch = Watch()
    await watch.came(paris("2026-11-23"), department="ccas")
    await watch.came(paris("2026-11-27"), "m2")
    assert await watch.raised_at(paris("2026-11-27"), "ccas")
    assert not await watch.raised_at(paris("2026-11-27"), "accueil")
