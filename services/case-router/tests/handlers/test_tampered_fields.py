"""What somebody changed at rest stops nobody else's message."""

import pytest

from guichet.contracts.case_commands import RerouteCase
from guichet.errors import PermanentError, TamperedError, TransientError
from guichet.runtime.telemetry.alarms import Alarm
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.tampered import is_alarmed, tampered
from guichet_testing.sealing import seal_model
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

ALICE, BOB, PHONE = "alice@courriel.example", "bob@boite.example", "+33639980102"


class DyingCaseStore(InMemoryCaseStore):
    """Dies once, when a case is to be written."""

    dead = False

    async def insert_new(self, cases):
        if not self.dead:
            self.dead = True
            raise TransientError("killed")
        return await super().insert_new(cases)


def alter_message(world, event):
    message = world.messages.messages[event.message_id]
    world.messages.messages[event.message_id] = message.model_copy(update={"content": tampered(message.content)})


async def took(world, *events) -> bool:
    """Say whether a batch was handled."""
    try:
        await world.take(*events)
    except TamperedError:
        return False
    return True


async def test_one_tampered_message_is_the_only_dead_letter_of_its_batch(world):
    """The loop halves a batch until the culprit is alone: the culprit must be the one whose bytes were changed."""
    good, bad = await world.mail("m", ALICE), await world.mail("n", BOB)
    bad = bad.model_copy(update={"content": tampered(bad.content)})
    assert not await took(world, good, bad)
    assert await took(world, good)
    assert not await took(world, bad)
    world.check()
    assert is_alarmed("message")


async def test_a_message_whose_key_the_vault_never_held_is_a_dead_letter_and_not_erased(world):
    """The vault was restored from before it: its words are there, and the right vault opens them."""
    lost, good = await world.mail("m", ALICE), await world.mail("n", BOB)
    key = world.vault._keys.pop(lost.content.key_id)
    with pytest.raises(PermanentError) as refused:
        await world.take(lost)
    assert refused.value.reason == "key-missing"
    assert is_alarmed("message", Alarm.KEY_MISSING)
    await world.take(good)
    world.vault._keys[key.key_id] = key
    await world.take(lost)
    world.check()


async def test_an_answer_to_a_tampered_message_is_filed_all_the_same(world):
    """A router died after the root had claimed its thread: whoever answers would help to file the root."""
    root = await world.mail("m", ALICE)
    world.cases = DyingCaseStore()
    with pytest.raises(TransientError):
        await world.take(root)
    alter_message(world, root)
    answer = await world.mail("a", ALICE, in_reply_to=["m@courriel.example"])
    assert await took(world, answer), "somebody else's message was altered, and this one is a dead letter"
    assert world.case_of(answer).opened_by == answer.message_id


async def test_an_altered_record_of_one_of_a_family_leaves_it_to_the_agent(world):
    await world.take(await world.sms("before", PHONE))
    [address] = world.identifiers.identifiers.values()
    for name in ("louis", "jeanne"):
        [key] = await world.vault.new_keys(1)
        sealed = seal_model(key, Thing("citizen", name), "record", CitizenRecord(given_name=name, family_name="M"))
        registered = CitizenState.REGISTERED
        await world.citizens.insert_new(
            [CitizenDocument(_id=name, state=registered, record=tampered(sealed), since=ARRIVED)]
        )
    holders = tuple(Holder(citizen_id=name, provenance="import", since=ARRIVED) for name in ("louis", "jeanne"))
    world.identifiers.identifiers[address.identifier_id] = address.model_copy(update={"holders": holders})
    sms = await world.sms("m", PHONE, accounts=("+33100000000",))
    assert await took(world, sms), "a record of the registry was altered, and who writes from there is a dead letter"
    assert world.case_of(sms).citizen is None
    assert len(world.case_of(sms).candidates) == 2
    assert is_alarmed("citizen")


async def test_a_case_with_a_tampered_message_is_handed_over(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    case = world.case_of(mail)
    alter_message(world, mail)
    [key] = await world.vault.new_keys(1)
    other = next(each for each in world.town.departments if each != case.department)
    command = RerouteCase(
        event_id="r",
        occurred_at=ARRIVED,
        case_id=case.case_id,
        issued_by="lea",
        department=other,
        reason=seal(key, Thing("case", case.case_id), "r", b"why"),
    )
    assert await took(world, command), "a message of the case was altered, and no agent can hand the case over"
    assert world.case_of(mail).department == other
    world.check()
