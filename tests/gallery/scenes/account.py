"""What is an agent's own: to sign in, a password, a code, absences, on-call times, preferences, what reaches them."""

from datetime import date, timedelta
from typing import Final

from playwright.async_api import expect
from pyotp import TOTP

from guichet.ids import AgentId, EventId
from guichet.law.calendar import paris_date
from guichet.store.agents.absences import Absence
from guichet.store.agents.news import AgentNews, NewsKind, ReachedDay, news_id
from guichet.store.agents.on_call import OnCall
from guichet.store.agents.staff import entry_of
from guichet.town.staff.overlay import Overlay, StaffKind
from guichet_testing.doors.beside_a_provider import a_client
from guichet_testing.doors.busy_desk import a_busy_morning
from guichet_testing.doors.desk_on_twins import PASSWORD, TownHall
from guichet_testing.doors.feigned_provider import CLIENT_SECRET, ISSUER
from tests.gallery.exhibit import Exhibit, State
from tests.gallery.visit import HELENE, KARIM, Visit

SIGN_IN, CODE, PASSWORDS = "GET /connexion", "GET /connexion/code", "GET /mot-de-passe"
FACTOR, ABSENCES, ON_CALL = "GET /double-authentification", "GET /absences", "GET /astreinte"
PREFERENCES, NEWS = "GET /preferences", "GET /pour-moi"
_KARIM: Final = AgentId("agent-12")
_CLAIRE: Final = AgentId("agent-11")
_DAY: Final = timedelta(days=1)
_BESIDE_A_PROVIDER: Final = a_client(ISSUER, "http://127.0.0.1", CLIENT_SECRET)  # which answers nothing


async def _sign_in(visit: Visit) -> None:
    await visit.enter(TownHall(), None)
    await visit.goto("/connexion")


async def _sign_in_by_a_provider(visit: Visit) -> None:
    await visit.enter(TownHall(client=_BESIDE_A_PROVIDER), None)
    await visit.goto("/connexion")


async def _provider_away(visit: Visit) -> None:
    await visit.enter(TownHall(client=_BESIDE_A_PROVIDER), None)
    await visit.goto("/connexion/fournisseur")


async def _wrong_password(visit: Visit) -> None:
    await _sign_in(visit)
    await visit.page.locator("#name").fill(KARIM)
    await visit.page.locator("#password").fill("un autre")
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _unassigned(visit: Visit) -> None:
    hall = TownHall()
    today = hall.clock.now.date()
    karim = hall.town.agent(_KARIM).model_copy(update={"starts": today + 3 * _DAY})
    await hall.staff.put(entry_of(Overlay(StaffKind.AGENT, _KARIM, karim), at=hall.clock.now, by=None), over=None)
    await visit.enter(hall)
    await visit.goto("/demandes")


# --- password and code


async def _password(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/mot-de-passe")


async def _newcomer(visit: Visit) -> None:
    hall = TownHall()
    account = await hall.accounts.find(_KARIM)
    assert account is not None
    await hall.accounts.replace(account, account.model_copy(update={"must_change": True}))
    await visit.enter(hall)
    await visit.goto("/mot-de-passe")


async def _not_the_same(visit: Visit) -> None:
    await _password(visit)
    for field, words in (("current", PASSWORD), ("password", "trois pommes et un vélo"), ("again", "trois pommes")):
        await visit.page.locator(f"#{field}").fill(words)
    await visit.page.locator("form.card, main form").first.evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _enrol(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/double-authentification")


async def _enrol_wrong(visit: Visit) -> None:
    await _enrol(visit)
    await _give(visit, "000000")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _enrolled(visit: Visit) -> TownHall:
    hall = TownHall()
    await visit.enter(hall)
    await visit.goto("/double-authentification")
    secret = (await visit.page.locator(".secret").inner_text()).replace(" ", "")
    await _give(visit, TOTP(secret).at(hall.clock.now))
    await expect(visit.page.locator(".codes li")).to_have_count(8)
    return hall


async def _give(visit: Visit, code: str) -> None:
    await visit.page.locator("#code").fill(code)
    await visit.page.locator("#password").fill(PASSWORD)
    await visit.page.keyboard.press("Enter")


async def _recovery_codes(visit: Visit) -> None:
    await _enrolled(visit)


async def _second_factor(visit: Visit) -> None:
    await _enrolled(visit)
    await visit.goto("/double-authentification")
    for summary in await visit.page.locator("#contenu summary").all():
        await summary.click()


async def _code(visit: Visit) -> None:
    await _enrolled(visit)
    await visit.context.clear_cookies()
    await visit.goto("/connexion")
    await visit.page.locator("#name").fill(KARIM)
    await visit.page.locator("#password").fill(PASSWORD)
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_label("Code à six chiffres")).to_be_visible()


async def _wrong_code(visit: Visit) -> None:
    await _code(visit)
    await visit.page.get_by_label("Code à six chiffres").fill("000000")
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_role("alert")).to_be_visible()
    await visit.page.get_by_text("Sans votre téléphone ?").click()


# --- absences and on-call times


async def _no_absence(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/absences")


async def _absences(visit: Visit) -> None:
    hall = TownHall()
    for nth, stand_in in enumerate((AgentId("agent-19"), None)):
        begins = hall.clock.now + timedelta(days=20 * nth - 1)
        away = Absence(
            _id=f"away-{nth}", agent=_KARIM, begins=begins, ends=begins + 9 * _DAY, stand_in=stand_in, stated_by=_KARIM
        )
        hall.absences.absences[away.absence_id] = away
    await visit.enter(hall)
    await visit.goto("/absences")


async def _absence_wrong(visit: Visit) -> None:
    hall = TownHall()
    await visit.enter(hall, HELENE)
    await visit.goto("/absences")
    today = paris_date(hall.clock())
    await visit.page.locator("#first").fill(str(today + 9 * _DAY))
    await visit.page.locator("#last").fill(str(today))
    await visit.page.locator("form:has(#first)").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


async def _nobody_on_call(visit: Visit) -> None:
    await visit.enter(TownHall(), HELENE)
    await visit.goto("/astreinte?service=voirie")


async def _on_call(visit: Visit) -> None:
    hall = TownHall()
    for nth, agent in enumerate((_KARIM, AgentId("agent-19"), _KARIM)):
        begins = hall.clock.now + timedelta(days=7 * nth + nth // 2)
        period = OnCall(
            _id=f"period-{nth}", department="voirie", agent=agent, begins=begins, ends=begins + 7 * _DAY, stated_by="x"
        )
        hall.on_call.periods[period.period_id] = period
    await visit.enter(hall, HELENE)
    await visit.goto("/astreinte?service=voirie")


async def _on_call_wrong(visit: Visit) -> None:
    await _nobody_on_call(visit)
    await visit.page.locator("form:has(#first)").evaluate("form => { form.noValidate = true; form.submit() }")
    await expect(visit.page.get_by_role("alert")).to_be_visible()


# --- preferences and news


async def _preferences(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/preferences")


async def _no_news(visit: Visit) -> None:
    await visit.enter(TownHall())
    await visit.goto("/pour-moi")


async def _news(visit: Visit) -> None:
    hall = TownHall()
    cases = await a_busy_morning(hall)
    hall.cases.put(cases["hole"].model_copy(update={"call_back_at": hall.clock()}))
    for kind in NewsKind:
        by = None if kind in (NewsKind.BACK, NewsKind.DUE) else _CLAIRE
        reached = ReachedDay(clock="are", stage="late", on=date(2026, 5, 7)) if kind is NewsKind.DUE else None
        named = news_id(_KARIM, EventId(kind), kind)
        of = cases["lamp" if kind is NewsKind.MENTION else "hole"]
        about = {"agent": _KARIM, "case_id": of.case_id, "kind": kind, "by": by, "at": hall.clock(), "reached": reached}
        await hall.news.add([AgentNews(_id=named, **about)])
    await visit.enter(hall)
    await visit.goto("/pour-moi")


SCENES: Final = (
    Exhibit("connexion", SIGN_IN, State.USUAL, _sign_in, at_night=True),
    Exhibit("connexion-fournisseur", SIGN_IN, State.USUAL, _sign_in_by_a_provider),
    Exhibit("connexion-refusee", SIGN_IN, State.REFUSED, _wrong_password),
    Exhibit("connexion-fournisseur-absent", "GET /connexion/fournisseur", State.HELPER_AWAY, _provider_away),
    Exhibit("sans-poste", "GET /demandes", State.DENIED, _unassigned),
    Exhibit("mot-de-passe", PASSWORDS, State.USUAL, _password),
    Exhibit("mot-de-passe-premier", PASSWORDS, State.ASKED_FIRST, _newcomer),
    Exhibit("mot-de-passe-refuse", PASSWORDS, State.REFUSED, _not_the_same),
    Exhibit("code-a-ajouter", FACTOR, State.EMPTY, _enrol),
    Exhibit("code-a-ajouter-refuse", FACTOR, State.REFUSED, _enrol_wrong),
    Exhibit("codes-de-secours", "POST /double-authentification", State.DONE, _recovery_codes),
    Exhibit("code-ajoute", FACTOR, State.USUAL, _second_factor),
    Exhibit("code-demande", CODE, State.USUAL, _code),
    Exhibit("code-refuse", CODE, State.REFUSED, _wrong_code),
    Exhibit("absences-aucune", ABSENCES, State.EMPTY, _no_absence),
    Exhibit("absences", ABSENCES, State.USUAL, _absences),
    Exhibit("absences-refusee", ABSENCES, State.REFUSED, _absence_wrong),
    Exhibit("astreinte-personne", ON_CALL, State.EMPTY, _nobody_on_call),
    Exhibit("astreinte", ON_CALL, State.USUAL, _on_call),
    Exhibit("astreinte-refusee", ON_CALL, State.REFUSED, _on_call_wrong),
    Exhibit("preferences", PREFERENCES, State.USUAL, _preferences),
    Exhibit("pour-moi-rien", NEWS, State.EMPTY, _no_news),
    Exhibit("pour-moi", NEWS, State.USUAL, _news, at_night=True),
)
