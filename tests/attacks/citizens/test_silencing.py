"""Who would have a citizen's receipts stopped, or their own brought back, by other means than an agent's decision."""

from datetime import timedelta
from typing import Any

import pytest

from guichet.case.record import CaseRecord
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.case_commands import CaseCommand, DeclareAbuse, LiftAbuse
from guichet.contracts.case_events import CaseOpened, CommandRefused
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import AgentId, DepartmentId, EventId, SectorId, derive_id
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet.store.agents.rights import BEGINNING, AgentRight
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.signers import a_signer
from tests.attacks.bus.attacked_router import LATER, TOWN, AttackedRouter, attacked, signed_by, unsigned
from tests.attacks.citizens.impostor import ALICE, LOOK_ALIKE, NAME, OURS, Counter, a_counter, an_agent, field_of

DESK = a_signer("agent-desk")
FROM = f"From: {NAME} <{ALICE}>"
PASS = f"Authentication-Results: {OURS}; dmarc=pass header.from=courriel.example"
FAIL = f"Authentication-Results: {OURS}; dmarc=fail header.from=courriel.example"
WARNING = "quelqu’un d’autre a pu écrire sous cette adresse"


@pytest.fixture
async def attack(kafka_server: Any):
    async with attacked(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)) as attack:
        yield attack


async def silencing(vault: Any, case: CaseRecord, *, by: str, sector: str | None = None) -> DeclareAbuse:
    [key] = await vault.new_keys(1)
    click = EventId(derive_id("silencing", case.case_id, by))
    return DeclareAbuse(
        event_id=click,
        occurred_at=LATER,
        case_id=case.case_id,
        issued_by=AgentId(by),
        sector=SectorId(sector or case.sector),
        ground=AbuseGround.NUMBER,
        reason=seal(key, Thing("case", case.case_id), click, b"parce que"),
    )


def giving_back(case: CaseRecord, by: str) -> LiftAbuse:
    click, sector = EventId(derive_id("giving-back", case.case_id, by)), case.sector
    about = {"case_id": case.case_id, "issued_by": AgentId(by), "sector": sector}
    return LiftAbuse(event_id=click, occurred_at=LATER, **about)


@pytest.mark.real
async def test_nobody_is_silenced_or_heard_again_by_a_forged_command(attack: AttackedRouter) -> None:
    case = attack.a_case("social")
    commands: list[CaseCommand] = [await silencing(attack.vault, case, by="agent-17"), giving_back(case, "agent-17")]
    for command in commands:
        for record, reason in (
            (unsigned(command), "unsigned"),
            (signed_by(a_signer("an attacker"), command), "unknown-signer"),
            (signed_by(a_signer("guichet-cli"), command), "wrong-signature"),
        ):
            assert (await attack.refusal(record)).letter.reason == reason
            assert attack.is_untouched(case), reason
    assert attack.has_alarm(Alarm.FORGED)


@pytest.mark.real
async def test_an_agent_of_another_department_or_sector_silences_nobody(attack: AttackedRouter) -> None:
    case, department = attack.a_case("social"), DepartmentId("voirie")
    attack.rights.rights["v"] = AgentRight(
        _id="v", agent=AgentId("of-voirie"), departments=(department,), since=BEGINNING, until=None
    )
    own = str(TOWN.sector_of(department))
    for command in (
        await silencing(attack.vault, case, by="of-voirie"),
        await silencing(attack.vault, case, by="of-voirie", sector=own),
        giving_back(case, "of-voirie"),
    ):
        indexed = await attack.refusal(signed_by(DESK, command))
        assert (indexed.letter.reason, indexed.letter.error) == ("no-right", "NoRightError")
        assert attack.is_untouched(case)


@pytest.fixture
async def counter() -> Counter:
    return await a_counter()


def is_silent(counter: Counter, case: CaseRecord) -> bool:
    """Say whether a case was told of as one for which no receipt is owed."""
    events: list[Any] = counter.publisher.on(CASE_EVENTS)
    [opened] = [each for each in events if isinstance(each, CaseOpened) and each.case_id == case.case_id]
    return opened.declared_abusive


async def declare(counter: Counter, case: CaseRecord, sector: str | None = None) -> None:
    """Have an agent who has every right declare it, before anything else came."""
    command = await silencing(counter.vault, case, by="agent-11", sector=sector)
    await counter.handle(command.model_copy(update={"occurred_at": ARRIVED - timedelta(seconds=1)}))


@pytest.mark.parametrize("verdict", ["", FAIL], ids=["no verdict", "fail"])
async def test_a_forger_of_her_address_has_no_proven_message_of_alice_silenced(counter, verdict):
    forged = await counter.take_mail(f"{verdict}\n{FROM}\nReply-To: {LOOK_ALIKE}".strip(), name="forged")
    await declare(counter, forged)
    assert is_silent(counter, await counter.take_mail(f"{verdict}\n{FROM}".strip(), name="forged-again"))
    assert not is_silent(counter, await counter.take_mail(f"{PASS}\n{FROM}", name="real"))


@pytest.mark.parametrize(("verdict", "warns"), [("", True), (FAIL, True), (PASS, False)])
async def test_the_page_warns_whose_address_may_be_an_innocent_s_and_asks_to_weigh_it(counter, verdict, warns):
    case = await counter.take_mail(f"{verdict}\n{FROM}\nReply-To: {LOOK_ALIKE}".strip())
    page = await counter.page(case)
    assert (WARNING in page) is warns
    assert ALICE in page.split("Envois abusifs")[1], "it is not said whose receipts would stop"
    async with an_agent(hall := counter.hall()) as browser:
        form = {name: field_of(page, name) for name in ("once",)}
        form["form_token"] = field_of((await browser.get(f"/demandes/{case.reference}")).text, "form_token")
        form |= {"ground": "number", "abuse_reason": "Trente par jour."}
        answer = await browser.post(f"/demandes/{case.reference}/abus", data=form)
    assert answer.status_code == (422 if warns else 303)
    assert len(hall.publisher.published) == (0 if warns else 1)


@pytest.mark.parametrize(
    "spelling",
    ["Alice.Bernard@COURRIEL.example", "alice.bernard+2@courriel.example", '"alice.bernard"@courriel.example'],
)
async def test_another_spelling_of_her_address_brings_a_sender_s_receipts_back_to_nobody(counter, spelling):
    await declare(counter, await counter.take_mail(f"{PASS}\n{FROM}", name="first"))
    assert is_silent(counter, await counter.take_mail(f"{PASS}\nFrom: {spelling}", name="spelt"))
    assert is_silent(counter, await counter.take_mail(f"From: {spelling}", name="without the verdict"))
    other = await counter.take_mail(f"{PASS}\nFrom: alice.b@courriel.example", name="somebody else")
    assert not is_silent(counter, other)


async def test_a_declaration_reaches_no_other_sector(counter):
    case = await counter.take_mail(f"{PASS}\n{FROM}", name="first")
    await declare(counter, case, sector="social")
    [refused] = [each for each in counter.publisher.on(CASE_EVENTS) if isinstance(each, CommandRefused)]
    assert refused.why == "case-moved"
    assert not is_silent(counter, await counter.take_mail(f"{PASS}\n{FROM}", name="second"))
