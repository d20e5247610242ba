"""What comes back: an SMS that was not delivered, a case that was put off until tomorrow."""

from datetime import timedelta
from typing import Final

from playwright.async_api import expect

from tests.agents_day.arrivals import KNOWN
from tests.agents_day.day import KARIM, Day, done
from tests.agents_day.keyboard import Keyboard, row_of

FAILED_SMS: Final = "Find an SMS that failed, and why"
BY_MAIL: Final = "Send the same answer by mail instead"
PUT_OFF: Final = "Put a case off until tomorrow"
COMES_BACK: Final = "The next morning: find it among what is to be answered"
CROSSING: Final = "Passage piéton à repeindre"
TEXT: Final = "Un lampadaire clignote"
ANSWER: Final = "Réparé cette nuit."


async def failed_sms(day: Day, keys: Keyboard) -> None:
    """Answered by SMS, which never arrives; the list of what failed says so, and the case says why."""
    page = keys.page
    await page.goto("/demandes?canal=sms")  # of all cases it may stand on the second page by now
    await keys.at("**/demandes?canal=sms")
    await day.sandbox.misbehave("twilio-undelivered")
    await keys.to_row(TEXT)
    await keys.press("r")
    await expect(page.locator("#text")).to_be_focused()
    await keys.write(ANSWER)
    await keys.press("Control+Enter")
    await done(page, "Réponse prise en compte")
    await expect(page.locator(".delivery-failed").last).to_be_visible()
    async with keys.doing(FAILED_SMS, day.steps):
        await keys.press("Escape", "g", "e")
        await keys.at("**/demandes?vue=envoi-en-echec")
        await keys.to_row(TEXT)
        await keys.press("Enter")
        await expect(page.locator(".delivery-failed").last).to_be_visible()
    day.seen["why"] = (await page.locator(".delivery-failed").last.inner_text()).strip()


async def by_mail(day: Day, keys: Keyboard) -> None:
    """The same words, by the button beside what failed, to the mailbox where the registry knows her."""
    page = keys.page
    async with keys.doing(BY_MAIL, day.steps):
        await keys.press("r")  # the answer stands below what failed, and this is the shortest way there
        await expect(page.locator("#text")).to_be_focused()
        await keys.tab_to(page.get_by_role("button", name="Envoyer par courriel"), back=True)
        await keys.press("Enter")
        await keys.at("**/demandes/*reprise=*")
        await expect(page.locator("#text")).to_be_focused()
        await keys.press("Control+Enter")
        await done(page, "Réponse prise en compte")
    await day.sandbox.wait_for_mail(address=KNOWN[1], containing=ANSWER)


async def put_off(day: Day, keys: Keyboard) -> None:
    """From its row: it is gone from what is to be answered."""
    page = keys.page
    await day.comes(keys, CROSSING)
    await keys.to_row(CROSSING)
    async with keys.doing(PUT_OFF, day.steps):
        await keys.press("s")
        await expect(page.locator("#until")).to_be_focused()
        await keys.pick_day(day.today() + timedelta(days=1))
        await keys.press("Enter")
        await done(page, "Mise en attente")  # an open page tells the day before what was sent is answered
        await expect(page.locator(".case-head")).to_contain_text("Revient le")
    await keys.at("**/demandes/*")
    await keys.press("Escape", "g", "r")
    await keys.at("**/demandes?vue=a-repondre")
    await expect(row_of(page, CROSSING)).to_have_count(0)


async def comes_back(day: Day) -> None:
    """A day passes for every process of the town; the agent signs in, and it is there."""
    day.stack.move_clock(timedelta(days=1))
    async with day.at_the_desk(KARIM) as keys, keys.doing(COMES_BACK, day.steps):
        await keys.press("g", "r")
        await keys.at("**/demandes?vue=a-repondre")
        await keys.to_row(CROSSING)
        await keys.press("Enter")
        await expect(keys.page.locator(".case-head h1")).to_have_text(CROSSING)
