"""Who starts a server is told when it serves, and what does not."""

from datetime import timedelta

import pytest

from guichet_local.errors import StartFailedError
from guichet_server.installation import Installation
from guichet_server.run.wait import health_ports, wait
from guichet_testing.server_files import SECRETS, SETTINGS, TOWN


def test_each_service_s_own_health_page_is_asked() -> None:
    ports = health_ports(Installation(TOWN, SETTINGS, SECRETS))
    assert ports["case-router"] == 9021
    assert ports["sender-mail"] == 9031
    assert "citizen-sandbox" not in ports


def test_it_returns_once_all_are_ready() -> None:
    assert len([*wait({"a": 1, "b": 2}, ready=lambda _: True)]) == 2


def test_who_is_not_ready_is_named_with_where_its_words_are() -> None:
    with pytest.raises(StartFailedError, match=r"^b is not ready: journalctl -u guichet-b\.service$"):
        [*wait({"a": 1, "b": 2}, timedelta(0), ready=lambda port: port == 1)]


def test_who_has_enough_of_waiting_is_told_who_is_not_ready() -> None:
    def is_ready(port: int) -> bool:
        if port == 2:
            raise KeyboardInterrupt
        return True

    with pytest.raises(StartFailedError, match=r"^b is not ready: journalctl -u guichet-b\.service$"):
        [*wait({"b": 2}, ready=is_ready)]


def test_whoever_lets_wait_is_named_long_before_the_end() -> None:
    looks = iter([False, False, True])
    said = [*wait({"a": 1}, ready=lambda _: next(looks), names_after=timedelta(0))]
    assert said[0] == "Not ready yet: a (journalctl -u guichet-a.service)"
    assert len(said) == 2, "once"
