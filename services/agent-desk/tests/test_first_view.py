"""What a browser is sent for the first page that an agent opens: few enough bytes for a slow line."""

from datetime import timedelta

from playwright.async_api import Browser, expect

from agent_desk.domain.list_pages import ROWS
from guichet.case.record import CaseDue, CaseRecord
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.desk_in_browser import signed_in_page
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail
from guichet_testing.real.pages import FIRST_VIEW_BYTES, weight_of

SAID = (
    "Bonjour, depuis lundi soir le lampadaire qui est devant le 12 de la rue des Lilas reste éteint toute la nuit. Merci"
    " de faire le nécessaire : les enfants rentrent de l’école à pied, et il fait nuit à cinq heures."
)


async def test_a_list_and_a_case_beside_it_are_light(chromium: Browser, hall: TownHall, cases: dict[str, CaseRecord]):
    for number in range(ROWS):
        writes = mail(f"marie-christine.delaunay-{number}@courriel.example")
        who = await hall.register("Marie-Christine Delaunay", writes)
        subject = "Lampadaire éteint rue des Lilas depuis lundi soir"
        due = CaseDue(clock="are", due_on=ARRIVED.date() + timedelta(days=number % 9 - 2))
        await hall.open_case(
            f"many-{number}", subject=subject, text=SAID, citizen=who, sender=(writes,), minutes=number, due=due
        )
    async with signed_in_page(chromium, hall.web(), "karim.haddad", "desk") as page:
        for address in ("/demandes", f"/demandes/{cases['hole'].reference}"):
            weight = await weight_of(page, address)
            await expect(page.locator(".rows tbody tr")).to_have_count(ROWS)
            assert {address, "/static/desk.css", "/static/desk.js"} <= weight.keys()
            assert any(each.endswith(".woff2") for each in weight)
            assert sum(weight.values()) <= FIRST_VIEW_BYTES, weight
