"""The town gets one mail by two routes, and one of them puts a banner into it: one message, one receipt."""

import pytest
from playwright.async_api import expect

from guichet_testing.town.lmtp_client import LmtpClient

pytestmark = [pytest.mark.story, pytest.mark.real]

WRITER = "perrine@ailleurs.example"
BANNER = "ATTENTION : ce courriel vient de l'extérieur. N'ouvrez pas ses pièces jointes."
TEXT = "Bonjour,\r\nun lampadaire penche au 4 rue des Forges.\r\nMerci."


def a_mail(*, subject: str, text: str, html: str) -> bytes:
    part = "--b\r\nContent-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n"
    head = (
        f"From: Perrine <{WRITER}>\r\nTo: contact@mairie.example\r\nSubject: {subject}\r\n"
        "Date: Mon, 02 Mar 2026 10:30:00 +0100\r\nMessage-ID: <deux-voies@ailleurs.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    )
    return (head + part.format("plain", text) + part.format("html", html) + "--b--\r\n").encode()


PLAIN = a_mail(subject="Lampadaire qui penche", text=TEXT, html="<p>Bonjour, un lampadaire penche.</p>")
TAGGED = a_mail(
    subject="[EXTERNE] Lampadaire qui penche",
    text=f"{BANNER}\r\n\r\n{TEXT}",
    html=f"<table><tr><td>{BANNER}</td></tr></table><p>Bonjour, un lampadaire penche.</p>",
)


async def test_a_mail_that_comes_with_a_banner_by_a_second_route_is_one_message(sandbox, sign_in, guichet):
    host, port = guichet.addresses["ingest-email-lmtp"].removeprefix("lmtp://").rsplit(":", 1)
    async with LmtpClient(host, int(port)) as mail_server:
        for mail, mailbox in (
            (PLAIN, "contact@mairie.example"),
            (TAGGED, "voirie@mairie.example"),
            (PLAIN, "contact@mairie.example"),
        ):
            assert await mail_server.deliver(WRITER, [mailbox], mail) == [250]

    receipt = await sandbox.wait_for_mail(address=WRITER)
    desk = await sign_in("karim.haddad")
    row = desk.get_by_role("row").filter(has_text="Lampadaire qui penche")
    await expect(row).to_have_count(1)
    await row.get_by_role("link").first.click()
    await expect(desk.get_by_text("Le même courriel est arrivé aussi par une autre voie.")).to_be_visible()
    await expect(desk.get_by_text("un lampadaire penche au 4 rue des Forges")).to_have_count(1)
    await expect(desk.get_by_text("N'ouvrez pas ses pièces jointes").first).to_be_visible()
    received = [each for each in await sandbox.entries(address=WRITER) if each.direction == "received"]
    assert [each.id for each in received] == [receipt.id]
