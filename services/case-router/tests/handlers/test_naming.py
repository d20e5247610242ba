"""Who names a citizen: a sender somebody vouches for, an agent who recognised them, the town's own registry; nobody else."""

from datetime import timedelta

import pytest

from guichet.contracts.case_commands import ConfirmSender
from guichet.errors import TransientError
from guichet.privacy.pseudonyms import sector_citizen_id
from guichet.store.registry.citizens import CitizenRecord, CitizenState
from guichet.vault.sealing import Thing, broken_key
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import tampered
from guichet_testing.sealing import seal_model, unseal_model

MAIL = "alice@courriel.example"


async def taken(world, name, called, authenticated=None):
    mail = await world.mail(name, MAIL, display_name=called, authenticated=authenticated)
    await world.take(mail)
    return world.case_of(mail)


def citizen(world):
    [found] = world.citizens.citizens.values()
    return found


async def record(world) -> CitizenRecord:
    found = citizen(world)
    [key] = (await world.vault.open_keys([found.record.key_id])).values()
    return unseal_model(key, Thing("citizen", found.citizen_id), "record", found.record, CitizenRecord)


async def rewrite(world, state=CitizenState.PROVISIONAL, **fields):
    """Write the one citizen's record anew, as an older version or an import left it."""
    found = citizen(world)
    [key] = (await world.vault.open_keys([found.record.key_id])).values()
    sealed = seal_model(key, Thing("citizen", found.citizen_id), "record", CitizenRecord(**fields))
    world.citizens.citizens[found.citizen_id] = found.model_copy(update={"record": sealed, "state": state})


@pytest.mark.parametrize("authenticated", [None, False])
async def test_a_mail_that_nobody_vouches_for_names_nobody(world, authenticated):
    await taken(world, "m", "Mallory", authenticated)
    assert (await record(world)).full_name == "", "a stranger wrote the name on the card of whose address it is"


async def test_the_first_proven_mail_names_whose_address_it_is(world):
    await taken(world, "m", "Mallory")
    await taken(world, "n", "Alice", authenticated=True)
    assert (await record(world)).full_name == "Alice"
    await taken(world, "o", "Mallory")
    await taken(world, "p", "Alice B.", authenticated=True)
    assert (await record(world)).full_name == "Alice", "later ones change nothing"


async def test_so_it_does_in_one_batch_with_what_came_before(world):
    mails = [
        await world.mail("m", MAIL, display_name="Mallory"),
        await world.mail("n", MAIL, display_name="Alice", authenticated=True),
    ]
    await world.take(*mails)
    assert (await record(world)).full_name == "Alice"


async def test_a_name_that_an_older_version_took_from_anybody_goes_at_the_first_proof(world):
    await taken(world, "m", None)
    await rewrite(world, display_name="Mallory")
    await taken(world, "n", "Alice", authenticated=True)
    assert (await record(world)).display_name == "Alice"


async def test_a_proven_mail_that_says_no_name_takes_nobody_s(world):
    await taken(world, "m", None)
    await rewrite(world, display_name="Alice")
    await taken(world, "n", None, authenticated=True)
    assert (await record(world)).full_name == "Alice", "a name that an agent had confirmed is gone"


async def test_who_was_proven_without_a_name_is_named_by_the_first_proven_mail_that_says_one(world):
    await taken(world, "m", None, authenticated=True)
    await taken(world, "n", "Alice", authenticated=True)
    assert (await record(world)).full_name == "Alice", "the citizen stays nameless for ever"
    await taken(world, "o", "Alice B.", authenticated=True)
    assert (await record(world)).full_name == "Alice"


async def test_what_the_town_s_registry_says_is_no_message_s_to_change(world):
    await taken(world, "m", None)
    await rewrite(world, CitizenState.REGISTERED, given_name="Alice", family_name="Bernard", display_name="alice")
    before = citizen(world).record
    await taken(world, "n", "Ali", authenticated=True)
    assert citizen(world).record == before


async def test_a_naming_cut_short_is_made_up_by_the_next_try(world):
    await taken(world, "m", None)
    replace, mail = world.identifiers.replace_if_unchanged, await world.mail("n", MAIL, authenticated=True)
    proven = await world.mail("o", MAIL, display_name="Alice", authenticated=True)

    async def away(_identifiers):
        raise TransientError("killed")

    world.identifiers.replace_if_unchanged = away
    with pytest.raises(TransientError):
        await world.take(proven)
    world.identifiers.replace_if_unchanged = replace
    await world.take(proven, mail)
    assert (await record(world)).full_name == "Alice"


@pytest.mark.parametrize("how", ["record", "key"])
async def test_an_altered_record_costs_nobody_their_message(world, how):
    await taken(world, "m", None)
    found = citizen(world)
    if how == "record":
        world.citizens.citizens[found.citizen_id] = found.model_copy(update={"record": tampered(found.record)})
    else:
        world.vault._keys[found.record.key_id] = broken_key(found.record.key_id)
    assert (await taken(world, "n", "Alice", authenticated=True)).citizen is not None


async def test_an_agent_who_recognised_the_sender_names_who_had_no_name(world):
    await taken(world, "m", None, authenticated=True)
    case = await taken(world, "n", "Alice")
    [candidate] = case.candidates
    assert candidate == sector_citizen_id(world.keys.sector, case.sector, citizen(world).citizen_id)
    assert (await record(world)).full_name == ""
    await world.take(
        ConfirmSender(
            event_id="click",
            occurred_at=ARRIVED + timedelta(hours=1),
            case_id=case.case_id,
            issued_by="lea",
            citizen=candidate,
        )
    )
    assert (await record(world)).full_name == "Alice"
