"""A case's file as one archive, encrypted with AES-256 under a passphrase, as 7-Zip and its like open it. In memory."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, Final

import pyzipper

MOST_BYTES: Final = 64 * 1024 * 1024  # of files in one archive, which lies in memory until it is given
MANIFEST: Final = "manifeste.json"
DOCUMENT: Final = "demande.pdf"


@dataclass(frozen=True)
class Enclosed:
    """A file that goes in. said: what the manifest says of it, beside its size and its digest."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    said: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class SealedArchive:
    """sha256: of the archive, in hexadecimal digits. files: how many of the case's own are in it."""

    content: bytes = field(repr=False)
    sha256: str
    files: int


def sealed_archive(document: bytes, files: Sequence[Enclosed], about: dict[str, Any], passphrase: str) -> SealedArchive:
    """Return the archive: the document, the files and a manifest with the SHA-256 of each.

    Names inside an archive are readable without its passphrase: files are numbered there, and only the manifest, which
    is encrypted as they are, says what they are called.
    """
    numbered = [(_numbered(number, each.name), each) for number, each in enumerate(files, start=1)]
    manifest = {
        **about,
        "document": {"path": DOCUMENT, **_digest(document)},
        "files": [{"path": path, "name": each.name, **each.said, **_digest(each.content)} for path, each in numbered],
    }
    made = BytesIO()
    with pyzipper.AESZipFile(made, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(passphrase.encode())
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())
        archive.writestr(DOCUMENT, document)
        for path, each in numbered:
            archive.writestr(path, each.content)
    content = made.getvalue()
    return SealedArchive(content, hashlib.sha256(content).hexdigest(), len(files))


def _numbered(number: int, name: str) -> str:
    ending = PurePosixPath(name).suffix.lower()
    return f"fichiers/{number:03d}{ending if ending[1:].isascii() and ending[1:].isalnum() else ''}"


def _digest(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
