"""Lay down the public halves of the keys by which doors sign, for every service to read."""

from pathlib import Path

from guichet_local.plan.public_keys import lay_public_keys
from guichet_server.installation import Installation
from guichet_server.layout import PLACES


def lay_for_everybody(here: Installation, root: Path = Path("/")) -> None:
    """Do so; what an older key signed stays true."""
    folder = root / PLACES.public_keys[1:]
    folder.mkdir(parents=True, exist_ok=True)
    lay_public_keys(folder, dict(here.secrets), here.hosts)
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
