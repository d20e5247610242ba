"""A mail that a second route brings with a banner is the one that came before: no message, no case, no event more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from guichet.contracts.case_commands import CloseCase, ReleaseMail
from guichet.contracts.case_events import CaseOpened, MessageFiled
from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import Automatic, Suspicion
from guichet.errors import PermanentError, TransientError
from guichet.ids import EventId
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import CONTACT
from guichet_testing.twins.store.agents.rights import rights_in
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

ALICE, BOB, ROADS = "alice@courriel.example", "bob@boite.example", "voirie@mairie.example"
WRITTEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORDS = "Bonjour,\nle lampadaire de la rue des Lilas est éteint."
BANNER = "ATTENTION : ce courriel vient de l'extérieur."
BEFORE, AFTER = f"{BANNER}\n\n{WORDS}", f"{WORDS}\n{BANNER}"
SPOKEN = (CaseOpened, MessageFiled)


async def copy_of_it(world, name, text=WORDS, sender=ALICE, **said):
    """A mail under one Message-ID, whatever it is called here: another id is what its adapter gives another body."""
    said = {"message_id": "m@courriel.example", "written_at": WRITTEN, "subject": "Lampadaire"} | said
    return await world.mail(name, sender, text=text, **said)


def spoken(world):
    return [event for event in world.published() if isinstance(event, SPOKEN)]


def document(world, event):
    return world.messages.messages[event.message_id]


def assert_one(world, first, *copies):
    """Assert that the others are copies of the first, and nothing came of them."""
    case = world.case_of(first)
    assert [(each.message_id, each.case_id) for each in spoken(world)] == [(first.message_id, case.case_id)]
    assert list(world.cases.cases) == [case.case_id]
    assert (case.version, case.has_news, case.last_inbound) == (1, False, first.message_id)
    assert document(world, first).copy_of is None
    for copy in copies:
        assert (document(world, copy).filed, document(world, copy).copy_of) == (case.case_id, first.message_id)
        assert document(world, copy).citizen == document(world, first).citizen
    assert [each.mail_head for each in world.messages.messages.values() if each.mail_head] == [
        document(world, first).mail_head
    ]
    world.check()


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("texts", [*permutations((WORDS, BEFORE), 2), (WORDS, AFTER), (WORDS, WORDS), (AFTER, WORDS)])
async def test_a_banner_that_one_route_added_makes_no_second_message(world, texts, at_once):
    """(WORDS, WORDS): the banner was in the HTML alone, of which nobody takes the words."""
    first, second = [await copy_of_it(world, str(nth), text) for nth, text in enumerate(texts)]
    await (world.take(first, second) if at_once else world.take_one_by_one(first, second))
    assert_one(world, first, second)
    for again in ((second, first), (first,), (second,), (first, second)):
        await world.take(*again)
    assert_one(world, first, second)


async def test_a_tag_in_the_subject_beside_the_banner_makes_none_either(world):
    first, second = await copy_of_it(world, "1"), await copy_of_it(world, "2", BEFORE, subject="[EXTERNE] Lampadaire")
    await world.take_one_by_one(first, second)
    assert_one(world, first, second)


async def test_its_accounts_are_joined_and_the_receipt_is_one(world):
    first, second = await copy_of_it(world, "1"), await copy_of_it(world, "2", BEFORE, accounts=(ROADS, CONTACT))
    await world.take_one_by_one(first, second)
    assert document(world, first).accounts == (CONTACT, ROADS)
    assert [type(each) for each in world.published()] == [CaseOpened]


async def test_a_copy_of_an_answer_is_no_second_message_of_its_case(world):
    root = await world.mail("root", ALICE)
    answers = [
        await copy_of_it(world, str(nth), text, in_reply_to=["root@courriel.example"])
        for nth, text in enumerate((WORDS, BEFORE))
    ]
    await world.take_one_by_one(root, *answers)
    assert [each.message_id for each in spoken(world)] == [root.message_id, answers[0].message_id]
    assert document(world, answers[1]).copy_of == answers[0].message_id
    world.check()


async def test_several_deliveries_by_each_of_two_routes_are_one(world):
    first, second = await copy_of_it(world, "1"), await copy_of_it(world, "2", BEFORE)
    again = [await copy_of_it(world, name, text) for name, text in (("1", WORDS), ("2", BEFORE), ("2", BEFORE))]
    await world.take(first, second)
    await world.take(*again)
    assert_one(world, first, second)
    assert [len(document(world, each).copies) for each in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        (True, True, True),
        (None, None, True),
        (False, False, True),
        (True, None, True),
        (True, False, True),
        (None, True, False),
        (False, True, False),
        (False, None, False),
    ],
)
async def test_nobody_hides_a_mail_that_is_better_vouched_for_than_their_own(world, first, second, is_one):
    """Who has heard of its Message-ID writes first, in its author's name, with words of their own at its end."""
    forged = await copy_of_it(world, "1", f"{WORDS}\nMon nouvel IBAN : FR76 0000.", authenticated=first)
    true = await copy_of_it(world, "2", authenticated=second)
    await world.take_one_by_one(forged, true)
    assert [each.message_id for each in spoken(world)] == [forged.message_id, *([] if is_one else [true.message_id])]
    assert document(world, true).copy_of == (forged.message_id if is_one else None)
    world.check()


OTHERS = {
    "other words": {"text": "Bonjour,\nle lampadaire de la rue des Roses est éteint."},
    "too many words more": {"text": f"{WORDS}\n" + "mot " * 400},
    "answers go elsewhere": {"reply_to": "mallory@ailleurs.example"},
    "another date": {"written_at": WRITTEN + timedelta(seconds=1)},
    "no date": {"written_at": None},
    "another name": {"display_name": "Mallory"},
    "other files": {"files_digest": "f" * 64},
    "a machine's": {"automatic": Automatic.AUTO_SUBMITTED},
    "unreadable": {"unread": True},
    "another author": {"sender": BOB},
}


@pytest.mark.parametrize("said", OTHERS.values(), ids=OTHERS)
async def test_whatever_may_be_another_mail_is_filed_as_one(world, said):
    first, other = await copy_of_it(world, "1"), await copy_of_it(world, "2", **said)
    await world.take_one_by_one(first, other)
    assert document(world, other).copy_of is None
    assert {each.message_id for each in spoken(world)} == {first.message_id, other.message_id}
    world.check()


async def test_mails_with_one_head_bear_it_once_whatever_sector_they_are_in(world):
    """Equal in two documents, it would join a person's two cases (docs/decisions/0014)."""
    first = await copy_of_it(world, "1", authenticated=False)
    other = await copy_of_it(world, "2", "Une aide sociale.", authenticated=False, accounts=("ccas@mairie.example",))
    await world.take_one_by_one(first, other)
    assert world.case_of(first).sector != world.case_of(other).sector
    assert document(world, first).mail_head is not None
    assert document(world, other).mail_head is None


async def test_a_mail_without_message_id_has_no_head_and_no_copy(world):
    first, second = [await copy_of_it(world, name, message_id=None) for name in "12"]
    await world.take_one_by_one(first, second)
    assert not any(each.mail_head or each.copy_of for each in world.messages.messages.values())


async def test_nobody_has_many_mails_opened_by_sending_under_one_message_id(world, monkeypatch):
    mails = [await copy_of_it(world, f"{nth}", f"Message {nth}.") for nth in range(20)]
    await world.take(*mails)
    for each in mails:  # as if each were about to be filed: all of them have to be asked
        world.messages.messages[each.message_id] = document(world, each).model_copy(update={"filed": None})
    open_keys, asked = world.vault.open_keys, []

    async def counted(wanted):
        asked.extend(wanted)
        return await open_keys(wanted)

    monkeypatch.setattr(world.vault, "open_keys", counted)
    await world.take(await copy_of_it(world, "last", "Encore un."))
    assert 1 < len(set(asked)) <= 6, "its own, its case's, and four others'"


async def test_copies_that_name_account_after_account_fill_no_document(world):
    first = await copy_of_it(world, "1")
    accounts = tuple(f"boite-{nth}@mairie.example" for nth in range(500))
    second = await copy_of_it(world, "2", BEFORE, accounts=accounts)
    await world.take(first)
    with pytest.raises(PermanentError) as refused:
        await world.take(second)
    assert refused.value.reason == "too-many-accounts"
    assert document(world, first).accounts == (CONTACT,)


class DyingCaseStore(InMemoryCaseStore):
    """Dies before or after the first case is written."""

    def __init__(self, after):
        super().__init__()
        self.after, self.dies = after, True

    async def insert_new(self, cases):
        if not self.dies:
            return await super().insert_new(cases)
        self.dies = False
        if self.after:
            await super().insert_new(cases)
        raise TransientError("killed here")


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("again", ["first", "second", "both"])
async def test_a_router_that_dies_in_between_leaves_one_message_to_whoever_goes_on(world, after, again):
    first, second = await copy_of_it(world, "1"), await copy_of_it(world, "2", BEFORE)
    world.cases = DyingCaseStore(after)
    with pytest.raises(TransientError):
        await world.take(first)
    await world.take(*{"first": (first,), "second": (second,), "both": (second, first)}[again])
    await world.take(first, second)
    assert document(world, second).copy_of == first.message_id
    assert [each.message_id for each in spoken(world) if each.version == 1] == [first.message_id] * len(spoken(world))
    world.check()


async def test_an_erasure_takes_both_and_no_route_makes_it_again(world):
    first, second = await copy_of_it(world, "1"), await copy_of_it(world, "2", BEFORE)
    await world.take_one_by_one(first, second)
    keys = {first.content.key_id, second.content.key_id}
    await world.erase(first)
    left = [each for each in world.messages.messages.values() if each.content.key_id in keys]
    assert [each.message_id for each in left] == [second.message_id], "it is found by its case, as each message is"
    await world.messages.erase([second.message_id], ARRIVED)
    await world.take(first, second)
    assert not world.messages.messages
    third = await copy_of_it(world, "3", AFTER)
    await world.take(third)
    assert not world.messages.messages, "a route that had not brought it yet made it again"
    assert not world.cases.cases


async def test_another_mail_of_the_same_author_is_none_of_what_was_erased(world):
    first = await copy_of_it(world, "1")
    await world.take(first)
    await world.erase(first)
    later = await copy_of_it(world, "2", written_at=WRITTEN + timedelta(days=1))
    await world.take(later)
    assert world.case_of(later).opened_by == later.message_id


@pytest.mark.parametrize("keys_gone", [True, False])
async def test_a_copy_that_comes_while_the_first_is_erased_goes_with_it(world, keys_gone):
    first, second = await copy_of_it(world, "1"), await copy_of_it(world, "2", BEFORE)
    await world.take(first)
    case = world.case_of(first).case_id
    await world.cases.mark_erasing([case])
    if keys_gone:
        await world.vault.destroy_keys([first.content.key_id])
    await world.take(second)
    assert (document(world, second).filed, document(world, second).copy_of) == (case, first.message_id)
    assert len(spoken(world)) == 1


async def test_a_suspected_copy_of_what_is_filed_waits_for_nobody(world):
    """Its author's domain disowns it, the case is closed: a suspended mail of its own would wait for an agent."""
    first = await copy_of_it(world, "1", authenticated=True)
    await world.take(first)
    close = CloseCase(
        event_id="close",
        occurred_at=ARRIVED + timedelta(hours=1),
        case_id=world.case_of(first).case_id,
        issued_by="lea",
    )
    await world.take(close)
    suspected = (await copy_of_it(world, "2", BEFORE, authenticated=None)).model_copy(
        update={"suspended": Suspicion.SPAM}
    )
    await world.take(suspected)
    assert document(world, suspected).copy_of == first.message_id
    assert not document(world, suspected).is_held_back
    assert len(spoken(world)) == 1


async def test_what_another_channel_s_host_calls_a_copy_is_none(world):
    mail = world.town.facts["email"].model_copy(update={"name": "pigeon"})
    world.town = replace(world.town, facts=KnownChannels({**world.town.facts, "pigeon": mail}, ["pigeon"]))
    first = await copy_of_it(world, "1")
    other = (await copy_of_it(world, "2", BEFORE)).model_copy(update={"channel": "pigeon"})
    world.now = ARRIVED + timedelta(hours=1)
    await world.take_one_by_one(first, other)
    assert document(world, other).copy_of is None
    assert len(spoken(world)) == 2


# --- one route's filter suspects it


@pytest.fixture
def lea_looks(world):
    """An agent who looks at suspended mail."""
    world.rights = rights_in(world.town.departments, "lea", suspended_mail=True)


def releasing(mail, name="click"):
    about = {"message_id": mail.message_id, "issued_by": "lea", "occurred_at": ARRIVED + timedelta(days=2)}
    return ReleaseMail(event_id=EventId(name), **about)


async def test_what_one_route_suspects_is_a_copy_of_what_another_brought_unsuspected(world, lea_looks):
    plain, suspected = await copy_of_it(world, "1"), await copy_of_it(world, "2", BEFORE, suspended=Suspicion.SPAM)
    await world.take_one_by_one(plain, suspected)
    assert_one(world, plain, suspected)
    assert not world.unseen.unseen, "it answers an open case: its own"


async def test_where_the_suspected_one_came_first_the_other_has_the_case_and_a_release_adds_nothing(world, lea_looks):
    suspected, plain = await copy_of_it(world, "1", suspended=Suspicion.SPAM), await copy_of_it(world, "2", BEFORE)
    await world.take_one_by_one(suspected, plain)
    assert document(world, suspected).filed is None
    await world.take(releasing(suspected))
    assert_one(world, plain, suspected)


async def test_where_both_are_suspected_one_release_is_one_case_and_the_second_adds_nothing(world, lea_looks):
    both = [
        await copy_of_it(world, name, text, suspended=Suspicion.SPAM) for name, text in (("1", WORDS), ("2", BEFORE))
    ]
    await world.take_one_by_one(*both, releasing(both[0]), releasing(both[1], "second"))
    assert_one(world, *both)
