"""A command of which nothing comes (its case is erased, it lies among the dead letters) is not « en cours » for ever."""

from datetime import timedelta

import pytest

from guichet.contracts.topics import CASE_COMMANDS
from guichet.ids import AgentId

WORDS = "Texte <précieux>"
TYPED = ">Texte &lt;précieux&gt;</textarea>"
LONG = timedelta(minutes=11)


@pytest.fixture
def lamp(cases):
    return cases["lamp"]


async def given(karim, hall, lamp, fields, what="reponse", **form):
    """Send a form of which nothing comes; return where it led, and what the page there asks by itself."""
    page = await karim.get(f"/demandes/{lamp.reference}")
    hall.publisher.is_away = True
    answer = await karim.post(f"/demandes/{lamp.reference}/{what}", data={**fields(page), **form})
    there = answer.headers["location"]
    suite = there.partition("suite=")[2].partition("&")[0]
    return there, f"/demandes/suite?suite={suite}&de={lamp.reference}"


async def test_what_nothing_comes_of_is_not_under_way_for_ever(karim, hall, lamp, fields):
    there, asks = await given(karim, hall, lamp, fields, text=WORDS)
    hall.clock.now += timedelta(minutes=9)
    assert "en cours" in (await karim.get(asks)).text
    hall.clock.now += timedelta(minutes=2)
    for page in ((await karim.get(asks)).text, (await karim.get(there)).text):
        assert "Ne recommencez pas" not in page, "under way for ever"
        assert "Rien n’est venu confirmer l’envoi de la réponse" in page
        assert "/demandes/suite" not in page, "asks without end"


async def test_the_words_come_back_to_their_author_alone(karim, hall, lamp, fields):
    _, asks = await given(karim, hall, lamp, fields, text=WORDS)
    hall.clock.now += LONG
    back = (await karim.get(asks)).text.partition('<a href="')[2].partition('"')[0]
    page = await karim.get(back)
    assert page.status_code == 200
    assert TYPED in page.text
    assert "Rien n’est venu confirmer" in page.text
    [command] = hall.publisher.on(CASE_COMMANDS)
    answer = hall.messages.messages[command.outbound_id]
    hall.messages.messages[command.outbound_id] = answer.model_copy(update={"author": AgentId("agent-13")})
    assert "précieux" not in (await karim.get(back)).text


async def test_it_is_sent_again_as_another_command(karim, hall, lamp, fields):
    _, asks = await given(karim, hall, lamp, fields, text=WORDS)
    hall.clock.now += LONG
    back = (await karim.get(asks)).text.partition('<a href="')[2].partition('"')[0]
    form = {**fields(await karim.get(back)), "text": WORDS}
    hall.publisher.is_away = False
    answer = await karim.post(f"/demandes/{lamp.reference}/reponse", data=form)
    assert answer.headers["location"].endswith("fait=reponse")
    first, second = hall.publisher.on(CASE_COMMANDS)
    assert first.event_id != second.event_id


async def test_what_comes_of_it_late_is_told_all_the_same(karim, hall, lamp, fields):
    there, asks = await given(karim, hall, lamp, fields, text=WORDS)
    hall.clock.now += LONG
    await hall.publisher.decide(*hall.publisher.on(CASE_COMMANDS))
    for address in (asks, there):
        assert "Réponse prise en compte" in (await karim.get(address)).text


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("cloture", {}),
        ("transmission", {"department": "ccas", "reason": "Motif"}),
        ("abus", {"ground": "number", "abuse_reason": "Motif", "sure": "oui"}),
    ],
)
async def test_every_kind_says_so_and_leads_back(karim, hall, lamp, fields, what, form):
    there, asks = await given(karim, hall, lamp, fields, what, **form)
    hall.clock.now += LONG
    told = (await karim.get(asks)).text
    assert "Rien n’est venu confirmer" in told
    assert "hx-get" not in told
    assert (await karim.get(told.partition('<a href="')[2].partition('"')[0])).status_code == 200
    assert "Rien n’est venu confirmer" in (await karim.get(there)).text


async def test_on_an_erased_case_the_page_that_is_open_stops_too(karim, hall, lamp, fields):
    _, asks = await given(karim, hall, lamp, fields, text=WORDS)
    del hall.cases.cases[lamp.case_id]
    hall.clock.now += LONG
    told = (await karim.get(asks)).text
    assert "hx-get" not in told
    back = await karim.get(told.partition('<a href="')[2].partition('"')[0])
    assert back.status_code == 404


async def test_an_address_that_names_no_command_of_ours_gives_no_words(karim, hall, lamp):
    for suite, status in (("", 303), ("x", 303), ("reponse-" + "0" * 32 + "-1", 200)):
        page = await karim.get(f"/demandes/{lamp.reference}/saisie", params={"suite": suite})
        assert page.status_code == status
        assert "précieux" not in page.text
