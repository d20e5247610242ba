"""Caddy itself reads what we write for it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from guichet_server.render.everything import CADDYFILE, files_of
from guichet_testing.server_files import FILES, SECRETS, SETTINGS, TOWN

CADDY = shutil.which("caddy", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
WISHES = [
    {},
    {"GUICHET_SERVER_TLS": "internal"},
    {"GUICHET_SERVER_AGENT_NETWORKS": "10.0.0.0/8, 2001:db8::/32"},
    {"GUICHET_TELEGRAM_PUBLIC_URL": "https://sms.mairie.example"},  # two doors, divided by the provider's path
]


@pytest.mark.parametrize("wish", WISHES)
def test_caddy_takes_it(wish: dict[str, str], tmp_path: Path) -> None:
    text = files_of(TOWN, SETTINGS | wish, SECRETS)[CADDYFILE].text
    (tmp_path / "Caddyfile").write_text(text)
    judged = subprocess.run(
        [CADDY or "", "validate", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
    )
    assert judged.returncode == 0, judged.stderr
    assert '"level":"warn"' not in judged.stderr, "Caddy would write it otherwise: caddy fmt"


def adapted(folder: Path) -> dict[str, Any]:
    """Return what Caddy makes of it."""
    (folder / "Caddyfile").write_text(FILES[CADDYFILE].text)
    adapt = [CADDY or "", "adapt", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    here = {"PATH": os.defpath, "HOME": str(folder)}
    read: dict[str, Any] = json.loads(subprocess.check_output(adapt, env=here, stderr=subprocess.DEVNULL, text=True))
    return read


def test_who_never_ends_a_request_s_head_keeps_no_connection(tmp_path: Path) -> None:
    servers = adapted(tmp_path)["apps"]["http"]["servers"].values()
    assert [each["read_header_timeout"] for each in servers] == [10 * 10**9]  # without it, none: they stayed for good


def test_nobody_of_the_machine_but_its_own_user_has_it_serve_other_pages(tmp_path: Path) -> None:
    here = {"PATH": os.defpath, "HOME": str(tmp_path)}
    assert adapted(tmp_path)["admin"] == {"listen": "unix//var/lib/caddy/admin.sock"}
    socket = tmp_path / "admin.sock"
    (tmp_path / "caddy.json").write_text(json.dumps({"admin": {"listen": f"unix/{socket}"}}))
    command = [CADDY or "", "run", "--config", str(tmp_path / "caddy.json")]
    with subprocess.Popen(command, env=here, stderr=subprocess.DEVNULL, umask=0o022) as process:
        until = time.monotonic() + 20
        while not socket.exists():
            assert time.monotonic() < until, "caddy does not start"
            time.sleep(0.05)
        mode = socket.stat().st_mode
        process.send_signal(signal.SIGTERM)
    assert mode & 0o022 == 0, "who may write to a socket may connect to it"
