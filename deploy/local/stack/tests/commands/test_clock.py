"""The stack's clock is moved by words, and only where the stack has a broker of its own."""

from datetime import timedelta

import pytest

from guichet.clock import make_clock_file, move_clock
from guichet_local.commands.clock import move_the_clock, read_move
from guichet_local.commands.terminal import Terminal
from guichet_local.errors import LocalStackError, NotRunningError
from guichet_local.machine.paths import CLOCK
from guichet_local.plan.environment import stack_values
from guichet_local.plan.ports import free_plan


@pytest.mark.parametrize(
    ("word", "by"),
    [
        ("+3d", timedelta(days=3)),
        ("-1h", timedelta(hours=-1)),
        ("+90m", timedelta(minutes=90)),
        ("+5s", timedelta(seconds=5)),
        ("real", timedelta(days=-2)),
    ],
)
def test_a_move_is_read(word, by):
    assert read_move(word, moved=timedelta(days=2)) == by


@pytest.mark.parametrize("word", ["3d", "+3", "+3w", "tomorrow", "", "+٣d"])
def test_other_words_are_refused_with_what_to_say(word):
    with pytest.raises(LocalStackError, match="real for the machine"):
        read_move(word, moved=timedelta(0))


@pytest.mark.parametrize("word", ["+99999999999d", "-99999999999d", "+400000d", "-400000d", f"+{'9' * 5000}s"])
def test_no_move_takes_the_clock_where_dates_end(word):
    with pytest.raises(LocalStackError, match="a thousand years"):
        read_move(word, moved=timedelta(days=-3))


def test_moves_add_up_to_a_thousand_years_and_no_more():
    moved = timedelta(days=365_000)
    assert read_move("+1d", moved=moved - timedelta(days=1)) == timedelta(days=1)
    with pytest.raises(LocalStackError, match="a thousand years"):
        read_move("+1s", moved=moved)


def test_the_command_moves_the_clock_and_tells_where_it_stands(tmp_path, capsys):
    make_clock_file(tmp_path / CLOCK)
    move_the_clock(Terminal(), tmp_path, ["+3d", "-1h"])
    assert "2 days, 23:00:00" in capsys.readouterr().out
    assert move_clock(tmp_path / "clock", timedelta(0)) == timedelta(days=3, hours=-1)


def test_before_the_first_start_there_is_no_clock_to_move(tmp_path):
    with pytest.raises(NotRunningError, match="make run"):
        move_the_clock(Terminal(), tmp_path, [])


@pytest.mark.parametrize(
    ("settings", "moves"), [({}, True), ({"GUICHET_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"}, False)]
)
def test_a_stack_on_somebody_elses_broker_keeps_the_machines_clock(tmp_path, settings, moves):
    assert ("GUICHET_CLOCK_FILE" in stack_values(tmp_path, free_plan(), {}, settings)) is moves
