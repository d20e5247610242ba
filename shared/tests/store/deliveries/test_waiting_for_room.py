"""One suite for letters that no cap has room for: they wait, or go another way, on the twin and on the real MongoDB."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guichet.contracts.delivery import DeliveryState
from guichet.ids import MessageId
from guichet.store.deliveries.document import CAP_REACHED, MAIL_INSTEAD, Redirection, changed_event
from guichet.store.deliveries.store import Deliveries
from shared.tests.store.deliveries.faces import HOLD, NOW, InMemory, OnMongo, a_delivery, claim, held, sending, stored

LATER = NOW + timedelta(minutes=10)
BY_MAIL = Redirection("email", "mail", "contact@mairie.example", MessageId("mail-of-hers"))
BY_SMS = Redirection("sms", "twilio", "+33199001200", None)


class WaitingSuite:
    async def test_it_waits_and_says_why_once(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        news = await deliveries.wait_for_room(await held(deliveries), NOW, LATER)
        assert news is not None
        assert (news.state, news.reason, news.due_at) == (DeliveryState.PENDING, CAP_REACHED, LATER)
        assert await deliveries.waits_for_room("twilio")
        assert await claim(deliveries, NOW) == []
        assert await deliveries.wait_for_room(await held(deliveries, LATER), LATER, LATER + HOLD) is None
        assert (await stored(deliveries)).due_at == LATER + HOLD

    async def test_what_has_left_waits_no_more(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.wait_for_room(await held(deliveries), NOW, NOW)
        await deliveries.conclude(await sending(deliveries), DeliveryState.SENT, NOW, None, "SM1")
        assert not await deliveries.waits_for_room("twilio")
        assert (await stored(deliveries)).reason is None

    async def test_it_goes_another_way_at_once(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        moved = await deliveries.redirect(await held(deliveries), BY_MAIL, MAIL_INSTEAD, NOW)
        assert moved is not None
        assert (moved.lane, moved.channel, moved.account, moved.instead) == (
            "mail",
            "email",
            BY_MAIL.account,
            "mail-of-hers",
        )
        [by_mail] = await deliveries.claim("mail", "another", NOW, HOLD, 5)
        assert by_mail.attempts == 1
        assert await claim(deliveries) == []

    async def test_what_may_have_left_goes_no_other_back_to(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        begun = await sending(deliveries)
        assert await deliveries.redirect(begun, BY_MAIL, MAIL_INSTEAD, NOW) is None
        assert (await stored(deliveries)).lane == "twilio"

    async def test_what_a_mail_server_refused_goes_back_for_good(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.redirect(await held(deliveries), BY_MAIL, MAIL_INSTEAD, NOW)
        [by_mail] = await deliveries.claim("mail", "another", NOW, HOLD, 1)
        await deliveries.begin([by_mail], NOW, HOLD)
        assert await deliveries.redirect(by_mail, BY_SMS, CAP_REACHED, NOW) is None, "it may have left"
        back = await deliveries.redirect(by_mail, replace(BY_SMS, mail_refused=True), CAP_REACHED, NOW)
        assert back is not None
        assert (back.lane, back.instead, back.copies, back.unsettled_since) == ("twilio", None, 0, None)
        assert (await held(deliveries)).mail_refused

    async def test_what_had_left_before_it_was_refused_goes_back_nowhere(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.redirect(await held(deliveries), BY_MAIL, MAIL_INSTEAD, NOW)
        for _ in range(2):
            [by_mail] = await deliveries.claim("mail", "another", NOW, HOLD, 1)
            await deliveries.begin([by_mail], NOW, HOLD)
            assert await deliveries.redirect(by_mail, BY_SMS, CAP_REACHED, NOW) is None
            by_mail = by_mail.model_copy(update={"copies": by_mail.copies + 1})
            await deliveries.postpone(by_mail, NOW)
        again = replace(BY_SMS, mail_refused=True)
        assert await deliveries.redirect(by_mail, again, CAP_REACHED, NOW) is None

    async def test_who_holds_it_no_longer_moves_nothing(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        lapsed = await held(deliveries)
        stranger = lapsed.model_copy(update={"held_by": "somebody-else"})
        assert await deliveries.redirect(stranger, BY_MAIL, MAIL_INSTEAD, NOW) is None
        assert await deliveries.wait_for_room(stranger, NOW, LATER) is None
        assert (await stored(deliveries)).reason is None

    async def test_each_reason_is_told_for_itself(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        waits = await deliveries.wait_for_room(await held(deliveries), NOW, NOW)
        moved = await deliveries.redirect(await held(deliveries), BY_MAIL, MAIL_INSTEAD, NOW)
        assert waits is not None
        assert moved is not None
        assert changed_event(waits).event_id != changed_event(moved).event_id
        await deliveries.mark_published(waits)
        assert (await stored(deliveries)).unpublished, "the newer reason is still to be told"
        await deliveries.mark_published(moved)
        assert not (await stored(deliveries)).unpublished

    async def test_the_same_reason_is_told_again_when_it_comes_back(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        first = await deliveries.wait_for_room(await held(deliveries), NOW, NOW)
        moved = await deliveries.redirect(await held(deliveries), BY_MAIL, MAIL_INSTEAD, NOW)
        [by_mail] = await deliveries.claim("mail", "another", NOW, HOLD, 1)
        again = await deliveries.redirect(by_mail, BY_SMS, CAP_REACHED, LATER)
        assert first is not None
        assert moved is not None
        assert again is not None
        assert len({changed_event(each).event_id for each in (first, moved, again)}) == 3
        assert changed_event(again) == changed_event(await stored(deliveries)), "under one id, as often as it is told"
        await deliveries.mark_published(first)
        assert (await stored(deliveries)).unpublished, "that it waits again is still to be told"
        await deliveries.mark_published(again)
        assert not (await stored(deliveries)).unpublished


class TestInMemoryWaiting(InMemory, WaitingSuite):
    pass


@pytest.mark.real
class TestMongoWaiting(OnMongo, WaitingSuite):
    pass
