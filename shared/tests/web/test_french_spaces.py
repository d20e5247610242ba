"""No-break spaces in French pages: what they are put before and after, and that no template of ours does without."""

import re
from pathlib import Path

import jinja2
import pytest
from jinja2.nodes import TemplateData

from guichet.french.no_break_spaces import with_no_break_spaces
from guichet.web.templates import Templates

SERVICES = Path(__file__).parents[3] / "services"
BREAKS = re.compile(r" [:;!?»](?:\s|$)|« ")


@pytest.mark.parametrize(
    ("words", "spaced"),
    [
        ("Objet : votre demande", "Objet_: votre demande"),
        (" :", "_:"),
        ("Sans votre téléphone ?", "Sans votre téléphone_?"),
        ("Attention ! Ce qui suit ; et la fin", "Attention_! Ce qui suit_; et la fin"),
        ("sous « %(name)s », puis", "sous «_%(name)s_», puis"),
        ("(qui ?)", "(qui_?)"),
        ("« Qui ? »", "«_Qui_?_»"),
        ("plus de 50 % et 12 €", "plus de 50_% et 12_€"),
        ("de: objet:voirie, à 9:30", "de: objet:voirie, à 9:30"),
        ("écrivez :nouvelle", "écrivez :nouvelle"),
        ("", ""),
    ],
)
def test_spaces_that_french_never_breaks_at(words: str, spaced: str):
    expected = spaced.replace("_", "\N{NO-BREAK SPACE}")
    assert with_no_break_spaces(words) == expected
    assert with_no_break_spaces(expected) == expected
    assert BREAKS.search(expected) is None


def test_pages_have_them_in_french_and_not_in_english_nor_in_what_somebody_typed(tmp_path: Path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "templates/page.html").write_text('{{ _("Objet : %(typed)s", typed=typed) }}')
    (tmp_path / "catalogue/en.yaml").write_text('"Objet : %(typed)s": "Subject : %(typed)s"\n')
    templates = Templates(tmp_path)
    assert templates.render("page.html", "fr", typed="a : b") == "Objet\N{NO-BREAK SPACE}: a : b"
    assert templates.render("page.html", "en", typed="a : b") == "Subject : a : b"


@pytest.mark.parametrize("service", ["agent-desk", "citizen-portal", "ops-console"])
def test_what_stands_in_a_template_itself_has_them_too(service: str):
    pages = sorted(SERVICES.glob(f"{service}/*/templates/**/*.html"))
    parse = jinja2.Environment(extensions=["jinja2.ext.i18n"]).parse
    words = {page.name: [data.data for data in parse(page.read_text()).find_all(TemplateData)] for page in pages}
    assert len(words) > 3
    assert {name: each for name, found in words.items() for each in found if BREAKS.search(each)} == {}
