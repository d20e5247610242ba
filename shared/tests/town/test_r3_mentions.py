"""R3 (docs/law.md 11): a town whose acknowledgement would leave out a mention does not start, and each letter is checked."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.case_events import SilenceStatement
from guichet.errors import SettingsError
from guichet.town import load_town
from guichet.town.acknowledgements import (
    MentionMissingError,
    acknowledgement_values,
    acknowledgement_words,
    in_short_letters,
)
from guichet.town.mentions import missing_mentions
from guichet.town.samples import sample_acknowledgements
from guichet_testing.builders.example_town import EXAMPLE_TOWN, the_example_town


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))


def refusal(folder: Path, template: str, before: str, after: str) -> str:
    """Change a text of the town's; return why it does not start."""
    path = folder / "templates" / f"{template}.txt"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(SettingsError) as refused:
        load_town(folder)
    return str(refused.value)


@pytest.mark.parametrize("template", ["acknowledgement_mail", "acknowledgement_short"])
@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        ("{{ received_on }}", "", "received_on"),
        ("{{ department.name }}", "", "department.name"),
        ("{{ department.phone }}", "", "department.phone"),
        ("{{ decides_on }}", "", "decides_on"),
        ("{{ remedies", "{{ town_name", "remedies"),
        ("complète", "entière", "complète"),
        ("attestation", "preuve", "attestation"),
        ("acceptée", "rejetée", "accept"),
        ("rejetée", "acceptée", "rejet"),
        ("incomplet", "bref", "incomplet"),
        ("Il remplace", "Il suit", "remplace"),
    ],
)
def test_r3_a_template_that_leaves_a_mention_out_stops_the_start(
    folder: Path, template: str, before: str, after: str, missing: str
) -> None:
    said = refusal(folder, template, before, after)
    assert f"{template}.txt:1: the text leaves out" in said
    assert missing in said


@pytest.mark.parametrize(
    ("template", "mention"),
    [("acknowledgement_mail", "without_telephone"), ("acknowledgement_short", "department.email")],
)
def test_r3_beside_the_telephone_stands_a_way_to_write(folder: Path, template: str, mention: str) -> None:
    assert mention in refusal(folder, template, f"{{{{ {mention} }}}}", "")


def test_r4_a_template_that_speaks_of_silence_where_nobody_knows_stops_the_start(folder: Path) -> None:
    """R4 (docs/law.md 20): neither an incomplete one nor one of a request that silence does not decide."""
    said = refusal(folder, "acknowledgement_mail", "Suivre votre", "Elle sera réputée acceptée.\nSuivre votre")
    assert "`silence` is blank" in said


SAYS = st.builds(
    Acknowledgement,
    received_on=st.dates(date(2026, 1, 1), date(2046, 1, 1)),
    is_full=st.just(True),
    silence=st.none()
    | st.builds(
        SilenceStatement,
        means=st.sampled_from(["accepts", "rejects"]),
        decides_on=st.dates(date(2026, 1, 1), date(2046, 1, 1)),
    ),
    procedure=st.none() | st.sampled_from(sorted(the_example_town().procedures)),
    is_appeal=st.booleans(),
    corrects=st.booleans(),
)


@given(
    says=SAYS, channel=st.sampled_from(["email", "sms"]), name=st.sampled_from(sorted(the_example_town().departments))
)
def test_r3_whatever_leaves_has_every_mention(says: Acknowledgement, channel: str, name: str) -> None:
    town = the_example_town()
    values = acknowledgement_values(
        town,
        "https://guichet.mairie.example",
        says,
        reference="2026-7F3K-29Q",
        department=town.departments[name],
        token="t" * 32,
    )
    try:
        text = acknowledgement_words(town, channel, values).text
    except MentionMissingError:
        assert values.silence == "rejects"
        assert not values.remedies
        return
    said = values if channel == "email" else in_short_letters(values)
    assert missing_mentions(text, said, is_mail=channel == "email") == ()
    assert bool(says.silence) == ("sera réputée" in text)


def test_r3_a_blank_is_no_mention() -> None:
    values = sample_acknowledgements("X", the_example_town().departments["voirie"])[0]
    blank = values.__class__(**{**values.__dict__, "remedies": ""})
    assert missing_mentions("", blank, is_mail=False)[-3:] == ("remedies", "complète", "rejet")
