"""What one address gets past its ceiling leaves in one message, each receipt once, whatever happens meanwhile."""

import re
from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.outgoing.outcomes import Doubtful, failed, sent
from guichet.channel.outgoing.rate import Rate
from guichet.contracts.delivery import DeliveryState
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.errors import TransientError
from guichet.law.calendar import PARIS, WorkingDays
from guichet.law.territories import Territory
from guichet.privacy.normal_form import one_mailbox
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.messages.document import OutboundContent
from guichet.store.sending_journal import FILE, SqliteJournal
from guichet.vault.sealing import Thing
from guichet_testing.builders.channels import FACTS
from guichet_testing.sealing import unseal_model
from guichet_testing.twins import lease
from notifier.entry.gathered_lane import HOLD, GatheredLane
from notifier.entry.lane import Lane, LaneOptions
from notifier.handlers.account import NO_JOURNAL, Account
from notifier.handlers.limit_receipts import NewReceipt, leaves_at
from services.notifier.tests.entry.one_lane import ObedientSender, broken, whole

S = DeliveryState
CEILING = 3
REFERENCE = re.compile(r"2026-[0-9A-Z]{4}-[0-9A-Z]{3}")
VICTIM = "victime@courriel.example"
INSTANTS = st.integers(1_700_000_000, 1_950_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def subject_of(letter):
    return message_from_bytes(letter.mail.message, policy=default)["Subject"] if letter.mail else ""


class Provider(ObedientSender):
    @property
    def named(self):
        """How often each reference left, in whatever letter that the provider took."""
        return Counter(
            found for letter in self.letters for found in {*REFERENCE.findall(subject_of(letter) + letter.text)}
        )


@pytest.fixture
def world(world):
    world.receipts_a_day = CEILING
    return world


def lanes(world, provider, journal=NO_JOURNAL, rate=Rate(per_second=1000, burst=1000), share=whole):
    """Return both lanes of an account of a notifier of its own."""
    account = Account(provider, rate, world.clock, world.deliveries.taken, journal, share=share)
    lane = Lane(
        account,
        LaneOptions(hold=timedelta(minutes=2), settle_after=timedelta(0), senders=1, at_once=2),
        deliveries=world.deliveries,
        write=world.writer.write,
        announce=world.announcer.announce_soon,
        clock=world.clock,
    )
    gathered = GatheredLane(
        account,
        timedelta(0),
        deliveries=world.deliveries,
        counts=world.counts,
        write=world.bundle_writer.write,
        clock=world.clock,
    )
    return lane, gathered


async def writes(world, nth, channel="email", address=VICTIM, thread=None, held=timedelta(0)):
    """Have somebody write under an address; return the case. held: for so long it came no further than our provider."""
    reference = f"2026-{ALPHABET[nth // 30]}{ALPHABET[nth % 30]}AA-AAA"
    case = await world.citizen_writes(channel, f"case-{nth}", reference=reference)
    case = world.cases.cases[case.case_id] = case.model_copy(update={"received_at": case.received_at - held})
    kind = "email" if channel in ("email", "portal") else "phone"
    content = InboundContent(
        sender=(Identifier(kind=kind, value=address),), subject="Gagnez", text="Cliquez", thread=thread
    )
    await world.receive(case.opened_by, channel, case.account, content, case.case_id)
    await world.owe_receipts(world.opened(case))
    return case


async def bomb(world, provider, count=10, first=0, **how):
    """Have so many messages come under one address, and everything sent that leaves by itself."""
    cases = [await writes(world, nth, **how) for nth in range(first, first + count)]
    lane, _ = lanes(world, provider)
    while not await lane.step():
        pass
    return cases


def the_night_passes(world):
    world.now = datetime(2026, 5, 2, 8, 0, 1, tzinfo=PARIS).astimezone(UTC)  # of the day after ARRIVED's in Paris


async def test_what_left_together_leaves_no_second_time_when_the_store_is_put_back(world, tmp_path):
    (tmp_path / FILE).touch()
    provider, journal = Provider(), SqliteJournal(tmp_path, world.clock)
    cases = await bomb(world, provider)
    before = deepcopy(world.deliveries._all)
    the_night_passes(world)
    await lanes(world, provider, journal)[1].step()
    world.deliveries._all.clear()
    world.deliveries._all.update(before)
    cases.append(await writes(world, 11))
    lane, gathered = lanes(world, provider, journal)
    for _ in range(3):  # what came since waits for its own morning
        await gathered.step()
        await lane.step()
        world.now += timedelta(days=1)
    assert provider.named == dict.fromkeys([case.reference for case in cases], 1)
    assert await states(world, cases) == {S.SENT: 11}


async def test_who_has_no_part_of_the_pace_holds_nothing_back_from_who_has(world):
    cases = await bomb(world, Provider())
    the_night_passes(world)
    provider = Provider()
    _, gathered = lanes(world, provider, share=lambda: 0.0)
    led, gathering = [], world.counts.gathering
    world.counts.gathering = lambda name: led.append(name) or gathering(name)
    world.deliveries.claim = broken
    await gathered.step()
    assert (led, provider.letters, (await states(world, cases))[S.PENDING]) == ([], [], 10 - CEILING)


async def test_a_small_part_of_the_pace_sends_one_letter_after_the_other(world, monkeypatch):
    for nth in range(3):
        await bomb(world, Provider(), address=f"victime-{nth}@courriel.example", first=10 * nth)
    the_night_passes(world)

    async def passes(seconds):
        world.now += timedelta(seconds=seconds)

    monkeypatch.setattr("asyncio.sleep", passes)
    provider = Provider()
    await lanes(world, provider, rate=Rate(per_second=1), share=lambda: 0.2)[1].step()
    assert len(provider.letters) == 3


async def states(world, cases):
    return Counter([(await world.receipt_of(case)).state for case in cases])


async def test_nobody_gets_more_receipts_than_the_ceiling_and_one_that_names_the_rest(world):
    provider = Provider()
    cases = await bomb(world, provider)
    assert len(provider.letters) == CEILING, "receipts left past the ceiling"
    _, gathered = lanes(world, provider)
    await gathered.step()
    assert len(provider.letters) == CEILING, "it left before the day was over"
    the_night_passes(world)
    await gathered.step()
    await gathered.step()
    assert len(provider.letters) == CEILING + 1
    assert provider.named == dict.fromkeys([case.reference for case in cases], 1)
    assert await states(world, cases) == {S.SENT: 10}
    last = provider.letters[-1]
    assert (last.recipient, subject_of(last)) == (VICTIM, "7 demandes enregistrées")
    assert "Le 1er mai 2026" in last.text
    assert last.text.count("1\u00a0h\u00a030") == 7
    assert "Gagnez" not in last.text + subject_of(last)
    assert len({*re.findall(r"/suivi/(\S+)", last.text)}) == 7


async def test_each_case_keeps_its_own_line_and_no_other_reference(world):
    provider = Provider()
    cases = await bomb(world, provider)
    the_night_passes(world)
    await lanes(world, provider)[1].step()
    for case in cases:
        receipt = await world.receipt_of(case)
        sealed = world.messages.messages[receipt.outbound_id].content
        [key] = (await world.vault.open_keys([sealed.key_id])).values()
        kept = unseal_model(key, Thing("message", receipt.outbound_id), "content", sealed, OutboundContent)
        assert {*REFERENCE.findall(f"{kept.subject} {kept.text}")} == {case.reference}


async def test_the_other_services_are_told_of_each(world):
    provider = Provider()
    cases = await bomb(world, provider)
    await world.announced()
    the_night_passes(world)
    await lanes(world, provider)[1].step()
    world.now += timedelta(seconds=10)
    await world.announcer.sweep()
    told = Counter([(event.case_id, event.state) for event in await world.announced()])
    assert told == {(case.case_id, S.SENT): 1 for case in cases}


async def test_the_form_and_mails_count_together_and_others_for_themselves(world):
    provider = Provider()
    for nth in range(CEILING):
        await writes(world, nth, "portal", VICTIM.upper())
    await writes(world, 10, "email")
    await writes(world, 11, "email", "thomas@courriel.example")
    lane, _ = lanes(world, provider)
    while not await lane.step():
        pass
    assert len(provider.letters) == CEILING + 1
    assert provider.letters[-1].recipient == "thomas@courriel.example"


async def test_nobody_uses_up_the_receipts_of_who_is_proven(world):
    provider = Provider()
    await bomb(world, provider)
    case = await writes(world, 20, thread=MailThread(authenticated=True))
    lane, _ = lanes(world, provider)
    await lane.step()
    assert (await world.receipt_of(case)).state is S.SENT, "a liar delays the receipt of who is vouched for"


async def test_several_notifiers_at_once_let_no_more_pass(world):
    providers = [Provider() for _ in range(3)]
    cases = [await writes(world, nth) for nth in range(12)]
    several = [lanes(world, provider) for provider in providers]
    for _ in range(12):
        for lane, _ in several:
            await lane.step()
    assert sum(len(provider.letters) for provider in providers) == CEILING
    the_night_passes(world)
    world.counts.taken.add(several[0][1].name)
    await several[0][1].step()
    assert sum(len(provider.letters) for provider in providers) == CEILING, "two notifiers send what was gathered"
    world.counts.taken.clear()
    for _, gathered in several:
        await gathered.step()
    assert sum((provider.named for provider in providers), Counter()) == {case.reference: 1 for case in cases}
    assert sum(len(provider.letters) for provider in providers) == CEILING + 1


async def test_a_bug_of_one_lane_is_an_alarm_and_ends_no_other(world):
    provider = Provider()
    await bomb(world, provider)
    the_night_passes(world)
    _, gathered = lanes(world, provider)
    write, gathered._write = gathered._write, broken
    await gathered.step()
    assert ALARM.labels("bug", f"notifier:{gathered.name}")._value.get() == 1
    gathered._write = write
    world.now += HOLD
    await gathered.step()
    assert len(provider.letters) == CEILING + 1


async def test_an_erased_case_is_left_out(world):
    provider = Provider()
    cases = await bomb(world, provider)
    for nth, case in enumerate(cases[CEILING:]):
        if nth == 0:
            await world.erase(case.opened_by)
        elif nth == 1:
            world.cases.cases[case.case_id] = case.model_copy(update={"erasing": True})
        elif nth == 2:
            del world.deliveries._all[(await world.receipt_of(case)).outbound_id]
    the_night_passes(world)
    await lanes(world, provider)[1].step()
    assert subject_of(provider.letters[-1]) == "4 demandes enregistrées"
    assert [(await world.receipt_of(case)).state for case in cases[CEILING : CEILING + 2]] == [S.WITHHELD] * 2


@pytest.mark.parametrize("trouble", [TransientError("the relay"), Doubtful("timed-out")])
async def test_trouble_with_the_provider_keeps_them_together(world, trouble):
    provider = Provider(*[sent()] * CEILING, trouble)
    cases = await bomb(world, provider)
    the_night_passes(world)
    gathered = lanes(world, provider)[1]
    await gathered.step()
    assert (await states(world, cases))[S.SENT] == CEILING
    world.now += timedelta(minutes=2)
    await gathered.step()
    assert await states(world, cases) == {S.SENT: 10}
    before, after = provider.letters[CEILING:]
    assert (after.outbound_id, after.text) == (before.outbound_id, before.text)


async def test_a_refusal_is_told_in_each_case(world):
    provider = Provider(*[sent()] * CEILING, failed("mailbox-refused"))
    cases = await bomb(world, provider)
    the_night_passes(world)
    await lanes(world, provider)[1].step()
    assert await states(world, cases) == {S.SENT: CEILING, S.FAILED: 10 - CEILING}


async def test_after_a_kill_the_same_message_goes_again_and_nothing_new_goes_into_it(world):
    provider = Provider()
    cases = await bomb(world, provider)
    the_night_passes(world)
    held = await world.deliveries.claim("mail-gathered", "killed", world.now, HOLD, 500)
    assert await world.deliveries.begin(held, world.now, HOLD)
    bundles, _ = await world.bundle_writer.write(held)
    late = await writes(world, 20)
    lane, gathered = lanes(world, provider)
    while not await lane.step():
        pass
    world.now += timedelta(minutes=20)
    await gathered.step()
    assert await states(world, [*cases, late]) == {S.SENT: 11}
    again, of_late = sorted(provider.letters[CEILING:], key=lambda letter: -len(letter.text))
    [killed] = bundles
    assert (again.outbound_id, again.text) == (killed.letter.outbound_id, killed.letter.text)
    assert provider.asked == [again]
    assert REFERENCE.findall(of_late.text) == [late.reference]


async def test_a_store_that_is_away_when_the_outcome_is_known_is_waited_for(world, monkeypatch):
    provider, deliveries = Provider(), world.deliveries
    cases = await bomb(world, provider)
    the_night_passes(world)
    conclude, calls = deliveries.conclude_together, []

    async def away_once(*args):
        calls.append(args)
        if len(calls) == 1:
            raise TransientError("away")
        return await conclude(*args)

    monkeypatch.setattr(deliveries, "conclude_together", away_once)
    await lanes(world, provider)[1].step()
    assert await states(world, cases) == {S.SENT: 10}
    assert len(provider.letters) == CEILING + 1


async def test_many_receipts_by_sms_are_as_few_messages_as_hold_them(world):
    class Phone(Provider):
        name = "twilio"

    provider = Phone()
    cases = await bomb(world, provider, 100, channel="sms", address="+33639980199")
    assert FACTS["sms"].lane == "twilio"
    the_night_passes(world)
    await lanes(world, provider)[1].step()
    whole = provider.letters[CEILING:]
    assert len(whole) == 2
    assert all(len(letter.text) <= 1600 for letter in whole)
    assert provider.named == dict.fromkeys([case.reference for case in cases], 1)
    first = [(await world.receipt_of(case)).outbound_id for case in cases]
    assert {letter.outbound_id for letter in whole} <= {*first}, "the provider's reports find a receipt"


async def test_a_receipt_that_was_counted_and_not_sent_is_not_counted_twice(world):
    """Its sender died between the count and the letter: it still has its place."""
    provider = Provider()
    cases = [await writes(world, nth) for nth in range(CEILING)]
    new = [await _new(world, case) for case in cases]
    for _ in range(3):
        assert await world.ceiling.gathered(new) == {}
    lane, _ = lanes(world, provider)
    while not await lane.step():
        pass
    assert len(provider.letters) == CEILING


async def test_an_outage_that_ends_floods_nobody_and_each_day_s_receipts_leave_together(world):
    """Counted by the days of receipt, a month of them would leave one by one at once."""
    provider = Provider()
    days = [timedelta(days=nth // 5) for nth in range(15)]
    cases = [await writes(world, nth, held=held) for nth, held in enumerate(days)]
    lane, gathered = lanes(world, provider)
    while not await lane.step():
        pass
    assert len(provider.letters) == CEILING
    the_night_passes(world)
    await gathered.step()
    dates = [re.search(r"Le (\S+ \w+ \d{4})", letter.text)[1] for letter in provider.letters[CEILING:]]
    assert sorted(dates) == ["1er mai 2026", "29 avril 2026", "30 avril 2026"]
    assert provider.named == dict.fromkeys([case.reference for case in cases], 1)


async def _new(world, case):
    receipt = await world.receipt_of(case)
    return NewReceipt(
        receipt.outbound_id,
        Identifier(kind="email", value=VICTIM),
        receipt.requested_at,
        case.received_at,
        proven=False,
    )


@given(received=INSTANTS, territory=st.sampled_from(Territory))
def test_what_is_gathered_leaves_when_its_day_is_over_and_long_before_the_legal_delay_ends(received, territory):
    leaves, deadline = leaves_at(received, received), WorkingDays(territory).aee_deadline(received)
    assert leaves.astimezone(PARIS).date() > received.astimezone(PARIS).date()
    assert deadline - leaves >= timedelta(hours=15, minutes=59)


@given(received=INSTANTS, late=st.timedeltas(timedelta(days=2), timedelta(days=30)))
def test_what_comes_late_leaves_at_once_or_nearly(received, late):
    now = received + late
    assert timedelta(0) <= leaves_at(received, now) - now < timedelta(minutes=15)


@pytest.mark.parametrize(
    "spelling",
    [
        "victime+{}@courriel.example",
        '"victime"+{}@courriel.example',
        "Victime+{}@COURRIEL.example.",
        '"vi\\ctime"+{}@courriel.example',
        '"v\\ictim\\e+{}"@courriel.example',
    ],
)
async def test_another_spelling_of_one_mailbox_has_no_receipts_of_its_own(world, spelling):
    """Some of these no mail can carry: those that had their turn have failed, and the others wait none the less."""
    provider = Provider()
    cases = [await writes(world, nth, address=spelling.format(nth)) for nth in range(10)]
    lane, _ = lanes(world, provider)
    while not await lane.step():
        pass
    had_their_turn = await states(world, cases)
    assert had_their_turn.pop(S.PENDING) == 10 - CEILING
    assert len(provider.letters) == had_their_turn[S.SENT]
    assert had_their_turn in (Counter({S.SENT: CEILING}), Counter({S.FAILED: CEILING}))


@pytest.mark.parametrize("spelling", ["victime({})@courriel.example", "({})victime@courriel.example"])
async def test_a_comment_beside_a_mailbox_gets_it_no_receipts_past_the_ceiling(world, spelling):
    """A mail would leave the comment out, and what is counted would have it."""
    provider = Provider()
    cases = [await writes(world, nth, address=spelling.format(nth)) for nth in range(10)]
    lane, _ = lanes(world, provider)
    while not await lane.step():
        pass
    assert await states(world, cases) == Counter({S.FAILED: 10})
    assert provider.letters == []


def test_the_dots_of_gmail_and_of_nobody_else_say_nothing():
    def counted(value):
        return one_mailbox(Identifier(kind="email", value=value))

    assert counted("a.b.c+x@gmail.com") == counted("ABC@gmail.com") == counted("abc@googlemail.com")
    assert counted("a.b@courriel.example") != counted("ab@courriel.example")


async def test_a_spelling_that_none_delivers_takes_nobody_s_receipts_with_it(world):
    provider = Provider()
    for nth in range(CEILING + 8):
        await writes(world, nth, address=f"{VICTIM}.")
    hers = await writes(world, 20)
    lane, gathered = lanes(world, provider)
    while not await lane.step():
        pass
    the_night_passes(world)
    await gathered.step()
    assert [letter.recipient for letter in provider.letters if hers.reference in letter.text] == [VICTIM]


async def test_while_it_waits_for_its_turn_it_stays_the_only_one_that_sends(world, monkeypatch):
    """The lease is a minute long, and a slow account may make it wait for longer."""
    provider, done = Provider(), []
    await bomb(world, provider)
    the_night_passes(world)
    _, gathered = lanes(world, provider)
    waits = iter([timedelta(milliseconds=1)] * 5)
    monkeypatch.setattr(gathered._account, "wait", lambda: done.append("waits") or next(waits, None))

    async def keep(_lease):
        done.append("keeps")

    monkeypatch.setattr(lease._Kept, "keep", keep)
    await gathered.step()
    waited = done[done.index("waits") :]
    assert waited[:10] == ["waits", "keeps"] * 5
