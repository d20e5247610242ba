import json

import pytest
from pydantic import ValidationError

from guichet.errors import SettingsError
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.own.own_system_file import OwnSystemFile, presets

OURS = "mx.mairie.example"


def test_what_is_said_counts_before_what_the_preset_says() -> None:
    system = OwnSystemFile(preset="ovhcloud", received_by=("*.mairie.example",), inside=("203.0.113.0/24",)).system()
    assert system.authserv_id == "mx.mail.ovh.net"
    assert system.received_by == ("*.mairie.example",)
    assert system.inside is not None
    assert {"127.0.0.0/8", "203.0.113.0/24"} <= set(system.inside)


def test_a_name_by_default_counts_where_nothing_else_names_one() -> None:
    assert OwnSystemFile(preset="postfix").system(OURS).received_by[-1] == OURS
    other = OwnSystemFile(preset="postfix", authserv_id="MX.other.example")
    assert other.system(OURS).received_by[-1] == "mx.other.example"
    assert OwnSystemFile(preset="google-workspace").system(OURS).authserv_id == "mx.google.com"


def test_without_a_name_a_preset_that_needs_one_is_a_mistake() -> None:
    with pytest.raises(SettingsError, match="authserv_id"):
        OwnSystemFile(preset="zimbra").system()


def test_where_nothing_is_said_nothing_is_believed() -> None:
    assert OwnSystemFile().system() == OwnSystem(inside=OwnSystemFile().system().inside)
    assert OwnSystem().authserv_id is None


@pytest.mark.parametrize(
    "said",
    [
        {"preset": "hotmail"},
        {"verdicts": "telepathy"},
        {"received_by": ["a b"]},
        {"received_by": ["a"] * 21},
        {"inside": ["mairie.example"]},
        {"spam_headers": ["X-Priority"]},
        {"authserv_id": "mx;dmarc=pass"},
        {"spam": "verdict"},
        {"spam": "verdict", "preset": "google-workspace"},  # no header tells it
        {"spam": "sometimes", "preset": "zimbra"},
    ],
)
def test_what_cannot_be_done_is_told_when_the_file_is_read(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OwnSystemFile.model_validate(said)


@pytest.mark.parametrize("preset", presets())
def test_a_reader_process_is_told_all_of_it(preset: str) -> None:
    system = OwnSystemFile(preset=preset).system(OURS)
    assert OwnSystem.from_dict(json.loads(json.dumps(system.to_dict()))) == system
