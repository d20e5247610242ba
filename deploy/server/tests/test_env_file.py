"""A file of variables: what we write is read back, whatever stands in a password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.errors import SettingsError
from guichet_server.env_file import read_env, write_env

PRINTABLE = st.text().filter(str.isprintable)


@given(PRINTABLE)
def test_what_is_written_is_read_back(value: str) -> None:
    assert read_env(write_env({"GUICHET_X": value}), file="x") == {"GUICHET_X": value}


def test_a_person_s_file_is_read_as_systemd_reads_it() -> None:
    text = '# a comment\n\nA=plain words\nB="with \\" and \\\\"\nC=\'as it stands \\\'\n; another\n'
    assert read_env(text, file="x") == {"A": "plain words", "B": 'with " and \\', "C": "as it stands \\"}


@pytest.mark.parametrize("line", ["no equals sign", "1A=x", 'A="open', "A=half'quoted"])
def test_what_is_no_line_is_said_with_its_number_and_without_its_words(line: str) -> None:
    with pytest.raises(SettingsError, match=r"given\.env:2: ") as said:
        read_env(f"A=b\n{line}\n", file="given.env")
    assert "quoted" not in str(said.value).partition(":2:")[2].replace("quotes", "")


def test_a_value_of_two_lines_is_refused_by_its_name() -> None:
    with pytest.raises(SettingsError, match="GUICHET_X has a line break"):
        write_env({"GUICHET_X": "a\nb"})
