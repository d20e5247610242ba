"""Jeanne's mail is taken for spam. Nobody answers it, nobody loses it, and her receipt tells the day on which it came."""

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import httpx
import pytest
from playwright.async_api import Page, expect

from guichet.contracts.topics import INBOUND_EMAIL
from guichet.town.long_dates import long_date
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.town.lmtp_client import LmtpClient
from guichet_testing.town.services import only
from guichet_testing.town.town import Town, all_is_handled, town_of
from guichet_testing.until import until

pytestmark = [
    *(pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)),
    pytest.mark.xdist_group("suspended mail"),  # has a Guichet of its own
]

NEEDED = ("ingest-email", "case-router", "notifier", "gdpr-worker", "agent-desk", "citizen-sandbox")
JEANNE, LURE = "jeanne.ferrand@ailleurs.example", "gagnez@ailleurs.example"
# What the town's own mail server writes above each mail: that it took it, and what rspamd thinks of it.
MAIL_YAML = "lmtp: { preset: postfix-rspamd, authserv_id: mx.mairie.example, spam: verdict }\n"


@pytest.fixture(scope="module")
def guichet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A town whose mail server tells what it takes for spam."""
    folder = tmp_path_factory.mktemp("suspended")
    town = shutil.copytree(EXAMPLE_TOWN, folder / "town", ignore=shutil.ignore_patterns("tests"))
    (town / "mail.yaml").write_text(MAIL_YAML)
    services = only(*NEEDED, lanes={"mail"})
    with LocalStack(folder / "guichet", settings={"GUICHET_TOWN": str(town)}, services=services) as stack:
        yield stack


@pytest.fixture
async def town(guichet: LocalStack) -> AsyncIterator[Town]:
    async with town_of(guichet) as town:
        await town.sandbox.reset()
        yield town


def now_in(town: Town) -> datetime:
    return datetime.now(UTC) + town.stack.move_clock(timedelta(0))


async def deliver(town: Town, sender: str, subject: str, text: str, *, spam: bool = True, **headers: str) -> datetime:
    """Have the town's mail server hand over a mail that it took a moment ago; return when that was."""
    taken = now_in(town).replace(microsecond=0)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "contact@mairie.example", subject
    mail["Date"], mail["Message-ID"] = format_datetime(taken), f"<{subject.encode().hex()}@ailleurs.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail["X-Spam"], mail["X-Rspamd-Action"] = ("Yes", "add header") if spam else ("No", "no action")
    mail.set_content(text)
    top = (
        f"Received: from mail.ailleurs.example (mail.ailleurs.example [192.0.2.66])\r\n"
        f"\tby mx.mairie.example (Postfix) with ESMTP id 6167B988113\r\n"
        f"\tfor <contact@mairie.example>; {format_datetime(taken)}\r\n"
    )
    host, port = town.stack.addresses["ingest-email-lmtp"].removeprefix("lmtp://").rsplit(":", 1)
    async with LmtpClient(host, int(port)) as server:
        whole = top.encode() + mail.as_bytes().replace(b"\n", b"\r\n")
        assert await server.deliver(sender, ["contact@mairie.example"], whole) == [250]
    await until(lambda: all_is_handled(town.offsets, [INBOUND_EMAIL]), "the router has seen it")
    return taken


async def alarm_of(town: Town) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{town.stack.addresses['case-router-health']}/metrics")).text


async def go_to_suspended(desk: Page, mails: int) -> None:
    link = desk.get_by_role("link", name="Courriels suspendus")
    await expect(link).to_contain_text(str(mails))
    await link.click()


async def test_a_citizens_mail_that_a_filter_suspects_is_released_and_keeps_its_date(town: Town, sign_in):
    known = len(town.documents("citizens"))
    taken = await deliver(town, JEANNE, "Acte de mariage", "Bonjour, je voudrais une copie de mon acte de mariage.")
    await deliver(town, LURE, "Vous avez gagné", "Cliquez vite.")
    assert town.documents("cases") == []
    assert len(town.documents("citizens")) == known, "nobody is entered for what may be spam"
    assert {each["suspended"]["state"] for each in town.documents("messages")} == {"waiting"}
    assert 'guichet_alarm{alarm="suspended-unseen"' not in await alarm_of(town)

    # Nobody looks for a week: on call hears of it.
    town.stack.move_clock(timedelta(days=7))
    await until(lambda: alarm_is_raised(town), "the alarm rises")
    assert await town.sandbox.entries(address=JEANNE) == [], "nothing was sent"

    # An agent with the right looks; one of the same department without it is told that there is no such page.
    claire = await sign_in("claire.dumas")
    await claire.goto(f"{town.stack.addresses['agent-desk']}/courriels-suspendus")
    await expect(claire.locator("h1")).to_have_text("Cette page n’existe pas")
    helene = await sign_in("helene.vasseur")
    await go_to_suspended(helene, mails=2)
    await helene.get_by_role("row").filter(has_text="Vous avez gagné").get_by_role("button", name="Indésirable").click()
    await expect(helene.get_by_role("status")).to_contain_text("Courriel confirmé comme indésirable")
    await helene.get_by_role("link", name="Acte de mariage").click()
    await expect(helene.get_by_text("je voudrais une copie de mon acte de mariage")).to_be_visible()
    await helene.get_by_role("button", name="Libérer").click()
    await expect(helene.get_by_role("status")).to_contain_text("Courriel libéré")
    town.stack.move_clock(timedelta(minutes=6))
    await until(lambda: alarm_is_over(town), "the alarm ends")

    # The receipt tells the day on which the town's server took the mail, a week ago; the case stands there.
    receipt = await town.sandbox.wait_for_mail(address=JEANNE)
    assert long_date(taken, "fr") in receipt.text
    await helene.get_by_role("link", name="Ouvrir la demande").click()
    await expect(helene.locator("h1")).to_have_text("Acte de mariage")
    await expect(helene.get_by_text("puis libéré par Hélène Vasseur")).to_be_visible()
    assert await town.sandbox.entries(address=LURE) == []

    # She answers that receipt; the filter suspects her again, and her words are in the case at once.
    await deliver(
        town,
        JEANNE,
        "Re: votre accusé",
        "J’ai oublié : nous nous sommes mariés en 1987.",
        In_Reply_To=receipt.header("Message-ID") or "",
    )
    await expect(helene.get_by_text("mariés en 1987")).to_be_visible()
    [case] = town.documents("cases")
    # The channel gives a date of whole seconds its own fraction of one (guichet.channel.date_of_receipt).
    assert case["received_at"].replace(tzinfo=UTC, microsecond=0) == taken

    # A month later the spam is gone, but for its bare id: a mailbox that is read anew brings nothing back.
    [lure] = [each for each in town.documents("messages") if (each.get("suspended") or {}).get("state") == "spam"]
    town.stack.move_clock(timedelta(days=31))
    await until(lambda: is_bare(town, lure["_id"]), "the round of confirmed spam")


def is_bare(town: Town, message: str) -> bool:
    return any(each["_id"] == message and "erased_at" in each for each in town.documents("messages"))


async def alarm_is_raised(town: Town) -> bool:
    return 'guichet_alarm{alarm="suspended-unseen",cause="accueil"} 1.0' in await alarm_of(town)


async def alarm_is_over(town: Town) -> bool:
    return 'guichet_alarm{alarm="suspended-unseen",cause="accueil"} 0.0' in await alarm_of(town)
