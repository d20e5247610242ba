"""The form from the browser to the broker: thanked only after the broker has confirmed, once, and nothing typed is lost."""

import io
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citizen_portal.domain.contact_form import BODY_BYTES, LONGEST, ContactForm, read_contact_form
from citizen_portal.domain.form_mark import VALID, is_valid, new_mark
from citizen_portal.entry.pages import FORMS_PER_ADDRESS, WINDOW
from guichet.contracts.inbound_content import Identifier
from guichet_testing.builders.case import ARRIVED
from guichet_testing.doors.portal_on_twins import KEY


def no_file():
    """What a browser sends for an empty file field."""
    return [("files", ("", b"", "application/octet-stream"))]


async def send(browser, form, files=None):
    return await browser.post("/", data=form, files=files or no_file())


async def test_a_form_becomes_one_sealed_message_on_the_portals_topic(browser, counter, filled_in):
    answer = await send(browser, {**filled_in, "phone": "06 39 98 12 34"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/merci")
    assert "votre message est enregistré" in (await browser.get("/merci")).text
    (event,) = counter.received
    assert (event.channel, event.accounts, event.received_at) == (
        "portal", ("contact@mairie.example",), counter.clock.now,
    )  # fmt: skip
    content = await counter.open(event)
    assert content.sender == (
        Identifier(kind="email", value="Jeanne.Moreau@courriel.example"),
        Identifier(kind="phone", value="06 39 98 12 34"),
    )
    assert (content.display_name, content.subject) == ("Jeanne Moreau", "Nid-de-poule")
    assert content.text == "Bonjour,\nUn trou devant l’école."


async def test_nothing_of_the_citizen_is_in_clear_on_the_topic(browser, counter, filled_in):
    await send(browser, filled_in, [("files", ("Moreau.pdf", b"%PDF secret", "application/x-moreau"))])
    (publication,) = counter.publisher.published
    wire = publication.event.model_dump_json() + publication.record_key
    for word in ("Jeanne", "jeanne", "Moreau", "moreau", "courriel", "Nid", "trou", "secret"):
        assert word not in wire
    assert b"secret" not in b"".join(counter.objects.objects.values())


async def test_a_double_click_is_one_message(browser, counter, filled_in):
    files = [("files", ("plan.pdf", b"%PDF", "application/pdf"))]
    for _ in range(2):
        assert (await send(browser, filled_in, files)).status_code == 303
    first, second = counter.received
    assert first.message_id == second.message_id
    assert first.event_id == second.event_id


@pytest.mark.parametrize("change", ["message", "files", "mark"])
async def test_what_differs_is_another_message(browser, counter, filled_in, change):
    await send(browser, filled_in)
    other = {"message": {"message": "Autre"}, "mark": {"mark": new_mark(KEY, counter.clock.now)}, "files": {}}[change]
    files = [("files", ("plan.pdf", b"%PDF", "application/pdf"))] if change == "files" else None
    await send(browser, {**filled_in, **other}, files)
    assert len({event.message_id for event in counter.received}) == 2


@pytest.mark.parametrize("part", ["publisher", "vault"])
async def test_while_a_part_is_away_nobody_is_thanked_and_the_text_is_kept(browser, counter, filled_in, part):
    getattr(counter, part).away = True
    answer = await send(browser, {**filled_in, "message": "Texte <précieux>"})
    assert answer.status_code == 503
    assert "pas encore envoyé" in answer.text
    assert "Texte &lt;précieux&gt;" in answer.text
    assert f'value="{filled_in["mark"]}"' in answer.text
    assert counter.received == []
    getattr(counter, part).away = False
    assert (await send(browser, {**filled_in, "message": "Texte <précieux>"})).status_code == 303
    assert len(counter.received) == 1


async def test_files_away_refuses_a_form_that_has_some(browser, counter, filled_in):
    counter.objects.away = True
    answer = await send(browser, filled_in, [("files", ("plan.pdf", b"%PDF", "application/pdf"))])
    assert answer.status_code == 503
    assert "Joignez de nouveau vos fichiers" in answer.text


async def test_files_come_along_under_clean_names(browser, counter, filled_in):
    files = [
        ("files", ("C:\\Users\\jeanne\\photo.jpg", b"\xff\xd8" + b"x" * 2_000_000, "text/html")),
        ("files", ("plan.pdf", b"%PDF", "application/pdf")),
    ]
    assert (await send(browser, filled_in, files)).status_code == 303
    (event,) = counter.received
    content = await counter.open(event)
    assert [content.attachment_names[each.attachment_id] for each in event.attachments] == ["photo.jpg", "plan.pdf"]
    assert [each.content_type for each in event.attachments] == ["image/jpeg", "application/pdf"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "Indiquez votre nom."),
        ({"email": ""}, "Indiquez votre adresse"),
        ({"email": "jeanne"}, "Cette adresse électronique est incomplète"),
        ({"email": "jeanne@courriel"}, "Cette adresse électronique est incomplète"),
        ({"email": "a@b@c.example"}, "Cette adresse électronique est incomplète"),
        ({"email": "victime(1)@courriel.example"}, "Cette adresse électronique est incomplète"),
        ({"phone": "12"}, "Ce numéro de téléphone est incomplet"),
        ({"subject": ""}, "Indiquez l’objet"),
        ({"message": "\r\n"}, "Écrivez votre message."),
        ({"subject": "x" * 201}, "Ce texte est trop long"),
        ({"website": "http://spam.example"}, "Laissez cette case vide."),
    ],
)
async def test_a_mistake_is_said_above_and_beside_the_field_and_what_was_typed_stays(
    browser, counter, filled_in, change, says
):
    answer = await send(browser, {**filled_in, **change})
    assert answer.status_code == 422
    assert answer.text.count(says) == 2
    (field,) = change
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-wrong"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    for name, typed in {**filled_in, **change}.items():
        assert typed.strip().replace("\r", "") in answer.text, name
    assert counter.received == []


async def test_too_many_or_too_large_files_are_said(browser, counter, filled_in):
    many = [("files", (f"{number}.txt", b"x", "text/plain")) for number in range(6)]
    assert "Joignez 5 fichiers au plus" in (await send(browser, filled_in, many)).text
    large = [("files", ("film.mp4", b"x" * (8 * 1024 * 1024 + 1), "video/mp4"))]
    assert "Un fichier dépasse 8 Mio" in (await send(browser, filled_in, large)).text
    assert counter.received == []


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "multipart/form-data; boundary=x", "content-length": "999999999"}, b"", 413),
        ({"content-type": "application/json"}, b"{}", 415),
        ({"content-type": "multipart/form-data"}, b"x", 400),
        ({"content-type": "multipart/form-data; boundary=x; charset=punycode"}, b"--x--", 415),  # some codecs never end
        ({"content-type": 'multipart/form-data; charset=utf-8; boundary=x; Charset ="idna"'}, b"--x--", 415),
    ],
)
async def test_what_is_no_form_is_refused_with_a_page(browser, counter, headers, body, status):
    answer = await browser.post("/", content=body, headers=headers)
    assert answer.status_code == status
    assert "n’est pas envoyé" in answer.text


async def test_a_form_of_unknown_length_is_refused(browser):
    async def endless():
        yield b"--x"

    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert (await browser.post("/", content=endless(), headers=headers)).status_code == 411


@pytest.mark.parametrize("claimed", ["10", "0000000000000000000010"])
async def test_a_form_longer_than_it_claims_is_refused(browser, claimed):
    async def longer():
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(2 * BODY_BYTES // 1_000_000 + 2):  # as much again is let go of, that a browser hears the answer
            yield b"x" * 1_000_000
        raise AssertionError("read to its end")

    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": claimed}
    assert (await browser.post("/", content=longer(), headers=headers)).status_code == 413


async def test_an_old_or_forged_mark_brings_the_form_back_with_a_new_one(browser, counter, filled_in):
    for mark in ("", "forged", f"{filled_in['mark']}0"):
        answer = await send(browser, {**filled_in, "mark": mark})
        assert answer.status_code == 409
        assert "Nid-de-poule" in answer.text
    counter.clock.now += VALID + timedelta(seconds=1)
    assert (await send(browser, filled_in)).status_code == 409
    assert counter.received == []


async def test_a_flood_from_one_address_is_slowed_down_and_keeps_its_text(browser, counter, filled_in):
    for number in range(FORMS_PER_ADDRESS):
        assert (await send(browser, {**filled_in, "message": f"Message {number}"})).status_code == 303
    answer = await send(browser, filled_in)
    assert answer.status_code == 429
    assert "Un trou devant" in answer.text
    counter.clock.now += WINDOW
    assert (await send(browser, filled_in)).status_code == 303


async def test_files_never_touch_the_disk(browser, filled_in, monkeypatch):
    def no_disk(*_args: object, **_kwargs: object) -> object:
        raise AssertionError("a file went to the disk")

    monkeypatch.setattr("tempfile.TemporaryFile", no_disk)
    monkeypatch.setattr("tempfile._TemporaryFileWrapper", no_disk)
    files = [("files", ("large.bin", io.BytesIO(b"x" * 8_000_000), "application/octet-stream"))]
    assert (await send(browser, filled_in, files)).status_code == 303


@given(st.dictionaries(st.sampled_from([*LONGEST, "website", "other"]), st.text(), max_size=8))
def test_whatever_is_typed_is_a_message_or_says_what_is_wrong(fields):
    form = read_contact_form(fields, ())
    if not form.errors:
        assert form.content.model_dump_json()
        assert form.content.text.strip()


@given(st.text())
def test_no_text_is_a_valid_mark(text):
    assert not is_valid(KEY, text, ARRIVED)


def test_a_mark_is_valid_for_a_day():
    mark = new_mark(KEY, ARRIVED)
    assert is_valid(KEY, mark, ARRIVED + VALID)
    assert not is_valid(KEY, mark, ARRIVED + VALID + timedelta(seconds=1))
    assert not is_valid(KEY, mark, ARRIVED - timedelta(seconds=2))
    assert not is_valid(b"other" * 8, mark, ARRIVED)


def test_a_form_shows_no_word_when_printed():
    assert "Jeanne" not in repr(ContactForm(name="Jeanne", email="Jeanne", message="Jeanne"))


async def test_the_form_is_the_channel_that_the_town_switched_on(counter, filled_in):
    without = {name: policy for name, policy in counter.town.channels.items() if name != "portal"}
    counter.town = replace(counter.town, channels=without)
    transport = httpx.ASGITransport(counter.web())
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as browser:
        shown, sent = await browser.get("/"), await send(browser, filled_in)
        assert (shown.status_code, sent.status_code) == (404, 404)
        assert "<form" not in shown.text
        assert (await browser.get("/confidentialite")).status_code == 200
    assert counter.received == []
