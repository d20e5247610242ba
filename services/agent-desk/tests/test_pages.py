"""Words and headers of every page."""

import re

import pytest

from agent_desk.domain.cases.typed_reference import as_reference
from agent_desk.entry.site.web import HERE
from guichet.web.templates import Templates


def test_every_word_is_translated():
    assert Templates(HERE, town_name="").untranslated() == set()


def test_no_template_holds_script_style_or_another_host():
    for path in (HERE / "templates").glob("*.html"):
        text = path.read_text()
        assert "<style" not in text
        assert "style=" not in text.replace("stylesheet", "")
        assert "onclick" not in text
        assert "http" not in text.replace('content="', "").replace("http-equiv", "").replace("htmx", ""), path
        assert text.count("<script") == text.count('<script src="{{ asset(')


def test_a_hint_that_describes_a_field_is_not_in_its_name_too():
    """Or a screen reader says it twice."""
    for path in (HERE / "templates").glob("*.html"):
        for label in re.findall(r"<label\b.*?</label>", path.read_text(), re.DOTALL):
            assert 'class="hint" id=' not in label, (path.name, label)


def test_a_table_has_a_name():
    """Or a screen reader's list of tables says « table, table, table » (RGAA 5.4)."""
    for path in (HERE / "templates").glob("*.html"):
        for table in re.findall(r"<table\b.*?</table>", path.read_text(), re.DOTALL):
            assert "<caption" in table or "aria-labelledby=" in table.partition(">")[0], (path.name, table)


async def test_what_is_not_found_is_looked_for_again_on_the_spot(karim, cases):
    page = await karim.get("/demandes/2026-0000-000")
    assert page.status_code == 404
    main = page.text.partition("<main")[2]
    assert 'action="/recherche"' in main
    token = re.search(r'name="form_token" value="([^"]+)"', main)[1]
    found = await karim.post("/recherche", data={"form_token": token, "q": cases["hole"].reference})
    assert found.headers["location"] == f"/demandes/{cases['hole'].reference}"


async def test_who_is_not_signed_in_finds_no_field_on_a_page_that_there_is_not(open_browser):
    page = await open_browser().get("/nulle-part")
    assert page.status_code == 404
    assert 'name="reference"' not in page.text


@pytest.mark.parametrize("path", ["/connexion", "/nulle-part", "/demandes", "/static/desk.css", "/static/nothing.css"])
async def test_every_answer_keeps_to_itself(karim, path):
    headers = (await karim.get(path)).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == (
        "no-store" if path != "/static/desk.css" else "public, max-age=31536000, immutable"
    )


async def test_the_language_is_chosen_once(karim):
    assert 'lang="en"' in (await karim.get("/demandes?langue=en")).text
    assert 'lang="en"' in (await karim.get("/demandes")).text
    assert 'lang="fr"' in (await karim.get("/demandes?langue=fr")).text
    assert 'lang="fr"' in (await karim.get("/demandes?langue=xx")).text


async def test_nothing_is_shown_to_who_is_not_signed_in(open_browser, cases):
    browser, reference = open_browser(), cases["hole"].reference
    for path in ("/demandes", "/demandes/liste", f"/demandes/{reference}", f"/demandes/{reference}/fil"):
        assert (await browser.get(path)).headers["location"].startswith("/connexion")
    part = await browser.get("/demandes/liste", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert "Votre session est terminée" in part.text


@pytest.mark.parametrize("typed", ["2026-7F3K-29Q", " 2026-7f3k-29q ", "20267f3k29q", "2026 7F3K 29Q", "2026.7f3k.29q"])
def test_a_reference_is_understood_as_it_is_said_on_the_telephone(typed):
    assert as_reference(typed) == "2026-7F3K-29Q"


@pytest.mark.parametrize(
    "typed",
    ["7F3K-29Q", "jeanne@courriel.example", "", "2026-7F3K-29QX", "+33639980101", "20221234567", "Marie Dupont"],
)
def test_what_is_no_reference_stays_as_it_is(typed):
    assert as_reference(typed) == typed
