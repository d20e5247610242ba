"""The page of searches: what is found, said and noted, and what is not."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseOpened, CaseState
from guichet.contracts.inbound_content import InboundContent, Location
from guichet.ids import AgentId, MessageId
from guichet.store.agents.absences import Absence
from guichet.store.audit.trail import Act
from guichet.town.town_map import load_town_map
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.doors.filled_hall import mail
from guichet_testing.doors.searched_hall import searched

Cases = dict[str, CaseRecord]


@pytest.fixture
def hall() -> TownHall:
    return TownHall(town_map=load_town_map(EXAMPLE_TOWN))


@pytest.fixture
async def _files(hall: TownHall, cases: Cases, tmp_path: Path) -> AsyncIterator[None]:
    async with searched(hall, tmp_path / "search"):
        yield


async def look_for(browser: httpx.AsyncClient, typed: str) -> httpx.Response:
    """Type into the header's field, and return the page that answers."""
    page = (await browser.get("/recherche")).text
    token = re.search(r'name="form_token" value="([^"]*)"', page)[1]
    answer = await browser.post("/recherche", data={"form_token": token, "q": typed})
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


def main_of(page: httpx.Response) -> str:
    return page.text.partition("<main")[2].partition("</main>")[0]


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", main_of(page))))


def found(page: httpx.Response) -> list[str]:
    return re.findall(r'<h2><a href="/demandes/([^"]+)"', page.text)


@pytest.mark.usefixtures("_files")
async def test_a_case_is_found_by_a_word_and_the_word_is_marked(karim: httpx.AsyncClient, cases: Cases) -> None:
    page = await look_for(karim, "trou ecoles")
    assert found(page) == [cases["hole"].reference]
    assert "<mark>trou</mark>" in page.text
    assert "devant l’<mark>école</mark>" in page.text
    assert "C’est tout ce qui correspond." in page.text
    assert 'value="trou ecoles"' in page.text
    assert f'name="case" value="{cases["hole"].reference}" form="ensemble"' in page.text, (
        "it is acted on from here, too"
    )


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("06 39 98 11 11", ["lamp"]),
        ("de:famil", ["shared"]),
        ("service:voirie est:close", ["closed"]),
        ("service:voirie objet:bordures", ["closed"]),
        ("canal:sms", ["lamp"]),
        ("agent:moi", []),
        ("branche", []),  # of another department
        ("loyer", []),  # of another sector
    ],
)
async def test_operators_and_rights(karim: httpx.AsyncClient, cases: Cases, typed: str, names: list[str]) -> None:
    page = await look_for(karim, typed)
    assert found(page) == [cases[name].reference for name in names]
    assert names or "Rien ne correspond dans les demandes que vous voyez en entier." in page.text


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "assigné:moi trou",
            "« assigné: » n’est pas un opérateur. Utilisez de:, objet:, lieu:, est:, service:, demarche:, canal:, agent:, du: ou au:",
        ),
        ("trou -service:voirie", "« -service: » n’est pas compris"),
        ("trou OU est:close", "« OU » n’est pas compris ici"),
        ("est:perdue", "« perdue » n’est pas un état."),
        ("service:piscine", "Aucun service ne s’appelle « piscine »."),
        ("démarche:piscine", "Aucune démarche ne s’appelle « piscine »."),
        ("canal:pigeon", "Aucun canal ne s’appelle « pigeon »."),
        ("agent:personne", "Aucun agent ne s’appelle « personne »."),
        ("du:hier", "« hier » n’est pas un jour."),
        ("a" * 301, "Elle est trop longue : gardez au plus 300 caractères."),
        (" ".join(f"mot{nth}" for nth in range(13)), "Elle a trop de mots"),
        ("de la", "Ces mots sont dans presque tous les messages"),
    ],
)
async def test_what_is_not_understood_is_said_with_what_to_do(
    karim: httpx.AsyncClient, hall: TownHall, typed: str, said: str
) -> None:
    page = await look_for(karim, typed)
    assert said in words(page)
    assert "Comment chercher" in page.text
    assert "canal:courriel" in page.text
    assert not [entry for entry in hall.audit.entries if entry.act is Act.SEARCHED], "nothing was searched"


async def test_a_place_is_shown_where_it_is_what_was_found(
    karim: httpx.AsyncClient, hall: TownHall, cases: Cases, tmp_path: Path
) -> None:
    """A position by the town's map, a place as it was typed; one that the message names stands in its words."""
    typed = await hall.open_case("typed", subject="Appel", place="Rue des Tanneurs, derrière le gymnase")
    sent = await hall.open_case("sent", subject="Photo", minutes=1)
    content = InboundContent(sender=(), text="C’est ici", location=Location(latitude=47.6405, longitude=-0.9273))
    await hall.receive(sent, content, message_id=MessageId("b" * 32), at=sent.received_at)
    named = await hall.open_case("named", subject="Fuite", text="Devant le 4 rue des Lilas.", minutes=2)
    async with searched(hall, tmp_path / "search"):
        page = await look_for(karim, 'lieu:"rue tann"')
        assert found(page) == [typed.reference]
        assert "Lieu\u00a0: <mark>Rue</mark> des <mark>Tanneurs</mark>, derrière le gymnase</p>" in main_of(page)
        page = await look_for(karim, "lieu:lilas")
        assert found(page) == [cases["shared"].reference, named.reference, sent.reference]
        assert "4 rue des <mark>Lilas</mark>." in page.text
        assert "Lieu\u00a0: Rue des <mark>Lilas</mark> · Les <mark>Lilas</mark></p>" in main_of(page)
        assert "Lieu\u00a0:" not in main_of(await look_for(karim, "appel"))


@pytest.mark.usefixtures("_files")
async def test_each_search_is_noted_without_its_words(karim: httpx.AsyncClient, hall: TownHall, cases: Cases) -> None:
    await look_for(karim, "lampadaire")
    [entry] = [entry for entry in hall.audit.entries if entry.act is Act.SEARCHED]
    assert (entry.agent, entry.thing, entry.things) == (AgentId("agent-12"), "case", (cases["lamp"].case_id,))
    assert "lampadaire" not in repr(hall.audit.entries)


@pytest.mark.usefixtures("_files")
async def test_a_reference_leads_to_its_case_and_no_word_stands_in_an_address(
    karim: httpx.AsyncClient, cases: Cases
) -> None:
    reference = cases["hole"].reference
    for typed in (reference, reference.replace("-", "").lower()):
        assert (await look_for(karim, typed)).url.path == f"/demandes/{reference}"
    assert "trou" not in str((await look_for(karim, "trou")).url)
    assert "lieu" not in str((await look_for(karim, "lieu")).url)
    assert found(await karim.get("/recherche?q=trou")) == []


async def test_who_searches_while_the_files_are_made_is_told(karim: httpx.AsyncClient) -> None:
    page = await look_for(karim, "trou")
    assert "L’index de recherche se reconstruit" in page.text
    assert found(page) == []


async def test_who_searches_what_has_not_arrived_in_the_files_is_told(
    karim: httpx.AsyncClient, hall: TownHall, cases: Cases, tmp_path: Path
) -> None:
    hole = cases["hole"]
    opened = CaseOpened.model_construct(
        case_id=hole.case_id, sector=hole.sector, department=hole.department, occurred_at=hall.clock()
    )
    hall.feed.put(opened)
    async with searched(hall, tmp_path / "search", hole.case_id):
        assert "est en retard" not in (await look_for(karim, "lampadaire")).text
        hall.clock.now += timedelta(minutes=1)
        assert "L’index de recherche est en retard" in (await look_for(karim, "lampadaire")).text


async def test_the_newest_are_shown_first_and_one_searches_further(
    karim: httpx.AsyncClient, hall: TownHall, tmp_path: Path
) -> None:
    many = [
        (
            await hall.open_case(
                f"case {nth}",
                subject="Poubelle",
                text=f"Une poubelle {nth}",
                sender=(mail("a@b.example"),),
                minutes=nth,
            )
        ).reference
        for nth in range(200, 245)
    ]
    async with searched(hall, tmp_path / "search"):
        page, seen, titles = await look_for(karim, "poubelles"), list[str](), list[str]()
        while True:
            seen += found(page)
            titles += re.findall(r"<title>([^·]*) · Recherche", page.text)
            further = re.search(r'rel="next" href="([^"]+)"', page.text)
            if further is None:
                break
            assert len(found(page)) == 20
            page = await karim.get(unescape(further[1]))
    assert seen == many[::-1]
    assert titles == ["20 demandes trouvées jusqu’ici", "20 demandes de plus", "5 demandes de plus"], "said aloud"


@pytest.mark.usefixtures("_files")
async def test_a_page_that_shows_what_is_found_in_its_own_place_gets_it_at_once(
    karim: httpx.AsyncClient, hall: TownHall, cases: Cases
) -> None:
    page = (await karim.get("/recherche")).text
    token, version = (re.search(f'{name}="([^"]*)"', page)[1] for name in ('name="form_token" value', "data-version"))

    async def send(typed: str, form_token: str = token, version: str = version) -> httpx.Response:
        form = {"form_token": form_token, "q": typed}
        return await karim.post("/recherche", data=form, headers={"In-Place": version})

    at_once = await send("trou")
    assert (at_once.status_code, found(at_once)) == (200, [cases["hole"].reference])
    assert found(await karim.get(at_once.headers["Content-Location"])) == [cases["hole"].reference]
    assert "trou" not in at_once.headers["Content-Location"]
    leads = await send(cases["hole"].reference)
    assert leads.headers["Location"] == f"/demandes/{cases['hole'].reference}"
    assert (await send("trou", form_token="x")).status_code == 403
    searched = [entry for entry in hall.audit.entries if entry.act is Act.SEARCHED]
    assert len(searched) == 2, "once for each page that showed something"
    assert (await send("trou", version="0")).status_code == 409
    assert [entry for entry in hall.audit.entries if entry.act is Act.SEARCHED] == searched


async def test_without_words_the_page_says_how_one_searches(karim: httpx.AsyncClient) -> None:
    page = await karim.get("/recherche")
    assert "Comment chercher" in page.text
    assert 'id="recherche"' in page.text
    assert "how one searches" not in page.text


async def narrow(browser: httpx.AsyncClient, **chosen: str) -> httpx.Response:
    """Send the form « Filtrer », and return where it leads."""
    token = re.search(r'name="form_token" value="([^"]*)"', (await browser.get("/demandes")).text)[1]
    answer = await browser.post("/demandes", data={"form_token": token, **chosen})
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def test_a_list_is_narrowed_by_place_beside_its_other_filters(
    karim: httpx.AsyncClient, hall: TownHall, cases: Cases, tmp_path: Path
) -> None:
    here = "Rue des Tanneurs"
    day = cases["hole"].received_at.date()
    call = await hall.open_case("call", subject="Appel", channel="phone", place=here, assigned_to=AgentId("agent-12"))
    mailed = await hall.open_case("mailed", subject="Courriel", channel="email", place=here, minutes=1)
    over = await hall.open_case("over", channel="phone", place=here, state=CaseState.CLOSED, minutes=2)
    async with searched(hall, tmp_path / "search"):
        assert found(await narrow(karim, lieu="tanneurs")) == [mailed.reference, call.reference]
        page = await narrow(karim, lieu="r", canal="phone")
        assert "Rien ne correspond" in page.text
        page = await narrow(
            karim, lieu="rue des tann", canal="phone", agent="agent-12", du=f"{call.received_at.date()}"
        )
        assert found(page) == [call.reference]
        assert "tanneurs" not in str(page.url).lower()
        assert "lieu:&#34;rue des tann&#34; canal:&#34;Téléphone&#34;" in page.text
        assert found(await narrow(karim, lieu="tanneurs", etat="closed")) == [over.reference]
        assert found(await narrow(karim, lieu="tanneurs", au=f"{day - timedelta(days=1)}")) == []
    assert (await narrow(karim, canal="sms", lieu=" ")).url.query == b"canal=sms"


async def test_ones_own_cases_of_a_place_are_also_those_of_whom_one_stands_in_for(
    karim: httpx.AsyncClient, hall: TownHall, tmp_path: Path
) -> None:
    away, now = AgentId("agent-13"), hall.clock()
    own = await hall.open_case("own", place="Rue des Tanneurs", assigned_to=AgentId("agent-12"))
    stood_in = await hall.open_case("stood-in", place="Rue des Tanneurs", assigned_to=away, minutes=1)
    async with searched(hall, tmp_path / "search"):
        assert found(await narrow(karim, vue="miennes", lieu="tanneurs")) == [own.reference]
        absence = {"agent": away, "begins": now - timedelta(days=1), "ends": now + timedelta(days=1)}
        await hall.absences.insert(Absence(_id="away", stand_in=AgentId("agent-12"), stated_by=away, **absence))
        assert found(await narrow(karim, vue="miennes", lieu="tanneurs")) == [stood_in.reference, own.reference]
        assert found(await look_for(karim, "agent:moi lieu:tanneurs")) == [stood_in.reference, own.reference]
