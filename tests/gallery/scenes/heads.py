"""What heads and administrators see: figures, suspended mail, the staff."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from playwright.async_api import expect

from guichet.ids import AgentId, DepartmentId, UnitId
from guichet.law.calendar import paris_date
from guichet.store.cases.department_days import department_day
from guichet.town.organisation import Unit
from guichet_testing.builders.tampered import tampered
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.suspended_morning import SuspendedMorning, a_suspended_morning
from guichet_testing.twins.store.agents.accounts import InMemoryAgentAccounts
from tests.gallery.exhibit import Exhibit, Scene, State
from tests.gallery.visit import HELENE, Visit

FIGURES, DELAYS = "GET /mon-service", "GET /mon-service/delais"
HELD, ONE_HELD = "GET /courriels-suspendus", "GET /courriels-suspendus/{message}"
TEXTS: Final = "GET /administration/textes"
STAFF, SHEET = "GET /administration/{place}", "GET /administration/{place}/{key}"


async def _no_figures(visit: Visit) -> None:
    await visit.enter(TownHall(), HELENE)
    await visit.goto("/mon-service")


async def _figures(visit: Visit, path: str = "/mon-service") -> None:
    hall = TownHall()
    await a_busy_morning(hall)
    for nth in range(28):
        day = paris_date(hall.clock()) - timedelta(days=nth)
        numbers = {"received": 86 if nth == 12 else 20 + nth % 9, "answered": 18 + nth % 11, "closed": nth % 7}
        await hall.days.put([department_day(DepartmentId("voirie"), day, **numbers)])
    await visit.enter(hall, HELENE)
    await visit.goto(path)


async def _figures_of_one(visit: Visit) -> None:
    await _figures(visit, "/mon-service?service=voirie")
    for summary in await visit.page.locator(".panels summary").all():
        await summary.click()


async def _no_delays(visit: Visit) -> None:
    await visit.enter(TownHall(), HELENE)
    await visit.goto("/mon-service/delais")


async def _delays(visit: Visit, path: str = "/mon-service/delais") -> None:
    hall = TownHall()
    today = paris_date(hall.clock())
    for nth in range(0, 330, 3):
        counted = {"aee:met": 9, "are:met": 6 + nth % 5, "are:not-met": nth % 2, "closing:met-late": nth % 4}
        counted |= {"first-answer:met": 7, "first-answer:not-met": nth % 3, "silence:met": 2, "silence:rejected": 1}
        for department in ("voirie", "espaces-verts"):
            await hall.days.put_ended(DepartmentId(department), {today - timedelta(days=nth): counted})
    await visit.enter(hall, HELENE)
    await visit.goto(path)


async def _delays_of_one(visit: Visit) -> None:
    await _delays(visit, "/mon-service/delais?service=voirie")


# --- suspended mail


async def _none_held(visit: Visit) -> None:
    await visit.enter(TownHall(), HELENE)
    await visit.goto("/courriels-suspendus")


async def _held(visit: Visit) -> tuple[TownHall, SuspendedMorning]:
    hall = TownHall()
    mails = await a_suspended_morning(hall)
    await visit.enter(hall, HELENE)
    await visit.goto("/courriels-suspendus")
    return hall, mails


async def _held_list(visit: Visit) -> None:
    await _held(visit)


async def _held_letter(visit: Visit) -> None:
    _, mails = await _held(visit)
    await visit.goto(f"/courriels-suspendus/{mails.letter}")


async def _held_lure(visit: Visit) -> None:
    _, mails = await _held(visit)
    await visit.goto(f"/courriels-suspendus/{mails.lure}")


async def _confirmed(visit: Visit) -> None:
    await _held_lure(visit)
    await visit.page.get_by_role("button", name="Indésirable").click()
    await expect(visit.page.get_by_role("status")).to_contain_text("Courriel confirmé comme indésirable")


async def _refused(visit: Visit) -> None:
    hall, mails = await _held(visit)
    await visit.goto(f"/courriels-suspendus/{mails.letter}")
    hall.publisher.refuses = "already-released"
    await visit.page.get_by_role("button", name="Libérer").click()
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _held_tampered(visit: Visit) -> None:
    hall, mails = await _held(visit)
    document = hall.messages.messages[mails.letter]
    hall.messages.messages[mails.letter] = document.model_copy(update={"content": tampered(document.content)})
    await visit.goto(f"/courriels-suspendus/{mails.letter}")


async def _held_broker_away(visit: Visit) -> None:
    hall, mails = await _held(visit)
    await visit.goto(f"/courriels-suspendus/{mails.letter}")
    hall.publisher.away = True
    await visit.page.get_by_role("button", name="Libérer").click()
    await visit.page.wait_for_load_state()
    await expect(visit.page.get_by_role("alert")).to_be_visible()


# --- staff


def _administered() -> TownHall:
    """Return the town that Hélène Vasseur administers, with a unit, and Claire Dumas at the contact centre."""
    hall = TownHall()
    files = hall.town.staff
    agents = tuple(
        each.model_copy(update={"profile": "contact"}) if each.agent_id == AgentId("agent-11") else each
        for each in files.agents
    )
    units = {UnitId("technique"): Unit(label="Services techniques", departments=("voirie", "espaces-verts"))}
    hall.town = replace(hall.town, staff=replace(files, agents=agents, units=units))
    return hall


def _of_the_staff(path: str) -> Scene:
    async def scene(visit: Visit) -> None:
        await visit.enter(_administered(), HELENE)
        await visit.goto(f"/administration/{path}")

    return scene


async def _agent_wrong(visit: Visit) -> None:
    await _of_the_staff("agents/agent-12")(visit)
    await visit.page.locator("#starts").fill("2026-12-02")
    await visit.page.locator("#ends").fill("2026-12-01")
    await visit.page.get_by_role("button", name="Enregistrer").click()
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _given_an_account(visit: Visit) -> None:
    hall = _administered()
    others = [each for each in await hall.accounts.all() if each.agent_id != AgentId("agent-12")]
    hall.accounts = InMemoryAgentAccounts(*others)
    await visit.enter(hall, HELENE)
    await visit.goto("/administration/agents/agent-12")
    await visit.page.locator("form[action$='/compte'] button").first.click()
    await visit.page.wait_for_url("**/compte")


async def _why(visit: Visit) -> None:
    hall = _administered()
    cases = await a_busy_morning(hall)
    await visit.enter(hall, HELENE)
    await visit.goto("/administration/pourquoi")
    await visit.page.locator("#agent").select_option(label="Claire Dumas")
    await visit.page.locator("#demande").fill(cases["hole"].reference)
    await visit.page.get_by_role("button", name="Demander").click()
    await expect(visit.page.get_by_role("status")).to_contain_text("en synthèse")


async def _not_theirs(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/administration/agents")


SCENES: Final = (
    Exhibit("mon-service-rien", FIGURES, State.EMPTY, _no_figures),
    Exhibit("mon-service", FIGURES, State.USUAL, _figures, at_night=True),
    Exhibit("mon-service-un", FIGURES, State.ONE, _figures_of_one),
    Exhibit("delais-rien", DELAYS, State.EMPTY, _no_delays),
    Exhibit("delais", DELAYS, State.USUAL, _delays, at_night=True),
    Exhibit("delais-un", DELAYS, State.ONE, _delays_of_one),
    Exhibit("suspendus-aucun", HELD, State.EMPTY, _none_held),
    Exhibit("suspendus", HELD, State.USUAL, _held_list),
    Exhibit("suspendu", ONE_HELD, State.USUAL, _held_letter),
    Exhibit("suspendu-leurre", ONE_HELD, State.USUAL, _held_lure),
    Exhibit("suspendu-confirme", HELD, State.DONE, _confirmed),
    Exhibit("suspendu-refuse", ONE_HELD, State.REFUSED, _refused),
    Exhibit("suspendu-altere", ONE_HELD, State.TAMPERED, _held_tampered),
    Exhibit("suspendu-courtier-absent", ONE_HELD, State.BROKER_AWAY, _held_broker_away),
    Exhibit("personnel", STAFF, State.USUAL, _of_the_staff("agents")),
    Exhibit("personnel-profils", STAFF, State.USUAL, _of_the_staff("profils")),
    Exhibit("personnel-unites", STAFF, State.ONE, _of_the_staff("unites")),
    Exhibit("personnel-correspondances", STAFF, State.EMPTY, _of_the_staff("correspondances")),
    Exhibit("personnel-pas-a-soi", STAFF, State.DENIED, _not_theirs),
    Exhibit("personnel-agent", SHEET, State.USUAL, _of_the_staff("agents/agent-12")),
    Exhibit("personnel-agent-nouveau", SHEET, State.EMPTY, _of_the_staff("agents/nouveau")),
    Exhibit("personnel-agent-refuse", SHEET, State.REFUSED, _agent_wrong),
    Exhibit("personnel-profil", SHEET, State.USUAL, _of_the_staff("profils/contact")),
    Exhibit("personnel-unite", SHEET, State.USUAL, _of_the_staff("unites/technique")),
    Exhibit("personnel-correspondance", SHEET, State.EMPTY, _of_the_staff("correspondances/nouveau")),
    Exhibit("personnel-compte", "POST /administration/agents/{key}/compte", State.DONE, _given_an_account),
    Exhibit("personnel-pourquoi-vide", "GET /administration/pourquoi", State.EMPTY, _of_the_staff("pourquoi")),
    Exhibit("personnel-pourquoi", "POST /administration/pourquoi", State.DONE, _why),
    Exhibit("textes", TEXTS, State.USUAL, _of_the_staff("textes?lettre=receipt&canal=sms&demarche=terrasse")),
    Exhibit("textes-jamais", TEXTS, State.EMPTY, _of_the_staff("textes?lettre=another_way&canal=sms")),
)
