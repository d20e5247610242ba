"""Caddy itself reads what we write for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guichet_server.render.everything import CADDYFILE, files_of
from guichet_testing.server_files import SECRETS, SETTINGS, TOWN

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
