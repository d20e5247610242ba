"""What the runs on failing disks are judged by. The runs themselves need the right to mount: `make power-cut full-disk`."""

from dataclasses import replace

import pytest

from tests.faults.full_disk import Filled, is_refused, is_resumed, is_told

WELL = Filled("kafka", told_s=6.0, on_call_s=7.0, back_s=9.0, refused=12)


def test_a_full_disk_that_is_told_refused_and_over_holds() -> None:
    assert all(judge([WELL]).holds for judge in (is_told, is_refused, is_resumed))


@pytest.mark.parametrize("field", ["told_s", "on_call_s"])
def test_a_full_disk_that_nobody_was_told_of_fails(field: str) -> None:
    assert not is_told([WELL, replace(WELL, **{field: None})]).holds


def test_a_broker_that_refused_nothing_while_its_disk_was_full_fails() -> None:
    assert not is_refused([replace(WELL, refused=0)]).holds
    assert is_refused([WELL, Filled("mongodb")]).holds, "without the store adapters go on with their keys"


def test_a_town_that_does_not_go_on_by_itself_fails() -> None:
    assert not is_resumed([replace(WELL, back_s=None)]).holds
