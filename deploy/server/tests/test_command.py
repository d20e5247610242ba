"""As whom a command runs on a server, and what it is handed."""

import pytest

from guichet_server.run.command import command_environment
from guichet_topology.commands import system_user_of


@pytest.mark.parametrize(
    ("words", "user"),
    [
        (("dead-letters", "list"), "guichet-cli"),
        (("channels", "check"), "guichet-cli"),  # it runs a channel's code
        (("town", "check"), "guichet-cli"),
        (("town", "init"), "root"),
        (("town", "migrate"), "root"),
        (("upgrade", "--to", "v1.2"), "root"),
        (("signing-keys", "new"), "root"),
        (("prepare",), "guichet-gdpr-worker"),
        (("vault", "turn"), "guichet-gdpr-worker"),
        (("backup", "nightly"), "guichet-gdpr-worker"),
        ((), "guichet-cli"),
    ],
)
def test_a_command_runs_as_the_least_that_can_do_it(words: tuple[str, ...], user: str) -> None:
    assert system_user_of(words) == user


def test_before_there_is_a_town_a_command_knows_the_machine_alone() -> None:
    given = command_environment(["town", "init"], {"TERM": "xterm", "SUDO_UID": "1000", "LD_PRELOAD": "x", "PATH": "."})
    assert given["PATH"].startswith("/usr/local/sbin")
    assert "LD_PRELOAD" not in given
    assert not [name for name in given if name.startswith("GUICHET_")]
