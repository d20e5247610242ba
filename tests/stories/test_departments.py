"""What an agent sees, and what does not exist for them."""

import re

import pytest
from playwright.async_api import expect

from citizen_sandbox.play.entry import Attachment

REFERENCE = re.compile(r"\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}")
pytestmark = [pytest.mark.story, pytest.mark.real]


async def case_of(desk, subject: str) -> str:
    row = desk.get_by_role("row").filter(has_text=subject)
    await expect(row).to_be_visible()
    return await row.get_by_role("link").first.get_attribute("href")


async def test_another_department_s_case_is_the_same_404_as_one_that_does_not_exist(sandbox, sign_in, guichet):
    social = await sign_in("fatou.diallo")
    payslip = Attachment(name="bulletin.pdf", media_type="application/pdf", content=b"%PDF-1.7 bulletin")
    await sandbox.send_mail(
        "louis-marchand", "Aide alimentaire", "Nous n’y arrivons plus.", to=["ccas@mairie.example"], files=[payslip]
    )
    address = await case_of(social, "Aide alimentaire")
    base = guichet.addresses["agent-desk"]
    await social.goto(f"{base}{address}")
    file = await social.get_by_role("link", name="bulletin.pdf", exact=True).get_attribute("href")

    roads = await sign_in("karim.haddad")
    for path in (address, f"{address}/fil", f"{address}/direct", file):
        if not path.endswith("/direct"):  # which answers for as long as one listens
            assert (await social.request.get(f"{base}{path}")).status == 200
        theirs = await roads.request.get(f"{base}{path}")
        nobodys = await roads.request.get(f"{base}{re.sub(REFERENCE, '2026-0000-000', path)}")
        assert theirs.status == nobodys.status == 404
        assert await theirs.text() == await nobodys.text()
    listed = await (await roads.request.get(f"{base}/demandes")).text()
    assert "Aide alimentaire" not in listed


async def test_a_case_is_handed_over_with_a_reason_and_leaves_the_first_list(sandbox, sign_in):
    front = await sign_in("claire.dumas")
    await sandbox.send_mail("thomas-lefevre-2", "Question sur mon quartier", "À qui dois-je m’adresser ?")
    await front.goto(front.url.split("/demandes")[0] + await case_of(front, "Question sur mon quartier"))
    await front.get_by_text("Transmettre à un autre service").click()
    await front.get_by_label("Service", exact=True).select_option("urbanisme")
    await front.get_by_label("Motif").fill("Relève du plan local d’urbanisme")
    await front.get_by_role("button", name="Transmettre", exact=True).click()
    await expect(front.get_by_text("Transmission prise en compte")).to_be_visible()

    planning = await sign_in("ines.caron")
    address = await case_of(planning, "Question sur mon quartier")
    await planning.get_by_role("row").filter(has_text="Question sur mon quartier").get_by_role("link").first.click()
    await expect(planning.get_by_text("Relève du plan local d’urbanisme")).to_be_visible()
    gone = await front.request.get(front.url.split("/demandes")[0] + address)
    assert gone.status == 404

    await planning.get_by_text("Clore la demande").click()
    await planning.get_by_label("Clore quand même").check()
    await planning.get_by_role("button", name="Clore", exact=True).click()
    await expect(planning.get_by_text("a clos la demande")).to_be_visible()
