"""What `uv` is asked: which packages are locked, and whether OSV (https://osv.dev) knows of holes in them."""

import json
import os
import subprocess
from typing import Any, Final

from guichet_local.machine.paths import LOCAL, REPOSITORY
from tests.supply.verdict import Answer, KnownHole

UV: Final = LOCAL / "uv" / "bin" / "uv"
PATIENCE_S: Final = 180


def export_packages() -> dict[str, Any]:
    """Return every locked package as CycloneDX, development's too."""
    bill = _uv("export", "--frozen", "--quiet", "--all-packages", "--all-groups", "--format", "cyclonedx1.5")
    bill.check_returncode()
    exported: dict[str, Any] = json.loads(bill.stdout)
    return exported


def ask_for_known_holes(*more: str) -> Answer | None:
    """Return what the database knows of the locked packages, or None where nobody answers.

    uv ends with 0 or 1 where it was told, with another status where it was not. more: further words to `uv audit`.
    """
    words = ("audit", "--frozen", "--output-format", "json", "--preview-features", "audit,json-output", *more)
    asked = _uv(*words)
    return read_answer(asked.stdout) if asked.returncode in {0, 1} and asked.stdout.strip() else None


def read_answer(told: str) -> Answer:
    """Read uv's report. Pure."""
    report = json.loads(told)
    holes = [
        KnownHole(
            each["dependency"]["name"], each["dependency"]["version"], each["id"], each.get("summary") or each["id"]
        )
        for each in report["vulnerabilities"]
    ]
    return Answer(report["summary"]["audited_packages"], tuple(holes))


def _uv(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "UV_CACHE_DIR": str(LOCAL / "cache" / "uv"),
        "UV_PROJECT_ENVIRONMENT": str(REPOSITORY / ".venv"),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "1",
    }
    return subprocess.run(
        [UV, *words], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
