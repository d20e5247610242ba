"""The encrypted file: streamed both ways, whole or not there."""

import errno
import os
import re
import threading
import tracemalloc
from pathlib import Path
from typing import IO, Any

import pyrage
import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from guichet.errors import PermanentError
from guichet_cli.town_export import archive
from guichet_cli.town_export.archive import identities_in, reading, recipient_of, writing

KEY = pyrage.x25519.Identity.generate()
MEBI = 1 << 20


def test_neither_way_holds_more_than_a_member_in_memory(tmp_path: Path) -> None:
    file, piece = tmp_path / "t.age", os.urandom(MEBI)
    others = threading.active_count()  # other tests' of this process
    tracemalloc.start()
    with writing(file, KEY.to_public()) as written:
        for number in range(64):
            written.add(f"files/{number}", piece)
    with reading(file, [KEY]) as members:
        assert sum(member.content == piece for member in members) == 64
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MEBI
    assert file.stat().st_size > 64 * MEBI
    assert threading.active_count() < others + 10


def write(file: Path, content: bytes, failure: Exception | None = None) -> None:
    with writing(file, KEY.to_public()) as written:
        written.add("files/1", content)
        if failure is not None:
            raise failure


class FullDisk:
    def __init__(self, file: IO[bytes], room: int) -> None:
        self._file, self._room = file, room

    def write(self, piece: bytes) -> int:
        self._room -= len(piece)
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._file.write(piece)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.mark.parametrize("room", [0, 300, 10_000, 80_000])
def test_a_full_disk_is_told_whenever_it_is_full_and_nothing_lies_there(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = open

    def opened(file: Any, *arguments: Any, **more: Any) -> Any:
        found = real(file, *arguments, **more)
        return FullDisk(found, room) if "w" in arguments[0] and not more else found

    monkeypatch.setattr(archive, "open", opened, raising=False)
    with pytest.raises(PermanentError, match=re.escape(os.strerror(errno.ENOSPC))):
        write(tmp_path / "t.age", os.urandom(100_000))
    assert [*tmp_path.iterdir()] == []


def test_what_fails_while_it_is_written_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="the vault"):
        write(tmp_path / "t.age", b"b", PermanentError("the vault is away"))
    assert [*tmp_path.iterdir()] == []


def test_who_stops_reading_leaves_nothing_running(tmp_path: Path) -> None:
    with writing(tmp_path / "t.age", KEY.to_public()) as written:
        for number in range(8):
            written.add(str(number), bytes(MEBI))
    before = threading.active_count()
    with reading(tmp_path / "t.age", [KEY]) as members:
        assert next(iter(members)).name == "0"
    assert threading.active_count() <= before


def test_keys_of_ssh_are_taken_too(tmp_path: Path) -> None:
    secret = Ed25519PrivateKey.generate()
    (tmp_path / "id").write_bytes(
        secret.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption())
    )
    public = secret.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
    with writing(tmp_path / "t.age", recipient_of(public)) as written:
        written.add("a", b"b")
    with reading(tmp_path / "t.age", identities_in(tmp_path / "id")) as members:
        assert [member.content for member in members] == [b"b"]
