"""channels.yaml is changed by a channel, and by nothing else."""

import re
from datetime import timedelta

import pytest
import yaml

from guichet.errors import SettingsError
from guichet.town.policies import ChannelList
from guichet_cli.channels.channels_file import with_channel, without_channel
from guichet_testing.builders.example_town import EXAMPLE_TOWN

EXAMPLE = (EXAMPLE_TOWN / "channels.yaml").read_text()
PACKAGE = "town-pigeon 1.2.0"
BLOCKS = """\
channels: # those of the town
    email:
        sve_status: saisine
    sms:
        new_case_words:
            - NOUVELLE # kept

# until the council decides
"""


def test_a_channel_is_one_line_more():
    text = with_channel(EXAMPLE, "pigeon", PACKAGE)
    assert text == EXAMPLE + "  pigeon: { sve_status: saisine, package: town-pigeon 1.2.0 }\n"
    assert yaml.safe_load(text)["channels"]["pigeon"] == {"sve_status": "saisine", "package": PACKAGE}


def test_a_channel_of_guichet_s_own_names_no_package():
    assert with_channel(EXAMPLE, "letter").endswith("  letter: { sve_status: saisine }\n")


def test_in_a_conversation_a_citizen_can_ask_for_a_new_case() -> None:
    text = with_channel(EXAMPLE, "pigeon", PACKAGE, is_conversation=True)
    policy = ChannelList.model_validate(yaml.safe_load(text)).channels["pigeon"]
    assert (policy.idle_window, policy.new_case_words[0]) == (timedelta(hours=24), "/nouvelle")


def test_what_is_taken_out_again_leaves_the_file_as_it_was():
    for text in (EXAMPLE, BLOCKS, EXAMPLE.rstrip("\n")):
        assert without_channel(with_channel(text, "pigeon", PACKAGE), "pigeon").rstrip("\n") == text.rstrip("\n")


def test_it_stands_behind_the_last_channel_and_before_the_comments_that_follow():
    text = with_channel(BLOCKS, "pigeon", PACKAGE)
    assert (
        "            - NOUVELLE # kept\n    pigeon: { sve_status: saisine, package: town-pigeon 1.2.0 }\n\n# until"
        in text
    )


def test_a_channel_that_is_written_in_lines_is_taken_out_whole():
    assert without_channel(BLOCKS, "sms") == BLOCKS.replace(
        "    sms:\n        new_case_words:\n            - NOUVELLE # kept\n", ""
    )


def test_a_new_version_changes_the_package_alone_and_keeps_what_the_town_decided():
    before = (
        EXAMPLE + "  pigeon: { sve_status: contact_only, package: town-pigeon 1.2.0, idle_window: 3 days } # by post\n"
    )
    after = with_channel(before, "pigeon", "town-pigeon 1.3.0")
    assert after == before.replace("1.2.0", "1.3.0")
    without = EXAMPLE + "  pigeon: { sve_status: contact_only }\n"
    assert with_channel(without, "pigeon", PACKAGE).endswith(
        "  pigeon: { sve_status: contact_only, package: town-pigeon 1.2.0 }\n"
    )


def test_enabling_twice_changes_nothing():
    once = with_channel(EXAMPLE, "pigeon", PACKAGE)
    assert with_channel(once, "pigeon", PACKAGE) == once
    assert with_channel(EXAMPLE, "sms") == EXAMPLE
    assert without_channel(EXAMPLE, "pigeon") == EXAMPLE


@pytest.mark.parametrize(
    "text", ["channels: { email: { sve_status: saisine } }\n", "channels: {email: {}, sms: {}} # all in one line\n"]
)
def test_a_file_that_is_written_in_another_way_is_left_and_the_line_is_said(text):
    with pytest.raises(
        SettingsError, match=re.escape("By hand: pigeon: { sve_status: saisine, package: town-pigeon 1.2.0 }")
    ):
        with_channel(text, "pigeon", PACKAGE)


def test_a_town_keeps_one_channel():
    with pytest.raises(SettingsError, match="only channel"):
        without_channel("channels:\n  email: {}\n", "email")
