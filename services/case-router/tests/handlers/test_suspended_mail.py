"""A mail that the town's own filter suspects waits for a person, who releases it or confirms that it is spam."""

from datetime import timedelta

import pytest

from guichet.contracts.base import Event
from guichet.contracts.case_commands import CloseCase, ConfirmSpam, MailCommand, ReleaseMail
from guichet.contracts.case_events import CaseOpened, CaseState, MessageFiled
from guichet.contracts.inbound import MessageReceived, Suspicion
from guichet.errors import NoRightError, PermanentError, TransientError, UnopenableError
from guichet.ids import AgentId, DepartmentId, EventId, MessageId
from guichet.kafka.records import Received
from guichet.rights.scope import Scope
from guichet.store.messages.suspended import SuspendedFilter
from guichet.store.messages.suspension import SuspensionState
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import tampered
from guichet_testing.twins.store.agents.rights import rights_in

ALICE, MALLORY = "alice@courriel.example", "mallory@spam.example"
SPAM, REFUSED = Suspicion.SPAM, Suspicion.SPAM_AND_REFUSED
HOUR, LATER = timedelta(hours=1), ARRIVED + timedelta(days=2)


def received(event: Event) -> Received:
    return Received(event, "topic", 0, 0)


def command(kind: type[MailCommand], mail: MessageReceived, name: str = "click", *, at=LATER, by: str = "lea"):
    return kind(event_id=EventId(name), occurred_at=at, message_id=mail.message_id, issued_by=AgentId(by))


def release(mail: MessageReceived, name: str = "click", **given: object) -> MailCommand:
    return command(ReleaseMail, mail, name, **given)


def confirm(mail: MessageReceived, name: str = "click", **given: object) -> MailCommand:
    return command(ConfirmSpam, mail, name, **given)


@pytest.fixture(autouse=True)
def _who_looks_at_it(world):
    world.rights = rights_in(world.town.departments, "lea", "max", suspended_mail=True)


@pytest.fixture
async def spam(world) -> MessageReceived:
    return await world.mail("m1", ALICE, subject="Gagnez", suspended=SPAM)


def state_of(world, mail: MessageReceived) -> SuspensionState:
    held = world.messages.messages[mail.message_id].suspended
    assert held is not None
    return held.state


def waits(world, mail: MessageReceived) -> bool:
    stored = world.messages.messages[mail.message_id]
    return stored.filed is None and state_of(world, mail) is SuspensionState.WAITING


# --- it waits


async def test_it_is_kept_as_it_came_and_opens_no_case(world, spam):
    await world.take(spam)
    stored = world.messages.messages[spam.message_id]
    assert (stored.content, stored.at, stored.date_of_receipt) == (spam.content, ARRIVED, ARRIVED)
    assert waits(world, spam)
    assert not world.cases.cases
    assert not world.published()
    assert not world.threads.threads


async def test_nobody_is_entered_in_the_registry_for_it(world, spam):
    await world.take(spam)
    assert not world.identifiers.identifiers
    assert not world.citizens.citizens


async def test_a_second_delivery_changes_nothing(world, spam):
    await world.take(spam, spam)
    await world.take(spam)
    assert waits(world, spam)
    assert list(world.messages.messages) == [spam.message_id]


async def test_nobody_has_seen_it_until_somebody_has_and_a_second_delivery_is_not_new(world, spam):
    await world.take(spam)
    assert world.unseen.unseen[spam.message_id].at == ARRIVED
    assert world.unseen.unseen[spam.message_id].department == world.town.fallback_department
    await world.unseen.forget([spam.message_id])
    await world.take(spam)
    assert not world.unseen.unseen


async def test_an_erased_one_that_comes_again_waits_for_nobody(world, spam):
    await world.take(spam)
    await world.messages.erase([spam.message_id], LATER)
    await world.unseen.forget([spam.message_id])
    await world.take(spam)
    assert not world.messages.messages
    assert not world.unseen.unseen


@pytest.mark.parametrize(
    ("accounts", "text", "department"),
    [
        (("contact@mairie.example",), "Bonjour", "accueil"),
        (("ccas@mairie.example",), "Bonjour", "ccas"),
        (("contact@mairie.example", "ccas@mairie.example"), "Bonjour", "ccas"),
        (("ccas@mairie.example",), "Un trottoir, un nid-de-poule", "ccas"),
        (("contact@mairie.example",), "Un trottoir, un nid-de-poule", "accueil"),
    ],
)
async def test_it_is_the_mailboxs_department_to_look_at_whatever_its_words(world, accounts, text, department):
    mail = await world.mail("m1", ALICE, text=text, accounts=accounts, suspended=SPAM)
    await world.take(mail)
    held = world.messages.messages[mail.message_id].suspended
    assert (held.department, held.sector) == (department, world.town.sector_of(DepartmentId(department)))


async def test_a_mail_that_is_not_suspected_goes_on_as_ever_in_the_same_batch(world, spam):
    other = await world.mail("m2", "bob@courriel.example")
    await world.take(spam, other)
    assert waits(world, spam)
    assert world.case_of(other).state is CaseState.RECEIVED


# --- what another delivery of it says


async def also_by_another_way(world) -> tuple[MessageReceived, MessageReceived]:
    """One mail that came to two mailboxes: the filter of one of them suspects it."""
    suspected = await world.mail("m1", ALICE, suspended=SPAM)
    harmless = suspected.model_copy(
        update={"event_id": EventId("other"), "suspended": None, "accounts": ("voirie@mairie.example",)}
    )
    return suspected, harmless


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1)])
@pytest.mark.parametrize("at_once", [True, False])
async def test_where_one_way_does_not_suspect_it_it_is_a_mail_like_any_other(world, order, at_once):
    ways = await also_by_another_way(world)
    events = [ways[each] for each in order]
    await (world.take(*events) if at_once else world.take_one_by_one(*events))
    assert world.case_of(ways[0]).received_at == ARRIVED
    assert set(world.messages.messages[ways[0].message_id].accounts) == {
        "contact@mairie.example",
        "voirie@mairie.example",
    }
    assert not world.unseen.unseen
    world.check()


async def test_but_not_against_an_agents_word(world):
    suspected, harmless = await also_by_another_way(world)
    await world.take_one_by_one(suspected, confirm(suspected), harmless)
    assert state_of(world, suspected) is SuspensionState.SPAM
    assert not world.cases.cases


# --- what answers an open case


@pytest.fixture
async def conversation(world) -> MessageReceived:
    """A case that Alice has opened."""
    first = await world.mail("first", ALICE)
    await world.take(first)
    return first


def answer(world, first: MessageReceived, sender: str = ALICE, **said: object):
    said = {"at": ARRIVED + HOUR, "suspended": SPAM, "in_reply_to": ["first@courriel.example"]} | said
    return world.mail("reply", sender, **said)


async def test_a_citizens_reply_is_filed_in_its_open_case_whatever_its_score(world, conversation):
    reply = await answer(world, conversation)
    await world.take(reply)
    case = world.case_of(reply)
    assert case.case_id == world.case_of(conversation).case_id
    assert (case.last_inbound, case.has_news) == (reply.message_id, True)
    filed = [event for event in world.published(case) if isinstance(event, MessageFiled)]
    assert [(each.message_id, each.occurred_at) for each in filed] == [(reply.message_id, ARRIVED + HOUR)]
    held = world.messages.messages[reply.message_id].suspended
    assert (held.why, held.decided_by) == (SPAM, None), "the agent is told what the filter thought"
    assert not world.unseen.unseen
    world.check()


async def test_so_is_one_that_came_in_the_same_batch_as_what_it_answers(world):
    first = await world.mail("first", ALICE)
    reply = await answer(world, first)
    await world.take(reply, first)
    assert world.case_of(reply).case_id == world.case_of(first).case_id


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        (MALLORY, {}),  # a stranger who quotes the thread
        (ALICE, {"authenticated": False, "suspended": REFUSED}),  # her own domain disowns it
        (ALICE, {"authenticated": False}),
        (ALICE, {"suspended": REFUSED}),
        (ALICE, {"in_reply_to": []}),  # a mail of its own
    ],
)
async def test_what_may_not_join_or_is_disowned_waits(world, conversation, sender, said):
    reply = await answer(world, conversation, sender, **said)
    await world.take(reply)
    assert waits(world, reply)
    assert world.case_of(conversation).last_inbound == conversation.message_id


async def test_a_closed_case_is_opened_again_by_no_suspect(world, conversation):
    case = world.case_of(conversation)
    close = CloseCase(event_id=EventId("close"), occurred_at=ARRIVED + HOUR, case_id=case.case_id, issued_by="lea")
    reply = await answer(world, conversation, at=ARRIVED + 2 * HOUR)
    await world.take_one_by_one(close, reply)
    assert waits(world, reply)
    await world.take(release(reply))
    assert world.case_of(reply).case_id == case.case_id
    assert world.case_of(reply).state is CaseState.IN_PROGRESS


# --- an agent releases it


async def test_a_released_mail_opens_its_case_with_the_date_on_which_the_town_received_it(world, spam):
    await world.take(spam)
    await world.take(release(spam))
    case = world.case_of(spam)
    assert (case.received_at, case.updated_at) == (ARRIVED, LATER)
    (opened,) = world.published(case)
    assert isinstance(opened, CaseOpened)
    assert (opened.received_at, opened.occurred_at) == (ARRIVED, LATER), (
        "the receipt's date, and when all of this began"
    )
    held = world.messages.messages[spam.message_id].suspended
    assert (held.state, held.decided_by, held.decided_at) == (SuspensionState.RELEASED, "lea", LATER)
    assert world.messages.messages[spam.message_id].at == ARRIVED
    assert (await world.commands.find_many(["click"]))["click"].done
    assert len(world.citizens.citizens) == 1
    world.check()


async def test_by_its_own_rules_words_and_all(world):
    mail = await world.mail("m1", ALICE, text="Il y a un trottoir cassé.", suspended=SPAM)
    await world.take_one_by_one(mail, release(mail))
    assert world.case_of(mail).department == "voirie"
    assert world.case_of(mail).routing.kind == "keyword"


async def test_a_released_reply_joins_its_case(world, conversation):
    reply = await answer(world, conversation, suspended=REFUSED)
    await world.take_one_by_one(reply, release(reply))
    assert world.case_of(reply).case_id == world.case_of(conversation).case_id


async def test_a_released_reply_whose_author_is_disowned_opens_a_case_of_its_own(world, conversation):
    reply = await answer(world, conversation, authenticated=False, suspended=REFUSED)
    await world.take_one_by_one(reply, release(reply))
    assert world.case_of(reply).case_id != world.case_of(conversation).case_id
    assert await world.links_of(reply) == (world.case_of(conversation).case_id,)


@pytest.mark.parametrize("again", ["command", "message", "both"])
async def test_whatever_comes_again_changes_nothing(world, spam, again):
    await world.take_one_by_one(spam, release(spam))
    case, published = world.case_of(spam), len(world.published())
    if again in ("message", "both"):
        await world.take(spam)
    if again in ("command", "both"):
        await world.take(release(spam))
    assert world.case_of(spam) == case
    assert len(world.published()) == published
    assert (await world.commands.find_many(["click"]))["click"].refused is None


async def test_message_and_decision_may_come_in_one_batch(world, spam):
    await world.take(release(spam), spam)
    assert world.case_of(spam).received_at == ARRIVED


async def test_of_two_agents_at_once_one_releases_it(world, spam):
    await world.take(spam)
    await world.take(release(spam), release(spam, "other", by="max", at=LATER + HOUR))
    assert len(world.cases.cases) == 1
    done = await world.commands.find_many(["click", "other"])
    assert (done["click"].refused, done["other"].refused) == (None, "already-released")


# --- an agent confirms that it is spam


async def test_confirmed_spam_opens_no_case_and_waits_for_its_end(world, spam):
    await world.take_one_by_one(spam, confirm(spam))
    held = world.messages.messages[spam.message_id].suspended
    assert (held.state, held.decided_by, held.decided_at) == (SuspensionState.SPAM, "lea", LATER)
    assert not world.cases.cases
    assert not world.published()
    assert not world.unseen.unseen
    assert (await world.commands.find_many(["click"]))["click"].done


async def test_until_then_it_can_be_released(world, spam):
    await world.take_one_by_one(spam, confirm(spam), release(spam, "mistake", at=LATER + HOUR))
    assert world.case_of(spam).received_at == ARRIVED
    await world.take(confirm(spam))  # comes again
    done = await world.commands.find_many(["click", "mistake"])
    assert (done["click"].refused, done["mistake"].refused) == (None, None)
    assert world.case_of(spam).state is CaseState.RECEIVED


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (release, confirm, "already-released"),
        (release, release, "already-released"),
        (confirm, confirm, "already-spam"),
    ],
)
async def test_what_comes_too_late_is_refused_and_its_author_can_learn_why(world, spam, first, second, why):
    await world.take_one_by_one(spam, first(spam), second(spam, "late", by="max", at=LATER + HOUR))
    assert (await world.commands.find_many(["late"]))["late"].refused == why


@pytest.mark.parametrize(("late", "why"), [(release, "already-deleted"), (confirm, "already-spam")])
async def test_nothing_stops_its_end_once_that_has_begun(world, spam, late, why):
    await world.take_one_by_one(spam, confirm(spam))
    assert await world.suspended.end_spam(LATER, 10) == [spam.message_id]
    await world.take(late(spam, "late", at=LATER + HOUR))
    assert (await world.commands.find_many(["late"]))["late"].refused == why
    assert not world.cases.cases


# --- who may


@pytest.mark.parametrize("kind", [release, confirm])
@pytest.mark.parametrize(
    "rights",
    [
        rights_in(["accueil", "ccas"], "lea"),  # no right to suspended mail
        rights_in(["voirie", "etat-civil"], "lea", suspended_mail=True),  # another department's
        rights_in(["accueil"], "max", suspended_mail=True),  # somebody else
    ],
)
async def test_without_the_right_to_that_departments_suspended_mail_nothing_happens(world, spam, kind, rights):
    await world.take(spam)
    world.rights = rights
    with pytest.raises(NoRightError):
        await world.take(kind(spam))
    assert waits(world, spam)
    assert not world.commands.commands


async def test_a_right_counts_at_the_time_of_the_click(world, spam):
    right = next(iter(world.rights.rights.values()))
    world.rights.rights = {
        "lea:0": right.model_copy(update={"until": LATER}),
        "lea:1": right.model_copy(update={"right_id": "lea:1", "since": LATER, "suspended_mail": False}),
    }
    await world.take(spam)
    with pytest.raises(NoRightError):
        await world.take(release(spam))
    await world.take(release(spam, "before", at=LATER - HOUR))
    assert world.case_of(spam).received_at == ARRIVED


async def test_a_date_ahead_is_refused(world, spam):
    await world.take(spam)
    with pytest.raises(NoRightError):
        await world.take(release(spam, at=world.now + HOUR))


async def test_a_decision_of_long_ago_is_refused_unless_it_is_done(world, spam):
    await world.take(spam)
    decided = release(spam)
    await world.take(decided)
    world.now += timedelta(days=31)
    with pytest.raises(NoRightError):
        await world.take(confirm(spam, "late"))
    await world.take(decided)  # read again from the beginning
    assert not waits(world, spam)


async def test_nothing_of_a_batch_is_done_before_all_may_be(world, spam):
    other = await world.mail("m2", "bob@courriel.example", accounts=("ccas@mairie.example",), suspended=SPAM)
    await world.take(spam, other)
    world.rights = rights_in(["accueil"], "lea", suspended_mail=True)
    with pytest.raises(NoRightError):
        await world.take(release(spam), release(other, "foreign"))
    assert waits(world, spam)


async def test_a_message_that_nobody_has_or_that_was_never_suspended_is_a_dead_letter(world, conversation, spam):
    with pytest.raises(PermanentError, match="no such message"):
        await world.take(release(spam))
    with pytest.raises(PermanentError, match="never suspended"):
        await world.take(release(conversation))


# --- what is gone, and what stops half way


@pytest.mark.parametrize("kind", [release, confirm])
async def test_about_an_erased_mail_a_decision_is_nothing(world, spam, kind):
    await world.take(spam)
    await world.vault.destroy_keys([spam.content.key_id])
    await world.messages.erase([spam.message_id], LATER)
    await world.take(kind(spam))
    assert not world.cases.cases
    assert not world.commands.commands


async def test_a_mail_whose_key_is_gone_already_is_not_filed(world, spam):
    await world.take(spam)
    await world.vault.destroy_keys([spam.content.key_id])
    await world.take(release(spam))
    assert not world.cases.cases


async def test_a_released_mail_that_does_not_open_is_a_dead_letter_and_not_forgotten(world, spam):
    await world.take(spam)
    stored = world.messages.messages[spam.message_id]
    world.messages.messages[spam.message_id] = stored.model_copy(update={"content": tampered(stored.content)})
    with pytest.raises(UnopenableError):
        await world.take(release(spam))
    assert not (await world.commands.find_many(["click"]))["click"].done


class KilledError(TransientError):
    """The router dies here."""


@pytest.mark.parametrize("store", ["suspended", "unseen", "commands", "cases", "threads", "messages"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [release, confirm])
async def test_a_router_that_dies_at_any_call_is_made_good_by_the_next(new_world, store, when, kind):
    """Each call of each store, one after another: nothing is lost, and nothing is done twice."""
    for nth in range(1, 20):
        world = new_world()
        world.rights = rights_in(world.town.departments, "lea", suspended_mail=True)
        spam = await world.mail("m1", ALICE, suspended=SPAM)
        died = 0
        for event in (spam, kind(spam)):
            dying = Dying(getattr(world, store), nth, when)
            try:
                await world.router(**{store: dying}).handle([received(event)])
            except KilledError:
                died += 1
                await world.take(event)
        await world.router().file_again([*world.messages.messages.values()] if kind is release else [])  # the sweeper
        assert (await world.commands.find_many(["click"]))["click"].refused is None
        if kind is release:
            assert world.case_of(spam).received_at == ARRIVED
            world.check()
        else:
            assert state_of(world, spam) is SuspensionState.SPAM
            assert not world.cases.cases
        assert not world.unseen.unseen
        if not died:
            return
    raise AssertionError("that many calls of one store?")


class Dying:
    """A store whose nth call fails, before or after it took effect."""

    def __init__(self, twin, nth: int, when: str) -> None:
        self._twin, self._left, self._when = twin, nth, when

    def __getattr__(self, name: str):
        method = getattr(self._twin, name)

        async def call(*args, **kwargs):
            self._left -= 1
            if self._left == 0 and self._when == "before":
                raise KilledError
            answer = await method(*args, **kwargs)
            if self._left == 0:
                raise KilledError
            return answer

        return call


async def test_what_an_agent_sees_is_what_waits_in_their_departments(world, spam):
    social = await world.mail("m2", "bob@courriel.example", accounts=("ccas@mairie.example",), suspended=SPAM)
    await world.take(spam, social)
    accueil = Scope.of_departments(AgentId("lea"), {DepartmentId("accueil")}, {world.town.sector_of("accueil")})
    found = await world.suspended.list_suspended(accueil, SuspendedFilter())
    assert [each.message_id for each in found] == [spam.message_id]
    assert await world.suspended.find(accueil, social.message_id) is None
    assert await world.suspended.find(accueil, MessageId("nobody")) is None
