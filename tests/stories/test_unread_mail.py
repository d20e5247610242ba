"""A mail that breaks whoever reads it is a request all the same: the law asks no program's opinion."""

import httpx
import pytest
from playwright.async_api import expect

from guichet_testing.town.lmtp_client import LmtpClient

pytestmark = [pytest.mark.story, pytest.mark.real]

PARTS_WITHOUT_END = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\n\n\n" * 1100
MAIL = (
    b"From: =?utf-8?q?Ngoc_Anh_Tr=E1=BA=A7n?= <ngoc-anh@ailleurs.example>\r\nTo: contact@mairie.example\r\n"
    b"Subject: =?utf-8?q?L=27ascenseur_est_en_panne?=\r\nDate: Mon, 02 Mar 2026 10:30:00 +0100\r\n"
    b"Message-ID: <unread-1@ailleurs.example>\r\n" + PARTS_WITHOUT_END
)


async def alarms(guichet) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{guichet.addresses['ingest-email-health']}/metrics")).text


async def test_a_mail_that_breaks_its_reader_is_a_case_with_its_receipt_and_the_mail_attached(
    sandbox, sign_in, guichet
):
    host, port = guichet.addresses["ingest-email-lmtp"].removeprefix("lmtp://").rsplit(":", 1)
    async with LmtpClient(host, int(port)) as mail_server:
        assert await mail_server.deliver("ngoc-anh@ailleurs.example", ["contact@mairie.example"], MAIL) == [250]

    # Who wrote has the receipt that the law owes them.
    receipt = await sandbox.wait_for_mail(address="ngoc-anh@ailleurs.example")
    assert receipt.header("Auto-Submitted") == "auto-replied"

    # Those who sort by hand find it under the words that could be read, and are told what happened and what to do.
    desk = await sign_in("claire.dumas")
    row = desk.get_by_role("row").filter(has_text="L'ascenseur est en panne")
    await expect(row).to_be_visible()
    await row.get_by_role("link").first.click()
    await expect(desk.get_by_text("Guichet n’a pas pu lire ce message")).to_be_visible()
    await expect(desk.get_by_text("ne l’ouvrez pas")).to_be_visible()
    await expect(desk.get_by_text("ngoc-anh@ailleurs.example").first).to_be_visible()

    # The mail as it came is there, as a file that opens nowhere by itself.
    async with desk.expect_download() as download:
        await desk.get_by_role("link", name="courriel-complet.eml").click()
    kept = (await (await download.value).path()).read_bytes()
    assert kept.replace(b"\r\n", b"\n").rstrip() == MAIL.replace(b"\r\n", b"\n").rstrip()

    # Operations hear of it.
    assert 'guichet_alarm{alarm="unread",cause="inbound-email:unreadable"} 1.0' in await alarms(guichet)
