"""What an operator may tell a command that stays root's."""

from pathlib import Path

import pytest

from guichet.errors import SettingsError
from guichet_server.run.by_root import refuse_what_root_must_not_be_told


@pytest.mark.parametrize(
    "words",
    [
        "town init /tmp/t",
        "town init t",
        "town init --lang en t",
        "town init --settings /etc/shadow",  # it was kept, with lines more, for everybody to read
        "town init --settings=/root/.profile",
        "town init --answers a.yaml --secrets /etc/cron.d/x",
        "town migrate /etc",
        "town done register --by x --town /tmp/t",
        "signing-keys new agent-desk --seed-file s --public-keys /etc/cron.d",
    ],
)
def test_root_writes_no_place_that_an_operator_names(words: str) -> None:
    with pytest.raises(SettingsError, match=r"on a server|a server.s town"):
        refuse_what_root_must_not_be_told(words.split())


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_root_builds_nobody_s_project(form: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Give a wheel"):
        refuse_what_root_must_not_be_told(["channels", "enable", "pigeon", "--from", form.format(tmp_path)])
    with pytest.raises(SettingsError, match="Give a wheel"):
        refuse_what_root_must_not_be_told(["channels", "enable", "pigeon", f"--from={tmp_path}"])


@pytest.mark.parametrize(
    "words",
    [
        "town init",
        "town init --answers /root/answers.yaml --lang en",
        "town init /etc/guichet/town",
        "town migrate",
        "town done register --by Jeanne",
        "channels enable pigeon --from /root/pigeon-1-py3-none-any.whl",
        "channels enable pigeon --from guichet-pigeon==1",
        "upgrade --to v1.2",
        "signing-keys new agent-desk --seed-file desk.seed",
    ],
)
def test_what_the_documents_say_is_taken(words: str) -> None:
    refuse_what_root_must_not_be_told(words.split())
