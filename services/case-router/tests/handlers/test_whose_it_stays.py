"""Handed over into another sector, a case and its messages stay whose they were: they say it, not what can be read now."""

from datetime import timedelta

import pytest

from guichet.contracts.case_commands import RerouteCase
from guichet.ids import CitizenId
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.registry.identifiers import Holder
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import tampered

ALICE, BOB = "alice@courriel.example", "bob@boite.example"
REGISTERED = CitizenId("registered")


def address(world, mail):
    return identifier_id(world.keys.registry, "email", mail)


def citizen_at(world, mail) -> CitizenId:
    return world.identifiers.identifiers[address(world, mail)].holders[0].citizen_id


def in_social(world, citizen):
    return sector_citizen_id(world.keys.sector, "social", citizen)


def tamper_with(world, mail):
    message = world.messages.messages[mail.message_id]
    world.messages.messages[mail.message_id] = message.model_copy(update={"content": tampered(message.content)})


async def erase(world, mail):
    await world.vault.destroy_keys([mail.content.key_id])


def register(world):
    """Enter Alice in the registry, who had written already under another id, beside somebody who shares her address."""
    before = citizen_at(world, ALICE)
    stranger = world.citizens.citizens.pop(before)
    world.citizens.citizens[REGISTERED] = stranger.model_copy(update={"citizen_id": REGISTERED, "formerly": (before,)})
    put_at(world, ALICE, REGISTERED, "another")


def put_at(world, mail, *citizens):
    known = world.identifiers.identifiers[address(world, mail)]
    holders = tuple(Holder(citizen_id=each, provenance="import", since=ARRIVED) for each in citizens)
    world.identifiers.identifiers[known.identifier_id] = known.model_copy(update={"holders": holders})


async def reroute(world, mail, department):
    case = world.case_of(mail)
    [key] = await world.vault.new_keys(1)
    return RerouteCase(
        event_id=f"to-{department}",
        occurred_at=ARRIVED + timedelta(hours=1),
        case_id=case.case_id,
        issued_by="lea",
        department=department,
        reason=seal(key, Thing("case", case.case_id), f"to-{department}", b"pour vous"),
    )


async def hand_over(world, mail, *departments):
    """Let the case change hands, all of it in one batch."""
    await world.take(*[await reroute(world, mail, each) for each in departments or ["ccas"]])
    world.check()
    return world.case_of(mail)


@pytest.fixture
async def mail(world):
    mail = await world.mail("m", ALICE, subject="Trottoir", to=["contact@mairie.example", BOB])
    await world.take(mail)
    return mail


async def test_a_case_whose_opening_message_was_tampered_with_stays_its_citizen_s(world, mail):
    tamper_with(world, mail)
    case = await hand_over(world, mail)
    assert case.citizen == in_social(world, citizen_at(world, ALICE)), "nobody knows any more whose case it is"
    assert world.messages.messages[mail.message_id].citizen == case.citizen


async def test_a_case_whose_opening_message_was_erased_stays_its_citizen_s(world, mail):
    await erase(world, mail)
    case = await hand_over(world, mail)
    assert case.citizen == in_social(world, citizen_at(world, ALICE)), "nobody knows any more whose case it is"


async def test_a_case_of_somebody_who_was_registered_meanwhile_is_theirs(world, mail):
    register(world)
    case = await hand_over(world, mail)
    assert case.citizen == in_social(world, REGISTERED), "the case bears an id of before, and is somebody's no more"


async def test_a_case_is_not_given_to_who_has_its_address_now(world, mail):
    theirs = citizen_at(world, ALICE)
    put_at(world, ALICE, "another")
    case = await hand_over(world, mail)
    assert case.citizen == in_social(world, theirs), "the case went to somebody else with its address"


@pytest.mark.parametrize("on_the_way", [(), ("etat-civil",)])
async def test_those_who_may_have_opened_it_stay_the_candidates(world, on_the_way):
    await world.take(await world.mail("before", ALICE))
    alone = citizen_at(world, ALICE)
    put_at(world, ALICE, alone, REGISTERED)
    world.citizens.citizens[REGISTERED] = world.citizens.citizens[alone].model_copy(update={"citizen_id": REGISTERED})
    mail = await world.mail("n", ALICE, authenticated=True)
    await world.take(mail)
    assert len(world.case_of(mail).candidates) == 2
    await erase(world, mail)
    case = await hand_over(world, mail, *on_the_way, "ccas")
    both = sorted(in_social(world, each) for each in (alone, REGISTERED))
    assert [*case.candidates] == both, "the agent has nobody to choose from any more"


async def test_a_tampered_message_of_somebody_else_stays_theirs(world, mail):
    more = await world.mail("b", BOB, in_reply_to=["m@courriel.example"])
    await world.take(more)
    tamper_with(world, more)
    await hand_over(world, mail)
    message = world.messages.messages[more.message_id]
    assert message.citizen == in_social(world, citizen_at(world, BOB)), "an erasure would not find it any more"


async def test_handed_over_and_back_it_is_the_same_citizen_s(world, mail):
    before = world.case_of(mail)
    await erase(world, mail)
    await hand_over(world, mail)
    assert (await hand_over(world, mail, before.department)).citizen == before.citizen


@pytest.mark.parametrize("known", ["registered", "erased"])
async def test_two_who_hand_it_on_at_once_leave_it_its_citizen_s(world, mail, known):
    if known == "registered":
        register(world)
    else:
        await erase(world, mail)
    before = world.case_of(mail)
    citizen = REGISTERED if known == "registered" else citizen_at(world, ALICE)
    case = await hand_over(world, mail, "ccas", "etat-civil")
    assert case.sector not in {before.sector, "social"}
    mine = sector_citizen_id(world.keys.sector, case.sector, citizen)
    assert case.citizen == mine, "between two sectors in one batch, nobody knew any more whose case it is"
    assert world.messages.messages[mail.message_id].citizen == mine
