import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from rich.console import Console
from typer.testing import CliRunner

from guichet.runtime.overview import Overview
from guichet_cli.top.command import app
from guichet_cli.top.screen import age, blocks, screen_of
from guichet_testing.builders.overviews import LAG, a_busy_overview, an_overview


def shown(overview: Overview, width: int = 140) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(screen_of(overview))
    return capture.get()


def test_alarms_come_first_and_every_topic_has_its_row() -> None:
    text = shown(a_busy_overview(LAG))
    assert text.index("1 ALARM") < text.index("case-router:inbound-email") < text.index("TOPIC")
    [row] = [line for line in text.splitlines() if line.strip().startswith("inbound-email ")]
    for part in ("case-router", " 50 ", " 6m ", "2 unreadable (case-router)"):
        assert part in row
    assert "case-router down" in text
    assert "notifier not-ready without mongodb, vault" in text


@pytest.mark.parametrize("width", [80, 100])
def test_a_narrow_terminal_takes_nothing_from_the_figures(width: int) -> None:
    busy = a_busy_overview(LAG)
    first = busy.topics[0].model_copy(update={"per_second": 1234.5})
    text = shown(busy.model_copy(update={"topics": (first, *busy.topics[1:])}), width)
    [head] = [line for line in text.splitlines() if "TOPIC" in line]
    assert all(name in head for name in ("MSG/S", "LAG", "DEAD LETTERS")), head
    [row] = [line for line in text.splitlines() if line.strip().startswith("inbound-email ")]
    assert all(part in row for part in ("1234.5", " 50 ", "2 unreadable")), row


def test_quiet_and_a_silent_broker_are_told_apart() -> None:
    assert "no alarm" in shown(an_overview())
    assert "Kafka does not answer" in shown(an_overview(broker_answers=False))


def test_points_become_blocks() -> None:
    assert blocks([None, 0.0, 0.001, 4.0, 8.0]) == " ▁▂▅█"
    assert blocks([0.0, 0.0]) == "▁▁"


@pytest.mark.parametrize(("seconds", "text"), [(None, "-"), (59, "59s"), (60, "1m"), (7500, "2h05"), (200_000, "2d")])
def test_ages(seconds: float | None, text: str) -> None:
    assert age(seconds) == text


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_once_prints_what_the_console_says() -> None:
    with answering(200, a_busy_overview(LAG).model_dump_json()) as url:
        result = CliRunner().invoke(app, ["--once", "--url", url])
    assert result.exit_code == 0
    assert "1 ALARM" in result.output


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, json.dumps({"error": "starting"}), "has just started"),
        (404, "", "not this version's ops-console"),
        (200, "<html>", "not this version's ops-console"),
    ],
)
def test_another_answer_is_explained(status: int, body: str, said: str) -> None:
    with answering(status, body) as url:
        result = CliRunner().invoke(app, ["--once", "--url", url])
    assert result.exit_code == 1
    assert said in result.output


def test_a_console_that_does_not_run_is_said_with_the_remedy() -> None:
    result = CliRunner().invoke(app, ["--once", "--url", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "make run" in result.output
    assert "GUICHET_OPS_URL" in result.output
