"""Whom nobody vouches for: a candidate, until an agent confirms, and then remembered for the address."""

from datetime import timedelta

import pytest

from guichet.contracts.case_commands import CloseCase, ConfirmSender, RerouteCase
from guichet.contracts.case_events import CommandRefused, SenderConfirmed
from guichet.errors import NoRightError
from guichet.privacy.pseudonyms import identifier_id, sector_citizen_id
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.sealing import seal_model

ALICE, BRUNO = "alice", "bruno"
MAIL = "alice@courriel.example"
LATER = ARRIVED + timedelta(hours=1)


async def know(world, *citizens, **flags):
    """Enter registered citizens at MAIL."""
    name = identifier_id(world.keys.registry, "email", MAIL)
    keys = await world.vault.new_keys(len(citizens) + 1)
    for citizen, key in zip(citizens, keys, strict=False):
        record = seal_model(key, Thing("citizen", citizen), "record", CitizenRecord(display_name=citizen.title()))
        await world.citizens.insert_new(
            [CitizenDocument(_id=citizen, state=CitizenState.REGISTERED, record=record, since=ARRIVED)]
        )
    holders = tuple(
        Holder(citizen_id=each, provenance="import", verified=True, since=ARRIVED, **flags) for each in citizens
    )
    value = seal(keys[-1], Thing("identifier", name), "value", MAIL.encode())
    world.identifiers.identifiers[name] = IdentifierDocument(_id=name, kind="email", holders=holders, value=value)


def own(world, case, citizen=ALICE):
    return sector_citizen_id(world.keys.sector, case.sector, citizen)


def confirming(world, case, citizen=ALICE, *, click="click", by="lea"):
    return ConfirmSender(
        event_id=click, occurred_at=LATER, case_id=case.case_id, issued_by=by, citizen=own(world, case, citizen)
    )


async def taken(world, name, **said):
    mail = await world.mail(name, MAIL, **said)
    await world.take(mail)
    return world.case_of(mail)


@pytest.mark.parametrize("authenticated", [None, False])
async def test_a_citizen_of_the_registry_is_a_candidate_where_nobody_vouches(world, authenticated):
    await know(world, ALICE)
    case = await taken(world, "m", authenticated=authenticated)
    assert (case.citizen, case.candidates, case.unverified) == (None, (own(world, case),), True)
    assert world.messages.messages[case.opened_by].citizen is None
    proven = await taken(world, "n", authenticated=True)
    assert (proven.citizen, proven.candidates, proven.unverified) == (own(world, proven), (), False)


async def test_a_typed_address_of_a_form_proves_nobody(world):
    await know(world, ALICE)
    form = await world.mail("f", MAIL, authenticated=True)
    form = form.model_copy(update={"channel": "portal"})
    await world.take(form)
    assert world.case_of(form).citizen is None


async def test_an_address_that_nobody_knows_goes_on_as_one_provisional_citizen(world):
    first, second = await taken(world, "m"), await taken(world, "n")
    assert first.citizen == second.citizen is not None
    assert first.unverified
    assert len(world.citizens.citizens) == 1


async def test_who_was_vouched_for_once_is_not_spoken_for_unproven(world):
    """A provisional citizen has cases of their own, too: the first proven message makes the address theirs."""
    first, proven, forged = (
        await taken(world, "m"),
        await taken(world, "n", authenticated=True),
        await taken(world, "o", authenticated=None),
    )
    assert first.citizen == proven.citizen
    assert (forged.citizen, forged.candidates) == (None, (proven.citizen,))


async def test_what_an_agent_confirms_is_the_case_s_and_is_remembered_for_the_address(world):
    await know(world, ALICE)
    case = await taken(world, "m")
    await world.take(confirming(world, case))
    confirmed = world.cases.cases[case.case_id]
    assert (confirmed.citizen, confirmed.candidates, confirmed.unverified) == (own(world, case), (), False)
    assert world.messages.messages[case.opened_by].citizen == own(world, case)
    [event] = [each for each in world.published(case) if isinstance(each, SenderConfirmed)]
    assert (event.citizen, event.by) == (own(world, case), "lea")
    assert world.history.of(confirmed.case_id)[-1].by == "lea"
    later = await taken(world, "n")
    assert (later.citizen, later.unverified) == (own(world, later), False)
    forged = await taken(world, "o", authenticated=False)
    assert forged.citizen is None, "the domain disowns the mail, and it is filed as hers"
    world.check()


async def test_whoever_was_registered_meanwhile_is_remembered_too(world):
    """A stranger's case bears the id that the registry knows them formerly by."""
    case = await taken(world, "m")
    [stranger] = world.citizens.citizens
    await know(world, ALICE)
    registered = world.citizens.citizens.pop(ALICE).model_copy(update={"formerly": (stranger,)})
    del world.citizens.citizens[stranger]
    world.citizens.citizens[ALICE] = registered
    await world.take(confirming(world, case, stranger))
    assert (await taken(world, "n")).citizen is not None


async def test_of_a_family_the_one_who_was_confirmed_is_meant(world):
    await know(world, ALICE, BRUNO)
    case = await taken(world, "m", display_name="Alice")
    assert set(case.candidates) == {own(world, case), own(world, case, BRUNO)}, "a name may be written by anybody"
    await world.take(confirming(world, case, BRUNO))
    later = await taken(world, "n")
    assert later.citizen == own(world, later, BRUNO)


async def test_confirming_twice_is_once_and_a_second_agent_comes_too_late(world):
    await know(world, ALICE)
    case = await taken(world, "m")
    for _ in range(2):
        await world.take(confirming(world, case))
    await world.take(confirming(world, case, click="another"))
    told = [type(each) for each in world.published(case) if type(each) in (SenderConfirmed, CommandRefused)]
    assert told == [SenderConfirmed, CommandRefused]
    world.check()


async def test_a_confirmation_cut_short_is_remembered_by_the_next_try(world):
    await know(world, ALICE)
    case = await taken(world, "m")
    command, find = confirming(world, case), world.identifiers.replace_if_unchanged

    async def away(_identifiers):
        return False

    world.identifiers.replace_if_unchanged = away
    with pytest.raises(Exception, match="changed meanwhile"):
        await world.take(command)
    world.identifiers.replace_if_unchanged = find
    await world.take(command)
    assert (await taken(world, "n")).citizen is not None
    world.check()


@pytest.mark.parametrize("citizen", [BRUNO, "nobody"])
async def test_nobody_but_a_candidate_can_be_confirmed(world, citizen):
    await know(world, ALICE)
    case = await taken(world, "m")
    await world.take(confirming(world, case, citizen))
    [refused] = [each for each in world.published(case) if isinstance(each, CommandRefused)]
    assert refused.why == "unknown-citizen"
    assert world.cases.cases[case.case_id].citizen is None


async def test_a_proven_case_is_not_handed_to_somebody_else(world):
    await know(world, ALICE, BRUNO)
    case = await taken(world, "m", authenticated=True, display_name="Alice")
    await world.take(confirming(world, case, BRUNO))
    assert world.cases.cases[case.case_id].citizen == own(world, case)


async def test_an_agent_without_right_confirms_nobody(world):
    await know(world, ALICE)
    case = await taken(world, "m")
    with pytest.raises(NoRightError):
        await world.take(confirming(world, case, by="stranger"))
    assert world.cases.cases[case.case_id].unverified


async def test_a_closed_case_is_left_as_it_is(world):
    await know(world, ALICE)
    case = await taken(world, "m")
    await world.take(CloseCase(event_id="c", occurred_at=LATER, case_id=case.case_id, issued_by="lea"))
    await world.take(confirming(world, case))
    assert world.cases.cases[case.case_id].citizen is None


@pytest.mark.parametrize("authenticated", [None, False])
async def test_a_confirmed_citizen_goes_along_into_another_sector_and_so_does_doubt(world, authenticated):
    await know(world, ALICE)
    doubtful, sure = (
        await taken(world, "m", authenticated=authenticated),
        await taken(world, "n", authenticated=authenticated),
    )
    await world.take(confirming(world, sure))
    for case in (doubtful, sure):
        [key] = await world.vault.new_keys(1)
        reason = seal(key, Thing("case", case.case_id), "r", b"pour vous")
        command = RerouteCase(
            event_id=f"r-{case.case_id}",
            occurred_at=LATER,
            case_id=case.case_id,
            issued_by="lea",
            department="ccas",
            reason=reason,
        )
        await world.take(command)
    there, here = world.cases.cases[doubtful.case_id], world.cases.cases[sure.case_id]
    assert (there.citizen, there.candidates, there.unverified) == (None, (own(world, there),), True)
    assert (here.citizen, here.unverified) == (own(world, here), False)
    assert world.messages.messages[sure.opened_by].citizen == here.citizen


async def test_a_mail_that_nobody_could_read_is_nobody_s_even_from_a_confirmed_address(world):
    await know(world, ALICE, confirmed=True)
    mail = await world.mail("m", MAIL, unread=True)
    await world.take(mail)
    case = world.case_of(mail)
    assert (case.citizen, case.candidates, case.unverified) == (None, (own(world, case),), True)
    answer = await world.mail("n", MAIL, references=[f"m@{MAIL.partition('@')[2]}"], unread=True)
    await world.take(answer)
    assert world.case_of(answer).case_id != case.case_id, "what nobody could read joins nothing"


async def test_a_confirmation_stands_where_the_opening_message_was_tampered_with(world):
    await know(world, ALICE)
    case = await taken(world, "m")
    message = world.messages.messages[case.opened_by]
    altered = message.content.model_copy(update={"box": bytes(len(message.content.box))})
    world.messages.messages[case.opened_by] = message.model_copy(update={"content": altered})
    await world.take(confirming(world, case))
    assert world.cases.cases[case.case_id].citizen == own(world, case)
    world.check()
