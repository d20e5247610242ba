"""Pages in two languages."""

from pathlib import Path

import jinja2
import pytest
from babel import Locale

from guichet.errors import SettingsError
from guichet.web.templates import LANGUAGES, Templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("templates", "catalogue", "static"):
        (tmp_path / name).mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{{ _("Bonjour %(name)s", name=name) }} {{ ngettext("%(num)s jour", "%(num)s jours", days) }} {{ town }}'
    )
    (tmp_path / "catalogue" / "en.yaml").write_text(
        '"Bonjour %(name)s": "Hello %(name)s"\n"%(num)s jour": "%(num)s day"\n'
    )
    (tmp_path / "static" / "a.css").write_text("a {}")
    return tmp_path


def test_french_is_as_written_and_english_is_translated(folder):
    templates = Templates(folder, town="Ici")
    assert templates.render("page.html", name="Léa", days=0) == "Bonjour Léa 0 jour Ici"
    assert templates.render("page.html", "en", name="Léa", days=1) == "Hello Léa 1 day Ici"


@pytest.mark.parametrize(("language", "nothing"), [("fr", "0 jour"), ("en", "0 days")])
def test_each_language_has_the_plural_of_unicode_s_locale_data(folder, language, nothing):
    (folder / "catalogue" / "en.yaml").write_text('"%(num)s jour": "%(num)s day"\n"%(num)s jours": "%(num)s days"\n')
    (folder / "templates" / "days.html").write_text('{{ ngettext("%(num)s jour", "%(num)s jours", days) }}')
    templates, form_of = Templates(folder), Locale(language).plural_form
    shown = [templates.render("days.html", language, days=days) for days in range(200)]
    assert shown[0] == nothing
    assert ["other" if each.endswith("s") else "one" for each in shown] == [form_of(days) for days in range(200)]


def test_a_word_that_is_translated_twice_is_refused(folder):
    (folder / "catalogue" / "en.yaml").write_text('"Retirer": "Remove"\n"Garder": "Keep"\n"Retirer": "Withdraw"\n')
    with pytest.raises(SettingsError, match=r"en\.yaml:3: Retirer: this key stands here twice"):
        Templates(folder).render("page.html")


def test_words_of_which_nothing_is_known_only_later_are_put_into_the_code(folder):
    """A list says three hundred of them; looked up one by one they took a third of the time in which it is made."""
    (folder / "catalogue" / "en.yaml").write_text('"Oui": "Yes"\n')
    (folder / "templates" / "fixed.html").write_text(
        '{{ _("100 %% <sûr>") }} {% if asked == _("Oui") %}{{ _("Oui") ~ asked }}{% endif %}'
    )
    templates = Templates(folder)
    for language in LANGUAGES:
        del templates._environments[language].globals["gettext"]
    assert templates.render("fixed.html", asked="Oui") == "100\N{NO-BREAK SPACE}% <sûr> OuiOui"
    assert templates.render("fixed.html", "en", asked="Yes") == "100 % <sûr> YesYes"


def test_what_a_citizen_typed_is_escaped_even_inside_a_translation(folder):
    assert "&lt;b&gt;" in Templates(folder, town="").render("page.html", "en", name="<b>", days=2)


def test_a_word_that_nobody_translated_is_found(folder):
    assert Templates(folder, town="").untranslated() == {"%(num)s jours"}


def test_a_missing_value_is_an_error(folder):
    with pytest.raises(jinja2.UndefinedError):
        Templates(folder).render("page.html", name="Léa", days=1)


def test_a_static_files_address_changes_with_its_content(folder):
    (folder / "templates" / "asset.html").write_text("{{ asset('a.css') }}")
    assert Templates(folder).render("asset.html").startswith("/static/a.css?v=")
