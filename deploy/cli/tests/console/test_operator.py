"""Who an operator is, the system says: a variable that anybody may set does not."""

import os
import pwd

import pytest

from guichet_cli.console.command import operator

NAMES = ("USER", "LOGNAME", "LNAME", "USERNAME")  # every variable that Python's getpass believes


@pytest.fixture(autouse=True)
def without_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_UID", raising=False)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_acts_under_another_name_by_setting_a_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "somebody-else")
    assert operator() == f"uid-{os.getuid()}"


@pytest.mark.parametrize(
    ("uid", "sudo_uid", "known_as"),
    [
        (0, "1000", "uid-1000"),  # through sudo: the person, not root
        (0, None, "uid-0"),
        (1000, "1001", "uid-1000"),  # without sudo anybody may set it
        (0, "", "uid-0"),
        (0, "-1", "uid-0"),
        (0, "jo", "uid-0"),
        (0, "²", "uid-0"),
        (0, "01000", "uid-0"),
    ],
)
def test_sudo_is_believed_only_where_it_can_have_been_sudo(
    uid: int, sudo_uid: str | None, known_as: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: uid)
    if sudo_uid is not None:
        monkeypatch.setenv("SUDO_UID", sudo_uid)
    assert operator() == known_as


def account(name: str, shell: str) -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", 990, 990, "", "/", shell))


@pytest.mark.parametrize(
    ("name", "shell", "known_as"),
    [
        ("guichet-cli", "/usr/sbin/nologin", "uid-1000"),  # nobody signs in as it: root became it, for sudo's caller
        ("guichet-cli", "/bin/bash", "uid-990"),  # a person who is called so
        ("guichet-case-router", "/usr/sbin/nologin", "uid-990"),
    ],
)
def test_whom_root_alone_becomes_says_who_called_sudo(
    name: str, shell: str, known_as: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 990)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: account(name, shell))
    monkeypatch.setenv("SUDO_UID", "1000")
    assert operator() == known_as
