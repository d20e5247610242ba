"""One suite for what nobody has seen, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import DepartmentId, MessageId
from guichet.mongo.client import Database
from guichet.store.unseen_mail import MongoUnseenMails, UnseenMail, UnseenMails
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.suspended_mail import InMemoryUnseenMails

DAY = timedelta(days=1)
M1, M2, M3 = (MessageId(f"m{number}") for number in (1, 2, 3))


def unseen(name: MessageId, days: int = 0, department: str = "accueil") -> UnseenMail:
    return UnseenMail(_id=name, department=DepartmentId(department), at=ARRIVED + days * DAY)


class UnseenMailSuite:
    async def test_a_mail_is_unseen_until_it_is_forgotten(self, mails: UnseenMails):
        await mails.note([unseen(M1), unseen(M2)])
        assert await mails.among([M1, M2, M3]) == {M1, M2}
        await mails.forget([M1, M3])
        await mails.forget([])
        assert await mails.among([M1, M2, M3]) == {M2}

    async def test_what_is_noted_already_stays_as_it_is(self, mails: UnseenMails):
        await mails.note([unseen(M1)])
        await mails.note([unseen(M1, 5), unseen(M2, 5)])
        await mails.note([])
        assert await mails.overdue(ARRIVED + DAY) == {"accueil"}
        assert await mails.among([M1, M2]) == {M1, M2}

    async def test_overdue_are_the_departments_of_what_came_before(self, mails: UnseenMails):
        await mails.note([unseen(M1), unseen(M2, 1, "ccas"), unseen(M3, 2, "ccas")])
        assert await mails.overdue(ARRIVED) == frozenset()
        assert await mails.overdue(ARRIVED + DAY) == {"accueil"}
        assert await mails.overdue(ARRIVED + 9 * DAY) == {"accueil", "ccas"}
        await mails.forget([M1, M2])
        assert await mails.overdue(ARRIVED + 2 * DAY) == frozenset()


class TestInMemoryUnseenMails(UnseenMailSuite):
    @pytest.fixture
    def mails(self) -> UnseenMails:
        return InMemoryUnseenMails()


@pytest.mark.real
class TestMongoUnseenMails(UnseenMailSuite):
    @pytest.fixture
    def mails(self, database: Database) -> UnseenMails:
        return MongoUnseenMails(database)
