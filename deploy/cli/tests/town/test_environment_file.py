"""Settings and secrets are lines that systemd and a shell read alike, and what others wrote there stays."""

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from guichet_cli.town.environment_file import values_of, with_values

texts = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=40).map(str.strip)


@settings(max_examples=50)
@given(st.dictionaries(st.from_regex(r"\AGUICHET_[A-Z]{1,8}\Z"), texts))
def test_what_is_written_is_read_again(values: dict[str, str]) -> None:
    assert values_of(with_values("", values)) == values


def test_a_shell_reads_the_same() -> None:
    value = 'a "quoted" $HOME `id` \\ é; # no comment'
    script = with_values("", {"SECRET": value}) + 'printf %s "$SECRET"'
    assert subprocess.check_output(["sh", "-c", script], text=True) == value


def test_other_lines_stay_as_they_are() -> None:
    before = "# ours\nGUICHET_TOWN=/old\n\nGUICHET_KAFKA_SECURITY=sasl_ssl\n"
    after = with_values(before, {"GUICHET_TOWN": "/new", "GUICHET_SMTP_PORT": "25"})
    assert after == "# ours\nGUICHET_TOWN=/new\n\nGUICHET_KAFKA_SECURITY=sasl_ssl\nGUICHET_SMTP_PORT=25\n"
