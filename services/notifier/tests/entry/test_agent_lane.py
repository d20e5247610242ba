"""Mails to agents: who gets one, when, of what; and that nobody gets it twice, whatever fails."""

import email
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.policy import default

import pytest
from prometheus_client import REGISTRY

from guichet.channel.outgoing.outcomes import Deferred, Doubtful, failed
from guichet.channel.outgoing.rate import Rate
from guichet.channel.outgoing.sender import UnsentBugError
from guichet.errors import TransientError
from guichet.ids import AgentId, EventId
from guichet.law.calendar import paris_date
from guichet.runtime.telemetry.metrics import ALARM
from guichet.store.agents.accounts import AgentAccount
from guichet.store.agents.agent_mails import MailState, WordsTrial, mail_of, trial_of
from guichet.store.agents.news import DAILY_AT_MOST, AgentNews, NewsKind, ReachedDay, news_id
from guichet.store.agents.preferences import MailWish, Preference
from guichet.store.agents.staff import entry_of
from guichet.store.sending_journal import FILE, SqliteJournal
from guichet.town import Town
from guichet.town.staff.agents import VOUCHED_FOR, VouchedAddress
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet_testing.builders.case import a_case
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts
from guichet_testing.twins.store.agents.agent_mails import InMemoryAgentMails
from guichet_testing.twins.store.agents.news import InMemoryAgentNews
from guichet_testing.twins.store.agents.preferences import InMemoryPreferences
from guichet_testing.twins.store.agents.staff import InMemoryStaff
from guichet_testing.twins.store.cases.reader import InMemoryCaseReader
from notifier.domain.agent_letter import agent_letter
from notifier.domain.agent_mail_times import APART, GIVES_UP, SETTLES
from notifier.domain.breaker import FAILURES_TO_OPEN
from notifier.entry.agent_lane import PURPOSE, AgentLane
from notifier.handlers.account import NO_JOURNAL, Account
from notifier.handlers.judge_agent_mail import AgentMailJudge
from services.notifier.tests.entry.one_lane import ObedientSender

KARIM, NOON = AgentId("agent-12"), datetime(2026, 5, 5, 10, tzinfo=UTC)  # he works for voirie; a Tuesday
HOLE, LAMP = a_case("hole", sector="voirie-espace-public"), a_case("lamp", sector="voirie-espace-public")
ADDRESS = "karim.haddad@ville.example"


@dataclass
class AgentWorld:
    """Karim wants mails at once, and has an address; whoever sends does as they are told."""

    town: Town
    sender: ObedientSender = field(default_factory=ObedientSender)
    now: datetime = NOON
    journal: object = NO_JOURNAL
    write_bug: Exception | None = None

    def __post_init__(self):
        self.news, self.cases = InMemoryAgentNews(), InMemoryCaseReader(HOLE, LAMP)
        self.mails = InMemoryAgentMails(self.news)
        self.preferences, self.staff = InMemoryPreferences(), InMemoryStaff()
        self.preferences.preferences[KARIM] = Preference(_id=KARIM, mails=MailWish.SOON, mails_since=NOON)
        self.known(work_email=ADDRESS)
        judge = AgentMailJudge(self.town, self.staff, self.preferences, self.mails, self.cases, self.clock)
        self.account = Account(self.sender, Rate(per_second=1000, burst=1000), self.clock, None, self.journal)
        self.lane = AgentLane(
            account=self.account,
            mails=self.mails,
            preferences=self.preferences,
            judge=judge,
            write=self.write,
            channel="email",
            working_days=self.town.working_days,
            clock=self.clock,
        )

    def clock(self):
        return self.now

    def write(self, mail, content):
        if self.write_bug is not None:
            raise self.write_bug
        return agent_letter(mail.mail_id, content, self.town, "https://agents.mairie.example", "email")

    def known(self, **changed):
        karim = self.town.staff.by_id[KARIM].model_copy(update=changed)
        entry = entry_of(Overlay(StaffKind.AGENT, KARIM, karim), at=NOON, by=None)
        self.staff.entries[entry.entry_id] = entry

    async def told(self, event="event", case=HOLE, kind=NewsKind.GIVEN):
        named = news_id(KARIM, EventId(event), kind)
        reached = ReachedDay(clock="are", stage="late", on=paris_date(self.now)) if kind is NewsKind.DUE else None
        about = {"agent": KARIM, "case_id": case.case_id, "kind": kind, "by": None, "at": self.now, "reached": reached}
        await self.news.add([AgentNews(_id=named, to_mail=True, **about)])

    async def after(self, wait):
        """Let a while pass, then one round; return the letters that left in it."""
        before = len(self.sender.letters)
        self.now += wait
        await self.lane.step()
        return self.sender.letters[before:]

    @property
    def states(self):
        return [(each.state, each.reason) for each in self.mails.mails.values()]


@pytest.fixture
def world(town):
    return AgentWorld(town)


async def test_what_settles_leaves_and_what_comes_soon_after_goes_together(world):
    await world.told("one")
    assert await world.after(SETTLES / 2) == []
    [letter] = await world.after(SETTLES)
    assert letter.recipient == ADDRESS
    assert HOLE.reference in letter.text
    await world.told("two")
    await world.told("three", LAMP)
    assert await world.after(SETTLES) == []
    [letter] = await world.after(APART)
    assert {reference for reference in (HOLE.reference, LAMP.reference) if reference in letter.text} == {
        HOLE.reference,
        LAMP.reference,
    }
    assert await world.after(APART) == [], "each is told once"


async def test_what_was_seen_at_the_desk_is_told_by_no_mail(world):
    await world.told()
    await world.news.see(KARIM, world.now)
    assert await world.after(SETTLES) == []
    assert world.states == []


async def test_nothing_tells_of_what_came_before_mails_were_wanted(world):
    world.now -= timedelta(minutes=1)
    await world.told()
    assert await world.after(APART) == []


async def test_a_summary_waits_for_the_morning(world):
    world.preferences.preferences[KARIM] = Preference(_id=KARIM, mails=MailWish.MORNING, mails_since=NOON)
    await world.told("one")
    assert await world.after(timedelta(hours=10)) == []
    await world.told("two", LAMP)
    assert len(await world.after(timedelta(hours=12))) == 1


async def test_what_is_due_is_told_once_a_day_in_the_morning_also_who_wants_mails_within_minutes(world):
    await world.told("night", kind=NewsKind.DUE)
    await world.told("given", LAMP)
    [letter] = await world.after(SETTLES)
    assert (HOLE.reference in letter.text, LAMP.reference in letter.text) == (False, True)
    assert await world.after(timedelta(hours=12)) == []
    [letter] = await world.after(timedelta(hours=10))  # half past eight
    assert f"{HOLE.reference}, Accusé de réception (ARE)\xa0: échéance du 5 mai 2026 dépassée" in letter.text


@pytest.mark.parametrize("beyond", [0, 500])
async def test_a_storm_of_days_is_one_mail_with_its_numbers_and_ten_cases(world, beyond):
    """2,000 cases that are due on one day, and more of them than a mail counts."""
    count = DAILY_AT_MOST + beyond
    cases = [a_case(f"c{nth}", sector="voirie-espace-public") for nth in range(count)]
    for case in cases:
        world.cases.put(case)
        await world.told(f"due-{case.case_id}", case, NewsKind.DUE)
    [letter] = await world.after(timedelta(hours=22))
    assert "Échéances, " in letter.text
    assert len([line for line in letter.text.splitlines() if "Accusé de réception" in line]) == 10
    for _ in range(8):
        assert await world.after(APART) == [], "one mail a day"
    assert len(await world.after(timedelta(hours=24))) == 0


async def test_what_cannot_wait_does_not_wait_for_the_morning(world):
    world.preferences.preferences[KARIM] = Preference(_id=KARIM, mails=MailWish.MORNING, mails_since=NOON)
    await world.told("one")
    await world.told("two", LAMP, NewsKind.URGENT)
    [letter] = await world.after(SETTLES)
    assert (LAMP.reference in letter.text, HOLE.reference in letter.text) == (True, False)
    [summary] = await world.after(timedelta(hours=22))
    assert (LAMP.reference in summary.text, HOLE.reference in summary.text) == (False, True)


LOST = {
    "not-wanted": lambda world: world.preferences.preferences.clear(),
    "no-agent": lambda world: world.known(ends=NOON.date() - timedelta(days=1)),
    "no-address": lambda world: world.known(work_email=None),
    "no-address, vouched for long ago": lambda world: world.known(
        work_email=ADDRESS, vouched=VouchedAddress(address=ADDRESS, on=NOON.date() - VOUCHED_FOR - timedelta(days=1))
    ),
    "own-mailbox": lambda world: world.known(work_email="contact@mairie.example"),
    "nothing-to-tell": lambda world: world.cases.put(HOLE.model_copy(update={"department": "ccas"})),
}


@pytest.mark.parametrize(("reason", "lose"), LOST.items(), ids=LOST)
async def test_who_loses_the_right_before_it_leaves_gets_none(world, reason, lose):
    world.sender.answers.append(TransientError("the relay is away"))
    await world.told()
    await world.after(SETTLES)
    assert world.states == [(MailState.WAITING, "trouble")]
    lose(world)
    assert await world.after(timedelta(minutes=1)) == []
    assert world.states == [(MailState.WITHHELD, reason.partition(",")[0])]


async def test_whose_account_was_taken_away_gets_none(world):
    account = AgentAccount(_id=KARIM, password_hash="-", created_at=NOON, disabled_at=NOON)
    world.mails.accounts = InMemoryAgentAccounts(account)
    await world.told()
    assert await world.after(SETTLES) == []
    assert world.states == [(MailState.WITHHELD, "no-agent")]


@pytest.mark.parametrize("trouble", [TransientError("away"), Deferred("mailbox-refused"), UnsentBugError("KeyError")])
async def test_while_the_relay_takes_nothing_it_is_tried_again_and_given_up_at_last(world, trouble):
    world.sender.answers.extend([trouble] * 2)
    await world.told()
    await world.after(SETTLES)
    await world.after(timedelta(minutes=1))
    assert [state for state, _ in world.states] == [MailState.WAITING]
    assert len(await world.after(timedelta(minutes=1))) == 1
    assert [state for state, _ in world.states] == [MailState.SENT]
    world.sender.answers.append(trouble)
    await world.told("two")
    await world.after(APART)
    world.sender.answers.append(trouble)
    await world.after(GIVES_UP)
    assert world.states[1] == (MailState.FAILED, "gave-up")


async def test_what_may_have_left_is_never_sent_again(world):
    world.sender.answers.append(Doubtful("connection-lost"))
    await world.told()
    await world.after(SETTLES)
    assert await world.after(APART) == []
    assert world.states == [(MailState.UNKNOWN, "connection-lost")]


async def test_whoever_was_killed_while_it_left_leaves_no_second_one(world):
    await world.told()
    mail = mail_of([*world.news.news.values()], world.now)
    await world.mails.make(mail)
    await world.mails.begin(mail, world.now)
    assert await world.after(APART) == []
    assert world.states == [(MailState.UNKNOWN, "no-answer")]


async def test_whoever_was_killed_before_its_news_were_marked_tells_them_once(world):
    await world.told()
    [news] = world.news.news.values()
    await world.mails.make(mail_of([news], world.now))
    world.news.news[news.news_id] = news  # as it was
    assert len(await world.after(SETTLES)) == 1
    assert await world.after(APART) == []


async def test_a_store_that_was_put_back_sends_nothing_twice(town, tmp_path):
    (tmp_path / FILE).touch()
    world = AgentWorld(town, journal=SqliteJournal(tmp_path, lambda: NOON))
    await world.told()
    assert len(await world.after(SETTLES)) == 1
    world.mails.mails.clear()
    world.news.news = {key: each.model_copy(update={"to_mail": True}) for key, each in world.news.news.items()}
    assert await world.after(APART) == []
    assert world.states == [(MailState.UNKNOWN, "no-answer")]


async def test_an_address_that_is_refused_is_marked_until_its_agent_asks_again(world):
    world.sender.answers.append(failed("mailbox-refused"))
    await world.told("one")
    await world.after(SETTLES)
    liked = world.preferences.preferences[KARIM]
    assert liked.mails_refused_at == world.now
    await world.told("two")
    assert await world.after(APART) == []
    world.preferences.preferences[KARIM] = liked.with_mails(MailWish.SOON, "fr", world.now)
    await world.told("three", LAMP)
    [letter] = await world.after(SETTLES)
    assert LAMP.reference in letter.text
    assert HOLE.reference not in letter.text, "of what came before they asked again none tells"


@pytest.mark.parametrize("refused", [failed("null-path-refused"), Deferred("null-path-refused")])
async def test_a_relay_that_refuses_the_null_path_is_told_to_operations_until_a_mail_leaves(world, refused):
    world.sender.answers.append(refused)
    await world.told("one")
    await world.after(SETTLES)
    alarm = ALARM.labels("null-path-refused", "mail")
    assert alarm._value.get() == 1
    assert world.preferences.preferences[KARIM].is_written_to, "it says nothing of an address"
    world.sender.answers.append(failed("mailbox-refused"))
    await world.told("two")
    await world.after(APART)
    world.preferences.preferences[KARIM] = Preference(_id=KARIM, mails=MailWish.SOON, mails_since=NOON)
    await world.told("three", LAMP)
    await world.after(APART)
    assert world.states[-1] == (MailState.SENT, None)
    assert alarm._value.get() == 0


async def test_a_bug_of_one_mail_holds_up_no_other(world):
    world.sender.answers.append(KeyError("a bug"))
    await world.told()
    await world.after(SETTLES)
    assert world.states == [(MailState.UNKNOWN, "internal-error")]


async def test_a_bug_while_it_is_written_fails_that_mail_and_leaves_the_probe_to_another(world):
    world.sender.answers.extend([TransientError("away")] * FAILURES_TO_OPEN)
    await world.told("one")
    for wait in (SETTLES, *[timedelta(hours=1)] * (FAILURES_TO_OPEN - 1)):
        await world.after(wait)
    assert world.account.is_left_alone
    world.write_bug = KeyError("a bug")
    assert await world.after(timedelta(hours=1)) == []
    assert world.states == [(MailState.FAILED, "internal-error")], "nothing has left"
    assert world.account.wait() == timedelta(0), "nobody was let through to try the relay"


async def test_each_end_of_a_mail_is_counted(world):
    await world.told("one")
    mail = mail_of([*world.news.news.values()], world.now)
    await world.mails.make(mail)
    await world.mails.begin(mail, world.now)
    before = {state: counted(state) for state in (MailState.UNKNOWN, MailState.WITHHELD)}
    await world.after(APART)
    await world.told("two")
    world.known(work_email=None)
    await world.after(APART)
    assert {state: counted(state) - before[state] for state in before} == dict.fromkeys(before, 1)


def counted(state):
    return (
        REGISTRY.get_sample_value("guichet_outbound_total", {"channel": "email", "purpose": PURPOSE, "state": state})
        or 0
    )


async def test_one_notifier_at_a_time_writes_to_agents(world):
    world.mails.taken = True
    await world.told()
    assert await world.after(SETTLES) == []
    assert world.states == []


async def test_a_trial_of_the_towns_words_goes_to_who_asked_though_they_want_no_other_mail(world):
    world.preferences.preferences.clear()
    asked = WordsTrial(kind="receipt", channel="sms")
    for _ in range(2):
        await world.mails.make(trial_of(KARIM, asked, world.now))
    [letter] = await world.after(timedelta(seconds=30))
    mail = email.message_from_bytes(letter.mail.message, policy=default)
    assert (letter.recipient, mail["To"], mail["Subject"]) == (ADDRESS, ADDRESS, "[ESSAI] message court")
    assert mail.get_content().startswith("[Essai des textes de la mairie")
    assert "message parvenu le 1er mai 2026" in mail.get_content()
    assert "2 message(s) facturé(s)" in mail.get_content()
    assert world.states == [(MailState.SENT, None)]
    assert await world.after(timedelta(days=1)) == []


async def test_a_trial_holds_back_no_news(world):
    await world.mails.make(trial_of(KARIM, WordsTrial(kind="reply", channel="email"), world.now))
    await world.told()
    assert len(await world.after(SETTLES)) == 2


@pytest.mark.parametrize(
    "asked", [WordsTrial(kind="gone", channel="sms"), WordsTrial(kind="another_way", channel="sms")]
)
async def test_a_trial_of_what_there_is_no_more_does_not_leave(world, asked):
    await world.mails.make(trial_of(KARIM, asked, world.now))
    assert await world.after(timedelta(seconds=30)) == []
    assert world.states == [(MailState.WITHHELD, "nothing-to-tell")]
