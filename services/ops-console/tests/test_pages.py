import re
from pathlib import Path

import httpx
import pytest
import yaml

from guichet.contracts.topics import TOPICS
from guichet.runtime.overview import Overview, SpendingStanding
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.overviews import LAG, a_busy_overview, an_overview
from ops_console.domain.alarms.alarm_words import UNKNOWN, WORDS
from ops_console.entry.pages import HERE, build_pages, build_templates
from ops_console.handlers.board import Board
from ops_console.handlers.expose_metrics import OURS
from ops_console.handlers.read_handbook import read_handbook

HANDBOOK = Path(__file__).parents[3] / "docs" / "operations.md"


async def asked(overview: Overview | None, path: str = "/", host: str = "127.0.0.1:8002") -> httpx.Response:
    board = Board()
    if overview:
        await board.put(overview)
    web = build_pages(board, build_templates("Saint-Aubin", FACTS), read_handbook(HANDBOOK), hosts=["127.0.0.1"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url=f"http://{host}") as http:
        return await http.get(path)


async def test_alarms_come_first_each_with_its_entry() -> None:
    page = (await asked(a_busy_overview(LAG))).text
    assert page.index("1 alerte") < page.index("/consignes#alarm-lag") < page.index('id="file-inbound-email"')
    assert "/consignes#reason-unreadable" in page
    assert "depuis 6\u00a0min" in page
    assert "pas prêt (mongodb, vault)" in page


async def test_what_a_service_removed_because_its_time_was_over_is_counted() -> None:
    calm = an_overview()
    services = [
        each.model_copy(update={"removed": {"sessions": 1200, "inbound-sms": 34}})
        if each.service == "gdpr-worker"
        else each
        for each in calm.services
    ]
    page = (await asked(calm.model_copy(update={"services": tuple(services)}))).text
    assert page.count("Supprimés à échéance") == 1
    assert re.search(r"1\s200 <code>sessions</code>, 34 <code>inbound-sms</code>", page)


@pytest.mark.parametrize(
    ("language", "shown"), [("fr", ("1\u202f234,50\u00a0€", "aucun", "61 %")), ("en", ("€1,234.50", "none", "61 %"))]
)
async def test_what_letters_cost_stands_beside_its_caps(language: str, shown: tuple[str, ...]) -> None:
    day = SpendingStanding(account="twilio", period="day", currency="EUR", amount=12, units=150)
    month = day.model_copy(update={"period": "month", "amount": 1234.5, "units": 15000, "cap": 2000})
    overview = an_overview().model_copy(update={"spending": (day, month)})
    page = (await asked(overview, f"/?langue={language}")).text
    assert all(each in page for each in shown)
    assert "SMS, WhatsApp <code>twilio</code>" in page


@pytest.mark.parametrize(("language", "says"), [("fr", "Reçus\xa0: SMS, WhatsApp"), ("en", "Received: SMS, WhatsApp")])
async def test_what_comes_in_is_told_by_the_titles_of_its_channels(language: str, says: str) -> None:
    assert says in (await asked(an_overview(), f"/?langue={language}")).text


async def test_quiet_is_said_in_both_languages() -> None:
    assert "Tout va bien" in (await asked(an_overview())).text
    assert "All is well" in (await asked(an_overview(), "/?langue=en")).text


async def test_a_broker_that_is_away_is_no_all_clear() -> None:
    page = (await asked(an_overview(broker_answers=False))).text
    assert "Tout va bien" not in page
    assert "Kafka ne répond pas" in page


async def test_before_the_first_look_nothing_is_claimed() -> None:
    assert "Première mesure en cours" in (await asked(None)).text
    assert (await asked(None, "/api/overview")).status_code == 503


async def test_the_overview_is_json_that_reads_back() -> None:
    answer = await asked(an_overview(LAG), "/api/overview")
    assert Overview.model_validate_json(answer.content) == an_overview(LAG)


async def test_the_handbook_has_every_alarms_entry() -> None:
    for page in ((await asked(None, "/consignes")).text, (await asked(None, "/consignes?langue=en")).text):
        anchors = re.findall(r' id="([^"]+)"', page)
        assert {f"alarm-{alarm}" for alarm in WORDS} <= {*anchors}
        assert len(anchors) == len({*anchors}), "each anchor once"
        assert {*re.findall(r'href="#([^"]+)"', page)} <= {*anchors}


@pytest.mark.parametrize("alarm", [*WORDS])
async def test_whoever_is_called_at_night_reads_in_french_what_to_do(alarm: str) -> None:
    page = (await asked(None, "/consignes")).text
    entry = page.partition(f'id="alarm-{alarm}"')[2].partition("<h3")[0]
    assert f"Alerte <code>{alarm}</code>" in entry
    assert "<strong>À faire\N{NO-BREAK SPACE}:</strong>" in entry
    assert f'href="#en-alarm-{alarm}"' in entry, "and from there all of it"


async def test_a_foreign_name_is_refused() -> None:
    assert (await asked(an_overview(), host="evil.example")).status_code == 400


async def test_pages_keep_to_themselves() -> None:
    headers = (await asked(an_overview())).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_every_word_has_its_english() -> None:
    assert build_templates("x", FACTS).untranslated() == set()
    known = yaml.safe_load((HERE / "catalogue" / "en.yaml").read_text())
    spoken = {text for words in [*WORDS.values(), UNKNOWN] for text in (words.title, words.remedy)}
    assert spoken - set(known) == set()


def test_the_console_tells_prometheus_its_own_verdicts_only() -> None:
    assert {alarm.value for alarm in OURS} == {"dead-letter", "lag", "service-down", "part-away"}


@pytest.mark.parametrize("path", ["/static/live.js", "/static/console.css", "/static/idiomorph-0.8.0.min.js"])
async def test_what_the_page_needs_is_served_from_here(path: str) -> None:
    assert (await asked(None, path)).status_code == 200


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
async def test_no_topic_of_the_registry_is_without_words_in_either_language(topic: str) -> None:
    overview = an_overview().model_copy(
        update={"topics": (an_overview().topics[0].model_copy(update={"topic": topic}),)}
    )
    words = [
        re.findall(r'<span class="gloss">(.*?)</span>', (await asked(overview, path)).text)
        for path in ("/", "/?langue=en")
    ]
    assert all(found and found[0] for found in words), f"{topic} has no words: {words}"
    assert words[0] != words[1], f"{topic} has no English words: {words}"
