"""Who an operator is, the system says: a variable that anybody may set does not."""

import os

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
