"""A sender whose messages an agent has declared abusive: what it takes, whom it concerns, and until when."""

from datetime import timedelta

import pytest

from guichet.contracts.abuse import AbuseGround
from guichet.contracts.case_commands import CloseCase, DeclareAbuse, LiftAbuse, RerouteCase
from guichet.contracts.case_events import AbuseDeclared, AbuseLifted, CaseOpened, CommandRefused
from guichet.contracts.inbound import Automatic
from guichet.errors import NoRightError, TransientError, UnopenableError
from guichet.ids import DepartmentId
from guichet.kafka.records import Received
from guichet.store.abuse_declarations import NoReceipt
from guichet.store.agents.rights import AgentRight
from guichet.vault.sealing import Thing, broken_key, missing_key, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.sealing import unseal_model

SPAMMER, OTHER, PHONE = "zoe@courriel.example", "bob@boite.example", "+33639980101"
CLICK = ARRIVED + timedelta(hours=1)
LATER = ARRIVED + timedelta(hours=2)
WORDS = "Trente messages par jour depuis lundi."


async def declaring(world, case, click="declare", *, at=CLICK, by="lea", sector=None):
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), click, WORDS.encode())
    about = {"case_id": case.case_id, "issued_by": by, "sector": sector or case.sector}
    return DeclareAbuse(event_id=click, occurred_at=at, ground=AbuseGround.NUMBER, reason=reason, **about)


def lifting(case, click="lift", *, at=LATER, by="lea"):
    return LiftAbuse(event_id=click, occurred_at=at, case_id=case.case_id, issued_by=by, sector=case.sector)


async def taken(world, name, sender=SPAMMER, *, at=LATER, **said):
    mail = await world.mail(name, sender, at=at, **said)
    await world.take(mail)
    return world.case_of(mail)


async def declared(world, **said):
    """A case of the sender on which it was declared."""
    case = await taken(world, "first", at=ARRIVED, **said)
    await world.take(await declaring(world, case))
    return world.cases.cases[case.case_id]


def has_receipt(world, case):
    [opened] = [each for each in world.published(case) if isinstance(each, CaseOpened)]
    assert opened.declared_abusive is (case.no_receipt is not None)
    return not opened.declared_abusive


def refusals(world):
    return [each.why for each in world.published() if isinstance(each, CommandRefused)]


async def opened_reason(world, case):
    keys = await world.vault.open_keys([case.no_receipt.key_id])
    thing = Thing("case", case.case_id)
    return unseal_model(keys[case.no_receipt.key_id], thing, "no_receipt", case.no_receipt, NoReceipt)


async def test_r5_further_messages_are_cases_without_a_receipt_that_say_who_when_and_why(world):
    """R5 (docs/law.md 13)."""
    case = await declared(world)
    assert has_receipt(world, case), "the receipt that was owed before was taken back"
    [event] = [each for each in world.published(case) if isinstance(each, AbuseDeclared)]
    assert (event.by, event.ground, event.until) == ("lea", AbuseGround.NUMBER, CLICK + world.town.abuse_lasts)
    assert WORDS not in event.model_dump_json()
    last = world.history.of(case.case_id)[-1]
    assert (last.type, last.by, last.state) == ("AbuseDeclared", "lea", "number")
    assert case.abusive_until == event.until
    later = await taken(world, "later")
    assert not has_receipt(world, later)
    assert (later.state, later.department) == ("received", case.department), "it is routed as ever"
    why = await opened_reason(world, later)
    assert (why.by, why.declared_at, why.until, why.reason) == ("lea", CLICK, event.until, WORDS)
    assert later.no_receipt.key_id == later.subject.key_id, "it would outlive its case"
    world.check()


async def test_a_declaration_in_the_batch_of_the_message_concerns_it(world):
    case = await taken(world, "first", at=ARRIVED)
    mail = await world.mail("later", SPAMMER, at=LATER)
    await world.take(mail, await declaring(world, case))
    assert not has_receipt(world, world.case_of(mail))


async def test_what_came_before_keeps_its_receipt_however_late_it_is_filed(world):
    await declared(world)
    assert has_receipt(world, await taken(world, "overtaken", at=CLICK - timedelta(seconds=1)))


async def test_nobody_else_is_concerned(world):
    await declared(world)
    assert has_receipt(world, await taken(world, "other", OTHER))
    assert has_receipt(world, await taken(world, "neighbour", "zoe.b@courriel.example"))


@pytest.mark.parametrize(
    "spelling", ["ZOE@Courriel.Example", "zoe+2@courriel.example", '"zoe"@courriel.example', "zoe@COURRIEL.example"]
)
async def test_another_spelling_of_the_mailbox_brings_no_receipts_back(world, spelling):
    await declared(world)
    assert not has_receipt(world, await taken(world, "spelt", spelling))


async def test_another_sector_knows_nothing_of_it(world):
    case = await declared(world)
    social = await taken(world, "social", accounts=("ccas@mairie.example",))
    assert social.sector != case.sector
    assert has_receipt(world, social)
    [only] = world.abuse.declarations.values()
    assert SPAMMER not in only.model_dump_json()
    assert WORDS not in only.model_dump_json()


async def test_it_lapses(world):
    case = await declared(world)
    until = case.abusive_until
    world.now = until + timedelta(days=3)
    assert not has_receipt(world, await taken(world, "last", at=until - timedelta(seconds=1)))
    assert has_receipt(world, await taken(world, "after", at=until))
    await world.take(await declaring(world, case, "again", at=until + timedelta(days=1)))
    assert refusals(world) == [], "what has lapsed may be declared again"
    assert not has_receipt(world, await taken(world, "anew", at=until + timedelta(days=2)))
    world.check()


async def test_who_lifts_it_gives_receipts_back_from_any_case_of_the_sender(world):
    case = await declared(world)
    later = await taken(world, "later", at=CLICK + timedelta(minutes=1))
    await world.take(lifting(later))
    [event] = [each for each in world.published(later) if isinstance(each, AbuseLifted)]
    assert event.by == "lea"
    assert has_receipt(world, await taken(world, "after", at=LATER + timedelta(minutes=1)))
    assert not has_receipt(world, await taken(world, "overtaken", at=LATER - timedelta(minutes=1)))
    assert case.abusive_until is not None
    world.check()


async def test_on_the_same_case_lifting_ends_the_mark(world):
    case = await declared(world)
    await world.take(lifting(case))
    assert world.cases.cases[case.case_id].abusive_until is None


async def test_declared_and_lifted_in_one_batch_is_lifted(world):
    case = await taken(world, "first", at=ARRIVED)
    await world.take(await declaring(world, case), lifting(case), await declaring(world, case, "anew", at=LATER))
    assert refusals(world) == []
    assert not has_receipt(world, await taken(world, "later", at=LATER + timedelta(hours=1)))
    world.check()


async def test_of_two_declarations_one_stands(world):
    first, second = await taken(world, "first", at=ARRIVED), await taken(world, "second", at=ARRIVED)
    await world.take(await declaring(world, first, "one"), await declaring(world, second, "two"))
    assert [type(each) for each in world.published() if isinstance(each, AbuseDeclared)] == [AbuseDeclared]
    assert refusals(world) == ["already-declared"]
    world.check()


class Overtaken:
    """A store where another router declares in the moment before ours does."""

    def __init__(self, world, command):
        self.world, self.command = world, command

    async def find_many(self, senders):
        return await self.world.abuse.find_many(senders)

    async def write(self, declarations):
        if (command := self.command) is not None:
            self.command = None
            await self.world.take(command)
        return await self.world.abuse.write(declarations)


async def test_of_two_routers_that_declare_at_once_one_does(world):
    first, second = await taken(world, "first", at=ARRIVED), await taken(world, "second", at=ARRIVED)
    store = Overtaken(world, await declaring(world, first, "one"))
    command = await declaring(world, second, "two")
    await world.router(abuse=store).handle([_received(command)])
    assert len([each for each in world.published() if isinstance(each, AbuseDeclared)]) == 1
    assert refusals(world) == ["already-declared"]
    world.check()


async def test_a_crash_between_the_declaration_and_its_case_is_made_good(world, monkeypatch):
    case = await taken(world, "first", at=ARRIVED)
    command = await declaring(world, case)

    async def away(_):
        raise TransientError("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(world.cases, "update_if_unchanged", away)
        with pytest.raises(TransientError):
            await world.take(command)
    [written] = world.abuse.declarations.values()
    await world.take(command)
    await world.take(command)
    assert [*world.abuse.declarations.values()] == [written]
    assert len({each.event_id for each in world.published(case) if isinstance(each, AbuseDeclared)}) == 1
    assert refusals(world) == []
    world.check()


async def test_a_declaration_whose_case_was_handed_over_meanwhile_stands_for_nobody(world, monkeypatch):
    """It is written before its case; refused then, it would silence the sender, and nobody would be told."""
    case = await taken(world, "first", at=ARRIVED)
    command = await declaring(world, case)

    async def away(_):
        raise TransientError("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(world.cases, "update_if_unchanged", away)
        with pytest.raises(TransientError):
            await world.take(command)
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), "move", b"pas pour nous")
    about = {"case_id": case.case_id, "issued_by": "lea", "reason": reason}
    await world.take(RerouteCase(event_id="move", occurred_at=CLICK, department="ccas", **about))
    for _ in range(2):
        await world.take(command)
    assert set(refusals(world)) == {"case-moved"}
    assert has_receipt(world, await taken(world, "later")), "silenced, and nobody is told"
    world.check()


async def test_all_of_it_again_changes_nothing(world):
    case = await declared(world)
    later = await taken(world, "later")
    causes = [await declaring(world, case), lifting(later, at=LATER + timedelta(days=1))]
    await world.take(causes[1])
    before, events = dict(world.cases.cases), len(world.published())
    declarations = dict(world.abuse.declarations)
    await world.take(*causes)
    await world.take_one_by_one(*causes)
    assert (world.cases.cases, world.abuse.declarations) == (before, declarations)
    assert len(world.published()) == events


@pytest.mark.parametrize(
    ("on", "proven", "unproven", "refused"),
    [(True, False, False, False), (None, True, False, False), (False, True, True, False)],
)
async def test_who_forges_an_address_silences_nothing_that_is_better_vouched_for(world, on, proven, unproven, refused):
    """A declaration concerns what is vouched for no better than the message on which it was made."""
    await declared(world, authenticated=on)
    for verdict, gets_one in ((True, proven), (None, unproven), (False, refused)):
        case = await taken(world, f"verdict-{verdict}", authenticated=verdict)
        assert has_receipt(world, case) is gets_one, verdict


async def test_a_wider_declaration_replaces_a_narrower_one_and_not_the_reverse(world):
    forged = await declared(world, authenticated=None)
    proven = await taken(world, "proven", authenticated=True)
    await world.take(await declaring(world, proven, "wider", at=LATER))
    assert refusals(world) == []
    await world.take(await declaring(world, forged, "narrower", at=LATER + timedelta(minutes=1)))
    assert refusals(world) == ["already-declared"]
    assert not has_receipt(world, await taken(world, "both", authenticated=True, at=LATER + timedelta(hours=1)))


async def test_a_number_and_a_form_are_declared_as_well(world):
    form = (await world.mail("f", SPAMMER)).model_copy(update={"channel": "portal"})
    for name, event in (("sms", await world.sms("s", PHONE)), ("form", form)):
        await world.take(event)
        await world.take(await declaring(world, world.case_of(event), name))
    again = await world.sms("s2", "06 39 98 01 01", "/nouvelle Bonjour", at=LATER)
    await world.take(again)
    assert not has_receipt(world, world.case_of(again))


@pytest.mark.parametrize(
    ("prepared", "why"),
    [({"sector": "social"}, "case-moved"), ({"automatic": Automatic.DELIVERY_REPORT}, "unknown-sender")],
)
async def test_what_makes_no_sense_is_refused(world, prepared, why):
    case = await taken(world, "first", at=ARRIVED, **{key: prepared[key] for key in prepared if key == "automatic"})
    await world.take(await declaring(world, case, sector=prepared.get("sector")))
    await world.take(lifting(case))
    assert refusals(world)[0] == why
    assert world.abuse.declarations == {}
    world.check()


async def test_a_closed_case_s_sender_may_still_be_judged(world):
    case = await taken(world, "first", at=ARRIVED)
    await world.take(CloseCase(event_id="close", occurred_at=CLICK, case_id=case.case_id, issued_by="lea"))
    await world.take(await declaring(world, case))
    assert refusals(world) == []
    world.check()


async def test_an_agent_of_another_department_silences_nobody(world):
    case = await taken(world, "first", at=ARRIVED)
    world.rights.rights["karim"] = AgentRight(
        _id="karim", agent="karim", departments=(DepartmentId("ccas"),), since=ARRIVED - timedelta(days=1)
    )
    for command in (await declaring(world, case, by="karim"), lifting(case, by="karim")):
        with pytest.raises(NoRightError):
            await world.take(command)
    assert world.abuse.declarations == {}
    assert has_receipt(world, await taken(world, "later"))


async def test_who_lost_the_case_a_moment_ago_judges_for_no_other_sector(world):
    case = await taken(world, "first", at=ARRIVED)
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), "move", b"pas pour nous")
    about = {"case_id": case.case_id, "issued_by": "lea", "reason": reason}
    await world.take(RerouteCase(event_id="move", occurred_at=CLICK, department="ccas", **about))
    await world.take(await declaring(world, case, at=CLICK + timedelta(seconds=5)))
    assert refusals(world) == ["case-moved"]
    assert world.abuse.declarations == {}


async def test_handed_to_another_sector_the_case_says_nothing_of_what_stands_there(world):
    case = await declared(world)
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), "move", b"pas pour nous")
    about = {"case_id": case.case_id, "issued_by": "lea", "reason": reason}
    await world.take(RerouteCase(event_id="move", occurred_at=LATER, department="ccas", **about))
    assert world.cases.cases[case.case_id].abusive_until is None
    assert not has_receipt(world, await taken(world, "later")), "where it was declared it stands"
    assert has_receipt(world, await taken(world, "social", accounts=("ccas@mairie.example",)))


async def test_with_the_declaring_case_s_key_the_declaration_is_gone(world):
    """An erasure destroys keys before it deletes documents."""
    case = await declared(world)
    await world.vault.destroy_keys([case.subject.key_id])
    assert has_receipt(world, await taken(world, "later"))


def _received(event):
    return Received(event, "topic", 0, 0)


@pytest.mark.parametrize("how", ["broken", "missing"])
async def test_a_reason_that_does_not_open_stops_no_message(world, how):
    case = await declared(world)
    name = case.subject.key_id
    world.vault._keys[name] = broken_key(name) if how == "broken" else missing_key(name)
    try:
        later = await taken(world, "later")
    except UnopenableError as exc:
        pytest.fail(f"a message is a dead letter for an agent's words about another: {type(exc).__name__}")
    assert not has_receipt(world, later)
    why = await opened_reason(world, later)
    assert (why.by, why.reason) == ("lea", "")
