"""The mails that come with Python and icalendar are read, each of them. Larger corpora: read_corpora.py."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from shared.channels.mail.tests.read_corpora import mails_in, what_is_read

FIXTURES = Path(__file__).with_name("fixtures")


def folder_of(package: str, folder: str) -> list[Path]:
    """Return where a package keeps its tests' files; Debian's Python comes without."""
    try:
        found = find_spec(package)
    except ModuleNotFoundError:
        return []
    places = found.submodule_search_locations or [] if found else []
    return [Path(each) / folder for each in places if (Path(each) / folder).is_dir()]


CORPORA = {
    "python": folder_of("test.test_email", "data"),
    "icalendar": folder_of("icalendar", "tests/calendars"),
    "fixtures": [FIXTURES],
}


@pytest.mark.parametrize("corpus", [name for name, folders in CORPORA.items() if folders])
def test_every_mail_of_a_corpus_is_read(corpus: str) -> None:
    for folder in CORPORA[corpus]:
        for name, mail in mails_in(folder):
            read = what_is_read(mail)
            assert "refused" not in read, name
            lines = mail.replace(b"\r\n", b"\n")
            assert what_is_read(lines.replace(b"\n", b"\r\n"))["id"] == what_is_read(lines)["id"], name


def test_there_are_calendars_that_other_programs_wrote() -> None:
    assert len(list(mails_in(CORPORA["icalendar"][0]))) > 50
