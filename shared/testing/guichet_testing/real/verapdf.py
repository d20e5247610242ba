"""veraPDF, for tests alone: it judges PDF/A and PDF/UA, and shares no code with what makes our documents.

One jar of Maven Central with all that it needs, pinned by its digest, run by the Java that Kafka has.
"""

import hashlib
import json
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from guichet_local.errors import NoNetworkError, UntrustedJarError
from guichet_local.kafka.installation import find_java
from guichet_local.machine.locks import one_at_a_time
from guichet_local.machine.paths import CACHE

VERSION: Final = "1.28.2"
NAME: Final = f"greenfield-apps-{VERSION}.jar"
ADDRESS: Final = f"https://repo1.maven.org/maven2/org/verapdf/apps/greenfield-apps/{VERSION}/{NAME}"
SHA256: Final = "687d4d8bcfec48c9f7e931cf78ed061f1eeccfba55d4cdc000ba9b4d8aa46ce6"
_MAIN: Final = "org.verapdf.apps.GreenfieldCliWrapper"
_FLAGS: Final = ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
_DEADLINE_S: Final = 200


@dataclass(frozen=True)
class VeraPdf:
    """The judge."""

    java: Path
    jar: Path

    def broken_clauses(self, files: Sequence[Path], profile: str) -> Mapping[str, Sequence[str]]:
        """Return, by its name, which clauses of a profile (`2b`, `ua1`) a file breaks. What is no PDF breaks "PDF"."""
        arguments = ("--flavour", profile, "--format", "json", *map(str, files))
        home = f"-Duser.home={self.jar.parent}"  # it leaves settings there
        asked = [str(self.java), *_FLAGS, home, "-cp", str(self.jar), _MAIN, *arguments]
        # its status is the worst file's
        done = subprocess.run(asked, capture_output=True, text=True, timeout=_DEADLINE_S, check=False)  # noqa: S603
        jobs = json.loads(done.stdout)["report"]["jobs"]
        return {Path(job["itemDetails"]["name"]).name: _clauses(job) for job in jobs}


def _clauses(job: Mapping[str, Any]) -> list[str]:
    results = job.get("validationResult")
    if not results:
        return ["PDF"]
    return [
        f"{rule['specification']} {rule['clause']}" for each in results for rule in each["details"]["ruleSummaries"]
    ]


def install_verapdf(cache: Path = CACHE) -> VeraPdf:
    """Return veraPDF, fetched first (9 MB) where it is not there yet.

    Raises NoNetworkError, UnsupportedMachineError, UntrustedJarError.
    """
    java, jar = find_java(), cache / "verapdf" / NAME
    if not jar.exists():
        with one_at_a_time(cache):
            _fetch(jar)
    require_its_bytes(jar)
    return VeraPdf(java, jar)


def require_its_bytes(jar: Path) -> None:
    """Return if this is the jar that is named here. Raises UntrustedJarError."""
    with jar.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != SHA256:
            raise UntrustedJarError(f"{jar} is not the bytes that {__name__} names. Delete it and run the tests again.")


def _fetch(jar: Path) -> None:
    if jar.exists():  # another process was faster
        return
    jar.parent.mkdir(parents=True, exist_ok=True)
    partial = jar.with_suffix(".partial")
    try:
        urllib.request.urlretrieve(ADDRESS, partial)
    except OSError as exc:
        raise NoNetworkError(f"veraPDF could not be fetched from Maven Central ({ADDRESS}).") from exc
    partial.rename(jar)
