"""The page as a browser without scripts sees it: forms that post and come back."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest

from citizen_sandbox.web import words
from guichet_testing.doors.sandbox import Running, Town
from guichet_testing.town.sandbox_client import SandboxClient

PAGE = "/jouer/amina-benali"
CONTROLS = ("input", "textarea", "select")


@pytest.fixture
async def browser(sandbox: Running, citizens: SandboxClient) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.url, follow_redirects=True) as browser:
        yield browser


class Controls(HTMLParser):
    """Collects what must carry a label, and the labels."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.unlabelled: set[str] = set()
        self.labelled: set[str] = set()
        self._inside_label = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "label":
            self._inside_label = True
            self.labelled.add(attributes.get("for") or "")
        elif tag in CONTROLS and not self._inside_label and attributes.get("type") != "hidden":
            self.unlabelled.add(attributes.get("id") or "without id")

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._inside_label = False


async def test_the_first_page_shows_a_citizen_in_french(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/")).text
    assert '<html lang="fr">' in page
    for shown in ("Amina Benali", "+33639980101", "@amina_benali", "amina.benali@courriel.example"):
        assert shown in page


async def test_no_second_copy_of_a_mail_looks_like_another_mail(
    sandbox: Running, citizens: SandboxClient, browser: httpx.AsyncClient
) -> None:
    for name in ("<un@mairie.example>", "<un@mairie.example>", "<deux@mairie.example>"):
        mail = f"From: contact@mairie.example\r\nMessage-ID: {name}\r\nSubject: Recu\r\n\r\nBonjour\r\n".encode()
        await sandbox.take_mail(mail)
    await citizens.wait_for_mail("amina-benali")
    assert (await browser.get(PAGE)).text.count("même Message-ID") == 1


async def test_every_control_has_a_label(browser: httpx.AsyncClient) -> None:
    controls = Controls((await browser.get(PAGE)).text)
    assert controls.unlabelled - controls.labelled == set()


async def test_forms_send_on_all_three_channels(browser: httpx.AsyncClient, town: Town) -> None:
    page = (await browser.post(f"{PAGE}/sms", data={"text": "par SMS", "channel": "sms"})).text
    assert "par SMS" in page
    page = (await browser.post(f"{PAGE}/telegram", data={"text": "par Telegram"})).text
    assert "par Telegram" in page
    form = {"to": "voirie@mairie.example", "subject": "par mail", "text": "Bonjour"}
    files = {"files": ("trou.jpg", b"\xff\xd8", "image/jpeg")}
    page = (await browser.post(f"{PAGE}/mail", data=form, files=files)).text
    assert "par mail" in page
    assert "trou.jpg" in page
    assert page.count("Remis à la mairie") == 3
    assert town.mails[0][0].rcpt_tos == ["voirie@mairie.example"]


async def test_a_form_without_a_file_sends_none(browser: httpx.AsyncClient, town: Town) -> None:
    parts = [
        '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nBonjour\r\n',
        '--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n',  # as browsers do
        "Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n",
    ]
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await browser.post(f"{PAGE}/sms", content="".join(parts), headers=headers)
    assert answer.status_code == 200, answer.text
    assert town.requests[0].form["NumMedia"] == "0"


async def test_a_mail_is_forged_on_the_page(browser: httpx.AsyncClient, town: Town) -> None:
    form = {"to": "contact@mairie.example", "subject": "Bonjour", "text": "texte"}
    await browser.post("/jouer/amina-benali/mail", data=form)
    forged = form | {"proof": "fail", "answers_to": "amina.benali@courrie1.example"}
    await browser.post("/jouer/amina-benali/mail", data=forged)
    authentic, false = (content.decode() for _, content in town.mails)
    assert "dmarc=pass" in authentic
    assert "Reply-To" not in authentic
    assert "dmarc=fail" in false
    assert "Reply-To: amina.benali@courrie1.example" in false


async def test_texts_are_shown_as_texts_with_links_to_follow(browser: httpx.AsyncClient, town: Town) -> None:
    await browser.post(f"{PAGE}/sms", data={"text": "<script>alert(1)</script> http://127.0.0.1:8001/suivi/abc"})
    answer = await browser.get(PAGE)
    assert "<script>alert" not in answer.text
    assert 'href="http://127.0.0.1:8001/suivi/abc"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


async def test_answering_a_mail_fills_the_form_in(
    browser: httpx.AsyncClient, citizens: SandboxClient, town: Town
) -> None:
    sent = await citizens.send_mail("amina-benali", "Un trou", "Bonjour")
    page = (await browser.get(f"{PAGE}?reply={sent.id}")).text
    assert 'value="Re: Un trou"' in page
    assert f'name="reply_to" value="{sent.id}"' in page
    assert "&gt; Bonjour" in page


async def test_the_messages_alone_have_the_lists_that_the_script_looks_for(browser: httpx.AsyncClient) -> None:
    page = (await browser.get(f"{PAGE}/messages")).text
    assert set(re.findall(r'<ol id="(\w+)"[^>]*data-list', page)) == {"phone", "chat", "mail"}


async def test_trouble_can_be_ordered_and_taken_back(browser: httpx.AsyncClient, citizens: SandboxClient) -> None:
    page = (await browser.post(f"{PAGE}/incident", data={"trouble": "smtp-deferred", "count": 3})).text
    assert "refus temporaire (451) : encore 3 fois" in page
    page = (await browser.post(f"{PAGE}/calme")).text
    assert "Rien : tout marche." in page


async def test_emptying_forgets_every_message(browser: httpx.AsyncClient, citizens: SandboxClient, town: Town) -> None:
    await citizens.send_sms("amina-benali", "à oublier")
    page = (await browser.post(f"{PAGE}/vider")).text
    assert "à oublier" not in page


async def test_who_is_not_in_the_file_is_found_apart(
    browser: httpx.AsyncClient, citizens: SandboxClient, town: Town
) -> None:
    await citizens.send_sms(phone="+33639980199", text="inconnue au bataillon")
    assert "inconnue au bataillon" in (await browser.get("/jouer/inconnus")).text
    assert "inconnue au bataillon" not in (await browser.get(PAGE)).text
    assert (await browser.get("/jouer/personne")).status_code == 404


async def test_the_page_is_told_what_changed(sandbox: Running, citizens: SandboxClient, town: Town) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url) as browser, browser.stream("GET", f"{PAGE}/events") as events:
        await citizens.send_sms("louis-marchand", "pas pour cette page")
        sent = await citizens.send_sms("amina-benali", "pour cette page")
        async for line in events.aiter_lines():
            if line.startswith("data:"):
                assert line == f"data: {sent.id}"
                break


def test_sizes_as_people_read_them() -> None:
    assert [words.size(count) for count in (12, 3400, 2_500_000)] == ["12 o", "3 ko", "2,5 Mo"]
