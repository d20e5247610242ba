"""As whom a command runs on a server, and what it is handed."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from guichet.vault.root_key.file import RootKeyFile, make_root_key_file
from guichet_server.layout import OPERATOR_HOME
from guichet_server.run.command import (
    FILES_OF_ROOT,
    ROOT_KEY,
    command_environment,
    handed_over,
    home_of,
    in_memory,
    withheld_groups,
)
from guichet_server.users import KEYS
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


@pytest.mark.parametrize(
    ("user", "home"), [("root", "/root"), ("guichet-cli", OPERATOR_HOME), ("guichet-gdpr-worker", "/")]
)
def test_nobody_tunes_the_programs_of_another_s_command(user: str, home: str) -> None:
    assert home_of(user) == home  # git of `guichet upgrade`, root's, did what guichet-cli wrote into its .gitconfig


OF_ONE_USER = """
import os, pwd, subprocess, sys
from types import ModuleType
from guichet_server.run import as_user
def look() -> None:
    for what in ("environ", "fd"):
        said = subprocess.run(["ls", f"/proc/{os.getpid()}/fd"] if what == "fd" else ["cat", f"/proc/{os.getpid()}/environ"],
            capture_output=True, text=True)
        print(os.geteuid() == pwd.getpwnam("nobody").pw_uid and "Permission denied" in said.stderr)
as_user.runpy.run_module = lambda *_, **__: look()
as_user.main("nobody", [], [])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another")
def test_a_command_is_closed_to_other_processes_of_its_user_from_its_first_moment() -> None:
    run = subprocess.run([sys.executable, "-c", OF_ONE_USER], capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["True", "True"], run.stderr


def test_before_there_is_a_town_a_command_knows_the_machine_alone() -> None:
    given = command_environment(["town", "init"], {"TERM": "xterm", "SUDO_UID": "1000", "LD_PRELOAD": "x", "PATH": "."})
    assert given["PATH"].startswith("/usr/local/sbin")
    assert "LD_PRELOAD" not in given
    assert not [name for name in given if name.startswith("GUICHET_")]


@pytest.mark.parametrize(("caller", "uid"), [({"SUDO_UID": "1000"}, "1000"), ({}, "0")])
def test_who_called_is_told_to_the_audit_trail(caller: dict[str, str], uid: str) -> None:
    """Without sudo it is root; the user that the command becomes is nobody."""
    assert command_environment(["town", "init"], caller)["SUDO_UID"] == uid


@pytest.mark.parametrize(
    "words", [("channels", "check"), ("dead-letters", "replay", "1"), ("mailbox", "check"), ("town", "check")]
)
def test_beside_a_channels_code_the_root_key_is_no_file_that_its_user_may_read(words: tuple[str, ...]) -> None:
    assert in_memory(words) == (*FILES_OF_ROOT, ROOT_KEY)
    assert withheld_groups(words) == {KEYS}


@pytest.mark.parametrize("words", [("agents", "list"), ("erase", "status"), ("top",)])
def test_what_runs_nothing_of_others_reads_the_file_which_rotations_replace(words: tuple[str, ...]) -> None:
    assert in_memory(words) == FILES_OF_ROOT
    assert withheld_groups(words) == set()


def test_a_root_key_in_memory_opens_what_the_file_does_and_is_given_to_no_process_that_is_started(
    tmp_path: Path,
) -> None:
    file = tmp_path / "root.key"
    make_root_key_file(file)
    said = handed_over({ROOT_KEY: str(file)}, [ROOT_KEY], pwd.getpwuid(os.geteuid()))[ROOT_KEY]
    try:
        assert RootKeyFile(Path(said)).newest() == RootKeyFile(file).newest()
        assert subprocess.run(["/bin/cat", said], capture_output=True, check=False).returncode != 0
    finally:
        os.close(int(said.rpartition("/")[2]))
