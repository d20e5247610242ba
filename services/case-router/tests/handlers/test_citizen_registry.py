"""Who wrote: exact addresses, families on one phone, half-written citizens, people being erased."""

from datetime import UTC, datetime

import pytest

from guichet.contracts.inbound_content import InboundContent
from guichet.errors import TransientError
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder
from guichet.vault.sealing import Thing, unseal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import sealed_message, sms_content
from guichet_testing.sealing import seal_model, unseal_model

PHONE = "+33639980102"


async def test_an_unknown_sender_becomes_a_provisional_citizen(world):
    mail = await world.mail("m", "Alice@Courriel.example", display_name="Alice B.", authenticated=True)
    await world.take(mail)
    [citizen], [identifier] = world.citizens.citizens.values(), world.identifiers.identifiers.values()
    assert citizen.state is CitizenState.PROVISIONAL
    assert [holder.citizen_id for holder in identifier.holders] == [citizen.citizen_id]
    assert (identifier.holders[0].provenance, identifier.holders[0].verified) == ("message", False)
    keys = await world.vault.open_keys([citizen.record.key_id, identifier.value.key_id])
    record = unseal_model(
        keys[citizen.record.key_id], Thing("citizen", citizen.citizen_id), "record", citizen.record, CitizenRecord
    )
    assert record.full_name == "Alice B."
    thing = Thing("identifier", identifier.identifier_id)
    assert unseal(keys[identifier.value.key_id], thing, "value", identifier.value) == b"alice@courriel.example"
    case = world.case_of(mail)
    assert case.citizen == sector_citizen_id(world.keys.sector, case.sector, citizen.citizen_id)
    assert world.messages.messages[mail.message_id].citizen == case.citizen


async def test_whoever_knows_the_message_computes_no_citizen_id(new_world):
    """The same message under the same keys, taken twice by towns that share nothing: no id is the same."""
    ids = []
    for world in (new_world(), new_world()):
        mail = await world.mail("m", "alice@courriel.example", display_name="Alice B.")
        await world.take(mail)
        ids += world.citizens.citizens
    assert len(set(ids)) == 2, f"citizen {ids[0]} can be computed from its message {mail.message_id}"


async def test_a_message_taken_again_finds_the_same_citizen(world):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    before = dict(world.citizens.citizens), dict(world.identifiers.identifiers)
    await world.take(mail, await world.mail("n", "alice@courriel.example"))
    assert (world.citizens.citizens, world.identifiers.identifiers) == before


async def test_of_two_routers_that_enter_one_address_the_second_reads_the_first_s_citizen(world):
    """Both find the address missing; one inserts it, and the other one's insertion fails."""
    mail = await world.mail("m", "alice@courriel.example")
    insert = world.identifiers.insert_new

    async def after_the_other(identifiers):
        world.identifiers.insert_new = insert
        await world.take(await world.mail("n", "alice@courriel.example"))
        return await insert(identifiers)

    world.identifiers.insert_new = after_the_other
    await world.take(mail)
    [citizen], [identifier] = world.citizens.citizens, world.identifiers.identifiers.values()
    assert [holder.citizen_id for holder in identifier.holders] == [citizen]


async def test_one_address_is_one_citizen_however_it_is_written(world):
    await world.take(
        await world.mail("m", "alice@courriel.example"),
        await world.mail("n", "ALICE@courriel.EXAMPLE"),
    )
    await world.take(await world.mail("o", " alice@courriel.example"))
    assert len(world.citizens.citizens) == 1


async def test_in_two_sectors_one_citizen_has_two_ids(world):
    roads, birth = (
        await world.mail("m", "alice@courriel.example", subject="Trottoir"),
        await world.mail("n", "alice@courriel.example", subject="Acte de naissance"),
    )
    await world.take(roads, birth)
    assert world.case_of(roads).citizen != world.case_of(birth).citizen


async def register(world, citizen, name, *, state=CitizenState.REGISTERED):
    """Enter someone at PHONE, after whoever is there already."""
    address = identifier_id(world.keys.registry, "phone", PHONE)
    [key] = await world.vault.new_keys(1)
    given, _, family = name.partition(" ")
    record = CitizenRecord(given_name=given, family_name=family)
    sealed = seal_model(key, Thing("citizen", citizen), "record", record)
    await world.citizens.insert_new([CitizenDocument(_id=citizen, state=state, record=sealed, since=ARRIVED)])
    known = world.identifiers.identifiers[address]
    mine = Holder(citizen_id=citizen, provenance="import:guichet", verified=True, since=ARRIVED)
    others = tuple(each for each in known.holders if each.provenance != "message")
    world.identifiers.identifiers[address] = known.model_copy(update={"holders": (*others, mine)})


@pytest.fixture
async def family(world):
    await world.take(await world.sms("before", PHONE, accounts=("+33100000000",)))
    for citizen, name in (("louis", "Louis Marchand"), ("jeanne", "Jeanne Marchand")):
        await register(world, citizen, name)
    return world


async def test_a_family_s_phone_leaves_it_to_the_agent(family):
    sms = await family.sms("m", PHONE)
    await family.take(sms)
    case = family.case_of(sms)
    assert case.citizen is None
    both = {sector_citizen_id(family.keys.sector, case.sector, each) for each in ("louis", "jeanne")}
    assert set(case.candidates) == both


@pytest.mark.parametrize("name", ["JEANNE Marchand", "Marchand Jeanne (maison)"])
async def test_unless_the_message_names_exactly_one_of_them(family, name):
    whatsapp = await named_sms(family, "w", name)
    await family.take(whatsapp)
    case = family.case_of(whatsapp)
    assert case.citizen == sector_citizen_id(family.keys.sector, case.sector, "jeanne")


async def named_sms(world, name, display_name):

    content = sms_content(PHONE, display_name=display_name)
    return await sealed_message(world.vault, name, content, channel="whatsapp", accounts=("+33199001201",))


async def test_a_citizen_missing_behind_an_address_is_made_again_under_its_id(world):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    ids = set(world.citizens.citizens)
    world.citizens.citizens.clear()
    await world.take(await world.mail("n", "alice@courriel.example"))
    assert set(world.citizens.citizens) == ids


async def test_the_address_of_somebody_being_erased_files_under_a_new_person(world):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    [old] = world.citizens.citizens
    known = world.citizens.citizens[old]
    [before] = world.identifiers.identifiers.values()
    world.citizens.citizens[old] = known.model_copy(update={"state": CitizenState.ERASING})
    again = await world.mail("n", "alice@courriel.example")
    await world.take(again)
    await world.take(again)
    assert world.case_of(again).citizen != world.case_of(mail).citizen
    [identifier] = world.identifiers.identifiers.values()
    [new] = world.citizens.citizens.keys() - {old}
    assert [holder.citizen_id for holder in identifier.holders] == [old, new]  # until the erasure takes the old one out
    assert identifier.left_keys == (before.value.key_id,)
    keys = await world.vault.open_keys([identifier.value.key_id])
    thing = Thing("identifier", identifier.identifier_id)
    assert identifier.value.key_id != before.value.key_id
    assert unseal(keys[identifier.value.key_id], thing, "value", identifier.value) == b"alice@courriel.example"


async def test_a_holder_whom_an_erasure_deletes_meanwhile_is_not_made_again(world):
    """The router has read the address; the erasure takes its holder out, then deletes them; the router looks for them."""
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    find, [address] = world.citizens.find_many, world.identifiers.identifiers

    async def after_the_erasure(citizens):
        world.identifiers.identifiers.pop(address, None)
        world.citizens.citizens.clear()
        world.citizens.find_many = find
        return await find(citizens)

    world.citizens.find_many = after_the_erasure
    [old] = world.citizens.citizens
    again = await world.mail("n", "alice@courriel.example")
    with pytest.raises(TransientError):
        await world.take(again)
    await world.take(again)
    assert old not in world.citizens.citizens
    assert len(world.citizens.citizens) == 1


async def test_of_a_family_only_those_who_stay_are_candidates(family):
    await register(family, "paul", "Paul Marchand")
    known = family.citizens.citizens["louis"]
    family.citizens.citizens["louis"] = known.model_copy(update={"state": CitizenState.ERASING})
    named = await named_sms(family, "w", "Louis Marchand")
    for event in (await family.sms("m", PHONE), named):
        await family.take(event)
        case = family.case_of(event)
        staying = {sector_citizen_id(family.keys.sector, case.sector, each) for each in ("jeanne", "paul")}
        assert case.citizen is None
        assert set(case.candidates) == staying


async def test_where_one_of_a_family_stays_the_phone_is_theirs(family):
    known = family.citizens.citizens["louis"]
    family.citizens.citizens["louis"] = known.model_copy(update={"state": CitizenState.ERASING})
    sms = await family.sms("m", PHONE)
    await family.take(sms)
    case = family.case_of(sms)
    assert case.citizen == sector_citizen_id(family.keys.sector, case.sector, "jeanne")
    assert case.candidates == ()


async def test_a_sender_without_any_address_is_a_case_of_nobody(world):
    sms = await world.sms("m", PHONE)
    mail = await world.mail("n", "alice@courriel.example", message_id="n@x.example")
    await world.take(sms, mail)

    nobody = await sealed_message(world.vault, "o", InboundContent(sender=(), text="Lettre anonyme"))
    await world.take(nobody)
    assert world.case_of(nobody).citizen is None
    world.check()


async def test_since_when_somebody_is_known_is_no_moment_that_a_message_has(world):
    """Exact, it would join the registry with the message, and through it two sectors' cases."""
    mail = await world.mail("m", "zoe@courriel.example")
    await world.take(mail)
    [citizen], [address] = world.citizens.citizens.values(), world.identifiers.identifiers.values()
    assert [citizen.since, address.holders[0].since] == [datetime(ARRIVED.year, ARRIVED.month, 1, tzinfo=UTC)] * 2
