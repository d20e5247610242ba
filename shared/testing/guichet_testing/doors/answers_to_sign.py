"""What tests of answers that wait to be signed share: who writes and who signs, in a town of profiles."""

import re
from dataclasses import replace
from typing import Any

from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId, DepartmentId
from guichet.store.audit.trail import Act
from guichet.store.draft import WORDS, draft_of
from guichet.town.town import Town
from guichet.vault.fields import open_one
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.desk_on_twins import TownHall

DRAFTER, SIGNER = AgentId("writes-unsigned"), AgentId("answers")
VIEW = "/demandes?vue=a-signer"
TEXT = "Nous passons <mardi>."
SHOWN = "Nous passons &lt;mardi&gt;."


def here(case: Any, *further: str) -> str:
    """Return the address of a case, or of something below it."""
    return "/".join((f"/demandes/{case.reference}", *further))


def sheet(page: Any, **typed: str) -> dict[str, str]:
    """Return what the form of an answer that waits to be signed carries."""
    form = page.text.partition('id="a-signer"')[2].partition("</form>")[0]
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    ticks = ("then", "awaits_answer", "elsewhere", "despite")
    return {**{name: value for name, value in found.items() if name not in ticks}, **typed}


def draft_in(hall: TownHall, case: Any) -> Any:
    """Return what the author's draft is in a case."""
    return hall.drafts.drafts[draft_of(case.case_id, DRAFTER)]


async def words_of(hall: TownHall, case: Any) -> str:
    """Return what that says."""
    draft = draft_in(hall, case)
    return await open_one(hall.vault, WORDS.on(draft.draft_id, draft.words))


def given_by(hall: TownHall) -> list[Any]:
    """Return the commands that the desk gave."""
    return hall.publisher.on(CASE_COMMANDS)


async def disable(hall: TownHall, agent: AgentId) -> None:
    """Take an agent's account away."""
    account = await hall.accounts.find(agent)
    assert account is not None
    await hall.accounts.replace(account, account.model_copy(update={"disabled_at": hall.clock.now}))


def acts_of(hall: TownHall, agent: AgentId) -> list[Act]:
    """Return what the audit trail notes of an agent."""
    return [each.act for each in hall.audit.entries if each.agent == agent]


def wary_town() -> Town:
    """The streets department wants four eyes."""
    town = profiled_town()
    streets = town.departments[DepartmentId("voirie")].model_copy(update={"four_eyes": True})
    return replace(town, departments={**town.departments, DepartmentId("voirie"): streets})
