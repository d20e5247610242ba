"""Fetch Keycloak's own distribution from Maven Central, and take nothing but the bytes that this file names."""

import hashlib
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import LOCAL

VERSION: Final = "26.7.3"
NAME: Final = f"keycloak-quarkus-dist-{VERSION}.zip"
ADDRESS: Final = f"https://repo1.maven.org/maven2/org/keycloak/keycloak-quarkus-dist/{VERSION}/{NAME}"
SHA256: Final = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
FOLDER: Final = LOCAL / "keycloak"
HOME: Final = FOLDER / f"keycloak-{VERSION}"
_PIECE: Final = 1024 * 1024


def fetch() -> Path:
    """Return Keycloak's folder, fetched once. Raises SystemExit where other bytes come, OSError without a network."""
    if (HOME / "bin" / "kc.sh").exists():
        return HOME
    FOLDER.mkdir(parents=True, exist_ok=True)
    archive = FOLDER / NAME
    if not archive.exists() or _digest(archive) != SHA256:
        sys.stdout.write(f"  Fetching Keycloak {VERSION} from Maven Central (170 MB)\n")
        urllib.request.urlretrieve(ADDRESS, archive)
    if _digest(archive) != SHA256:
        archive.unlink()
        raise SystemExit(f"{NAME} is not the bytes that {__file__} names: the network gives something else.")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(FOLDER)
    (HOME / "bin" / "kc.sh").chmod(0o755)
    archive.unlink()
    return HOME


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
