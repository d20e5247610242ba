from guichet_local.commands.run import changes
from guichet_local.processes.supervisor import ProcessState


def state(pid: int, status: int = 0, name: str = "notifier") -> ProcessState:
    return ProcessState(name, "RUNNING" if pid else "EXITED", pid, status, 0)


def test_nothing_is_said_while_nothing_happens() -> None:
    assert list(changes([state(1)], [state(1)])) == []


def test_a_restart_is_said() -> None:
    assert list(changes([state(1)], [state(2)])) == ["notifier was started again. Its log says why."]


def test_an_end_is_said_with_its_status() -> None:
    assert list(changes([state(1)], [state(0, 1)])) == ["notifier ended (status 1)."]


def test_who_waits_for_a_person_says_so() -> None:
    (said,) = changes([state(1)], [state(0, 75)])
    assert "waits for a person" in said


def test_a_further_process_is_no_news() -> None:
    assert list(changes([], [state(5, name="case-router-2")])) == []
