"""What is known of channels is read from files, and no package is run for it."""

import shutil
import subprocess
import sys

import pytest

from guichet.errors import SettingsError
from guichet.town import channel_facts
from guichet.town.channel_facts import installed_facts, known_channels, read_facts
from guichet.town.load import load_town
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.third_party import FACTS as PIGEON


@pytest.fixture
def town(tmp_path):
    shutil.copytree(EXAMPLE_TOWN, tmp_path / "town", ignore=shutil.ignore_patterns("tests"))
    (tmp_path / "town" / "channels").mkdir()
    return tmp_path / "town"


def put(town, name: str, text: str):
    (town / "channels" / f"{name}.yaml").write_text(text)


READS_ALL = """
import sys
from guichet.town.channel_facts import installed_facts

print(*installed_facts())
print(*(name for name in sys.modules if name.startswith(("guichet_twilio.", "guichet_telegram."))))
"""


def test_a_package_is_read_and_not_run():
    """In a process of its own: another test may run one."""
    read, run = subprocess.check_output([sys.executable, "-c", READS_ALL], text=True).splitlines()
    assert {"email", "sms", "whatsapp", "telegram", "portal", "phone", "letter", "counter"} <= {*read.split()}
    assert run == ""


def test_no_channel_bears_the_products_name():
    """« Guichet » as a channel says nothing to an agent who works with Guichet all day."""
    titles = {title for facts in installed_facts().values() for title in (facts.title.fr, facts.title.en)}
    assert not titles & {"Guichet", "Desk"}
    assert {"En personne", "In person"} <= titles


def test_a_channel_of_another_package_is_one_of_the_towns(town):
    put(town, "pigeon", PIGEON)
    channels = (town / "channels.yaml").read_text()
    (town / "channels.yaml").write_text(f"{channels}  pigeon: {{ sve_status: saisine }}\n")
    loaded = load_town(town)
    assert loaded.facts["pigeon"].title.fr == "Pigeon voyageur"
    assert loaded.facts.kinds["pigeon-ring"].example == "FR-2026"
    assert "pigeon" in loaded.channels


def test_the_towns_own_copy_wins(town):
    put(town, "sms", (PIGEON.replace("name: pigeon\n", "name: sms\n")))
    assert known_channels(town)["sms"].longest == 300


def test_a_channel_that_no_package_brings_is_refused_with_its_line(town):
    channels = (town / "channels.yaml").read_text()
    (town / "channels.yaml").write_text(f"{channels}  pigeon: {{ sve_status: saisine }}\n")
    with pytest.raises(SettingsError, match=r"channels.yaml:\d+: channels.pigeon: no channel is called 'pigeon'"):
        load_town(town)


@pytest.mark.parametrize(
    ("channel", "topic", "why"),
    [
        ("pigeon", "inbound-social", "its messages must come in on inbound-third-party .topic., not on inbound-social"),
        ("telegram", "inbound-third-party", "inbound-third-party .topic. is for channels of other packages"),
    ],
)
def test_a_topic_of_another_kind_of_package_is_refused_with_the_channel_s_line(town, monkeypatch, channel, topic, why):
    if channel == "pigeon":
        put(town, "pigeon", PIGEON.replace("topic: inbound-third-party", f"topic: {topic}"))
        listed = (town / "channels.yaml").read_text()
        (town / "channels.yaml").write_text(f"{listed}  pigeon: {{ sve_status: saisine }}\n")
    else:
        facts = {**installed_facts(), channel: installed_facts()[channel].model_copy(update={"topic": topic})}
        monkeypatch.setattr(channel_facts, "installed_facts", lambda: facts)
    with pytest.raises(SettingsError, match=rf"channels.yaml:\d+: channels.{channel}: {why}"):
        load_town(town)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (PIGEON.replace("longest: 300", "longest: 30"), r"pigeon.yaml:\d+: longest: "),
        (PIGEON.replace("form: short", "form: smoke"), r"pigeon.yaml:\d+: form: "),
        (PIGEON.replace("provider: pigeon\n", ""), r"pigeon.yaml:1: provider: this field is missing"),
        (f"{PIGEON}window: PT24H\n", "says among its `failures` what outside-window is"),
        (f"{PIGEON}templates: 'T[0-9]+'\n", "templates are for when a window is over: give `window`"),
        (PIGEON.replace("name: pigeon\n", "name: dove\n"), "this file is called pigeon.yaml; name it dove.yaml"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(town, wrong, why):
    put(town, "pigeon", wrong)
    with pytest.raises(SettingsError, match=why):
        read_facts(town / "channels" / "pigeon.yaml")
