"""A file of variables: what we write is read back, whatever stands in a password."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.errors import SettingsError
from guichet_topology.env_file import read_env, with_values, write_env

PRINTABLE = st.text().filter(str.isprintable)


@given(PRINTABLE)
def test_what_is_written_is_read_back(value: str) -> None:
    assert read_env(write_env({"GUICHET_X": value}), file="x") == {"GUICHET_X": value}


def test_a_person_s_file_is_read_as_systemd_reads_it() -> None:
    text = '# a comment\n\nA=plain words\nB="with \\" and \\\\"\nC=\'as it stands \\\'\n; another\n'
    assert read_env(text, file="x") == {"A": "plain words", "B": 'with " and \\', "C": "as it stands \\"}


@settings(max_examples=50)
@given(st.dictionaries(st.from_regex(r"\AGUICHET_[A-Z]{1,8}\Z"), PRINTABLE))
def test_what_is_set_in_a_file_is_read_back(values: dict[str, str]) -> None:
    assert read_env(with_values("", values), file="x") == values


def test_a_shell_reads_the_same() -> None:
    value = 'a "quoted" $HOME `id` \\ é; # no comment'
    script = with_values("", {"SECRET": value}) + 'printf %s "$SECRET"'
    assert subprocess.check_output(["sh", "-c", script], text=True) == value


def test_other_lines_stay_as_they_are_and_a_name_is_set_once() -> None:
    before = "# ours\nGUICHET_TOWN=/old\n\nGUICHET_KAFKA_SECURITY=sasl_ssl\nGUICHET_TOWN=/older\n"
    after = with_values(before, {"GUICHET_TOWN": "/new", "GUICHET_SMTP_PORT": "25"})
    assert after == "# ours\nGUICHET_TOWN=/new\n\nGUICHET_KAFKA_SECURITY=sasl_ssl\nGUICHET_SMTP_PORT=25\n"


@pytest.mark.parametrize("line", ["A=a\\b", "A=it's", 'A="a" # note'])
def test_what_readers_would_take_in_two_ways_is_refused(line: str) -> None:
    with pytest.raises(SettingsError, match="x:1: "):
        read_env(line, file="x")


@pytest.mark.parametrize("line", ["no equals sign", "1A=x", 'A="open', "A=half'quoted"])
def test_what_is_no_line_is_said_with_its_number_and_without_its_words(line: str) -> None:
    with pytest.raises(SettingsError, match=r"given\.env:2: ") as said:
        read_env(f"A=b\n{line}\n", file="given.env")
    assert "quoted" not in str(said.value).partition(":2:")[2].replace("quotes", "")


def test_a_value_of_two_lines_is_refused_by_its_name() -> None:
    with pytest.raises(SettingsError, match="GUICHET_X has a line break"):
        write_env({"GUICHET_X": "a\nb"})
