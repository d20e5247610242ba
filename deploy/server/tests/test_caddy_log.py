"""Whatever goes wrong behind Caddy, its log holds no address that a citizen opened: that of a follow page is a key."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from guichet_local.machine.ports import HOST, answers, free_ports
from guichet_server.render.everything import CADDYFILE
from guichet_testing.server_files import FILES

CADDY = shutil.which("caddy", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
PORTAL: Final = f"{HOST}:8001"
REQUEST: Final = b"GET /suivi/a-key HTTP/1.1\r\nHost: guichet.mairie.example\r\nConnection: close\r\n\r\n"


@contextmanager
def caddy(folder: Path, port: int, portal: str) -> Iterator[Path]:
    """Run what we render, without TLS and with another portal behind it; yield its log."""
    (folder / "Caddyfile").write_text(FILES[CADDYFILE].text)
    here = {"PATH": os.defpath, "HOME": str(folder)}
    adapt = [CADDY or "", "adapt", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    rendered = json.loads(subprocess.check_output(adapt, env=here, stderr=subprocess.DEVNULL, text=True))
    [server] = rendered["apps"]["http"]["servers"].values()
    server |= {"listen": [f"{HOST}:{port}"], "automatic_https": {"disable": True}}
    rendered["admin"] = {"disabled": True}
    config, log = folder / "caddy.json", folder / "log"
    config.write_text(json.dumps(rendered).replace(PORTAL, portal))
    with log.open("w") as out:
        process = subprocess.Popen([CADDY or "", "run", "--config", str(config)], env=here, stderr=out)
        try:
            wait_until_it_answers(port)
            yield log
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def portal_that_stops_half_way() -> Iterator[str]:
    """Yield the address of a door that promises more than it sends."""
    with socket.create_server((HOST, 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        threading.Thread(target=answer, daemon=True).start()
        yield f"{HOST}:{listening.getsockname()[1]}"


def wait_until_it_answers(port: int) -> None:
    until = time.monotonic() + 20
    while not answers(port):
        assert time.monotonic() < until, "caddy does not start"
        time.sleep(0.05)


def answered(port: int) -> bytes:
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.sendall(REQUEST)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def logged(log: Path) -> str:
    said = log.read_text()
    assert "serving initial configuration" in said, "this is where it logs"
    return said


def test_a_portal_that_is_away_leaves_no_key_in_the_log(tmp_path: Path) -> None:
    port, nobody = free_ports(2)
    with caddy(tmp_path, port, f"{HOST}:{nobody}") as log:
        assert answered(port).startswith(b"HTTP/1.1 502")
    assert "a-key" not in logged(log)


def test_an_answer_that_breaks_off_leaves_no_key_in_the_log(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with portal_that_stops_half_way() as portal, caddy(tmp_path, port, portal) as log:
        assert answered(port).endswith(b"half")
    assert "a-key" not in logged(log)
