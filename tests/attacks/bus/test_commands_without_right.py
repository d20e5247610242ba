"""True commands, signed by the desk, of agents who had no right to the case: as from a desk that obeys anybody."""

from datetime import timedelta
from typing import Any

import pytest

from guichet.ids import AgentId, DepartmentId
from guichet.rights.case_acts import CaseAct
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.alarms import Alarm
from guichet.store.agents.rights import BEGINNING, AgentRight, CommandGrant
from guichet_testing.builders.signers import a_signer
from tests.attacks.bus.attacked_router import LATER, AttackedRouter, attacked, signed_by

pytestmark = pytest.mark.real
DESK = a_signer("agent-desk")
A_MOMENT = timedelta(seconds=1)


@pytest.fixture
async def attack(kafka_server: Any):
    async with attacked(KafkaSettings(kafka_bootstrap_servers=kafka_server.bootstrap_servers)) as attack:
        yield attack


def may(attack: AttackedRouter, agent: str, *departments: str, since: Any = BEGINNING, **fields: Any) -> None:
    name = f"{agent}:{len(attack.rights.rights)}"
    theirs = tuple(map(DepartmentId, departments))
    attack.rights.rights[name] = AgentRight(_id=name, agent=AgentId(agent), departments=theirs, since=since, **fields)


def grant(department: str, acts: tuple[CaseAct, ...] = tuple(CaseAct), **limits: Any) -> CommandGrant:
    return CommandGrant(departments=(DepartmentId(department),), acts=acts, **limits)


async def test_an_agent_without_right_moves_no_social_case(attack: AttackedRouter) -> None:
    """Of another department; whom nobody knows; whose right ended; who was moved; who comes to it only later."""
    case, a_minute = attack.a_case("social"), timedelta(minutes=1)
    may(attack, "of-voirie", "voirie")
    may(attack, "has-left", "ccas", until=LATER - a_minute)
    may(attack, "was-moved", "ccas", until=LATER - a_minute)
    may(attack, "was-moved", "voirie", since=LATER - a_minute)
    may(attack, "comes-later", "ccas", since=LATER + a_minute)
    for agent in ("of-voirie", "nobody", "has-left", "was-moved", "comes-later"):
        indexed = await attack.refusal(signed_by(DESK, await attack.a_reroute(case, agent, by=agent)))
        assert (agent, indexed.letter.reason, indexed.letter.error) == (agent, "no-right", "NoRightError")
        assert attack.is_untouched(case), f"{agent} moved a case of the CCAS"
    assert attack.has_alarm(Alarm.NO_RIGHT)
    assert not attack.has_alarm(Alarm.FORGED)


OTHER_ACTS = tuple(act for act in CaseAct if act is not CaseAct.REROUTE)
LIMITED: dict[str, tuple[CommandGrant, ...]] = {
    "nothing": (),
    "every other act": (grant("ccas", acts=OTHER_ACTS),),
    "this act elsewhere": (grant("voirie"), grant("ccas", acts=OTHER_ACTS)),
    "cases of a procedure": (grant("ccas", procedures=("aide-sociale",)),),
    "cases that they took down": (grant("ccas", entered_by=("stand-in",)),),
    "until yesterday": (grant("ccas", until=LATER - timedelta(days=1)),),
    "from tomorrow on": (grant("ccas", since=LATER + timedelta(days=1)),),
}


async def test_an_agent_whose_grants_lack_the_act_the_case_or_the_day_moves_nothing(attack: AttackedRouter) -> None:
    """Their old right to every act, which has ended since, helps nobody."""
    case = attack.a_case("social")
    for number, (what, grants) in enumerate(LIMITED.items()):
        agent = f"stand-in-{number}"
        may(attack, agent, "ccas", until=LATER - timedelta(minutes=1))
        may(attack, agent, since=LATER - timedelta(minutes=1), grants=grants)
        indexed = await attack.refusal(signed_by(DESK, await attack.a_reroute(case, agent, by=agent)))
        assert (what, indexed.letter.reason) == (what, "no-right")
        assert attack.is_untouched(case), f"{what} moved a case of the CCAS"


async def test_an_assignments_last_day_is_judged_by_the_commands_own_time(attack: AttackedRouter) -> None:
    """And the acts that it takes may come from two assignments."""
    case = attack.a_case("social")
    may(attack, "stand-in", grants=(grant("voirie"), grant("ccas", acts=(CaseAct.REROUTE,), until=LATER + A_MOMENT)))
    await attack.producer.send([signed_by(DESK, await attack.a_reroute(case, "last", by="stand-in"))])
    await attack.is_moved(case, "voirie")


async def test_it_stays_refused_when_replayed_after_the_agent_was_given_the_right(attack: AttackedRouter) -> None:
    case = attack.a_case("social")
    indexed = await attack.refusal(signed_by(DESK, await attack.a_reroute(case, "early", by="agent-12")))
    may(attack, "agent-12", "ccas", since=LATER + timedelta(days=1))
    assert (await attack.replayed(indexed)).letter.reason == "no-right"
    assert attack.is_untouched(case)


async def test_a_true_command_keeps_its_signature_in_its_dead_letter(attack: AttackedRouter) -> None:
    """Given up because its case was missing (a store restored from an older backup), it is obeyed when replayed."""
    may(attack, "agent-17", "ccas")
    case = attack.a_case("social")
    command = await attack.a_reroute(case, "replayed", by="agent-17")
    del attack.cases.cases[case.case_id]
    indexed = await attack.refusal(signed_by(DESK, command))
    assert indexed.letter.reason == "unknown-case"
    attack.cases.cases[case.case_id] = case
    await attack.replay(indexed)
    await attack.is_moved(case, "voirie")


async def test_who_has_the_right_is_obeyed(attack: AttackedRouter) -> None:
    """Or the attacks above would prove nothing."""
    case = attack.a_case("social")
    may(attack, "agent-17", "ccas", until=LATER + timedelta(days=1))
    await attack.producer.send([signed_by(DESK, await attack.a_reroute(case, "true", by="agent-17"))])
    await attack.is_moved(case, "voirie")
