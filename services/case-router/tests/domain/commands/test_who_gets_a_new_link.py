"""A new link goes to an address that is surely the citizen's, whoever held the ended one and whoever wrote last."""

import pytest

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState, LinkRenewed
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.inbound import Automatic, MessageReceived
from guichet.ids import CitizenId, EventId, IdentifierId, MessageId
from guichet.privacy.follow_link import FollowLink
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.registry.identifiers import Holder
from guichet.vault.sealing import Thing, unseal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import CONTACT

ALICE, BOB, MALLORY = "alice@courriel.example", "bob@ailleurs.example", "mallory@ailleurs.example"


async def closed_after(world, *mails: MessageReceived) -> CaseRecord:
    """Let these mails come in one after the other, and return their case, closed."""
    await world.take_one_by_one(*mails)
    case = world.case_of(mails[-1]).model_copy(update={"state": CaseState.CLOSED, "closed_at": ARRIVED})
    world.cases.cases[case.case_id] = case
    return case


async def alice_and_then(world, other: str, **said) -> CaseRecord:
    """Return the closed case that Alice opened by a mail to `other` as well, who answered."""
    opening = await world.mail("m0", ALICE, to=[CONTACT, other])
    case = await closed_after(world, opening, await world.mail("m1", other, references=[f"m0@{ALICE[6:]}"], **said))
    assert (case.opened_by, case.last_inbound != case.opened_by) == (opening.message_id, True)
    return case


async def given(world, case: CaseRecord) -> list[MessageId]:
    """Ask for a new link with the ended one; return the messages to whose senders it went."""
    assert case.link is not None
    [key] = (await world.vault.open_keys([case.link.key_id])).values()
    link = FollowLink(unseal(key, Thing("case", case.case_id), "link", case.link))
    world.now = at = ARRIVED + world.town.follow_links_last
    command = EventId("command")
    await world.take(RenewLink(event_id=command, occurred_at=at, case_id=case.case_id, proof=link.proof(command)))
    return [event.answers for event in world.published(case) if isinstance(event, LinkRenewed)]


def address(world, mail: str) -> IdentifierId:
    return identifier_id(world.keys.registry, "email", mail)


def holder_of(world, mail: str) -> CitizenId:
    [holder] = world.identifiers.identifiers[address(world, mail)].holders
    return holder.citizen_id


def register(world, mail: str, *citizens: CitizenId, verified: bool = True, shared: bool = False) -> None:
    """Let the registry know these citizens at a mail address."""
    known = world.identifiers.identifiers[address(world, mail)]
    holders = [Holder(citizen_id=each, provenance="import", verified=verified, since=ARRIVED) for each in citizens]
    changed = known.model_copy(update={"holders": tuple(holders), "shared": shared})
    world.identifiers.identifiers[known.identifier_id] = changed


async def test_somebody_else_who_wrote_last_gets_no_new_link(world):
    case = await alice_and_then(world, BOB)
    assert await given(world, case) == [case.opened_by]


async def test_the_citizen_s_other_address_gets_it_once_the_registry_has_verified_it(world):
    case = await alice_and_then(world, BOB)
    register(world, BOB, holder_of(world, ALICE))
    assert await given(world, case) == [case.last_inbound]


async def test_an_address_that_is_verified_as_another_citizen_s_gets_none(world):
    case = await alice_and_then(world, BOB)
    register(world, BOB, holder_of(world, BOB))
    assert await given(world, case) == [case.opened_by]


async def test_an_address_that_two_share_gets_none(world):
    case = await alice_and_then(world, BOB)
    register(world, BOB, holder_of(world, ALICE), holder_of(world, BOB))
    assert await given(world, case) == [case.opened_by]


@pytest.mark.parametrize("entry", [{"verified": False}, {"shared": True}])
async def test_an_address_that_nobody_has_verified_or_a_family_uses_gets_none(world, entry):
    case = await alice_and_then(world, BOB)
    register(world, BOB, holder_of(world, ALICE), **entry)
    assert await given(world, case) == [case.opened_by]


async def test_a_reply_address_in_a_verified_citizen_s_mail_gets_none(world):
    """An answer would go there: the mail's author is verified, where they want the answer is not."""
    case = await alice_and_then(world, BOB, reply_to=MALLORY)
    register(world, BOB, holder_of(world, ALICE))
    assert await given(world, case) == [case.opened_by]


async def test_where_a_machine_opened_it_and_nothing_is_verified_nobody_gets_one(world):
    case = await closed_after(world, await world.mail("m0", ALICE, automatic=Automatic.AUTO_SUBMITTED))
    assert await given(world, case) == []
    assert world.cases.cases[case.case_id].follow == case.follow, "the ended link says what to do instead"
