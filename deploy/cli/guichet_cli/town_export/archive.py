"""The file that a town takes with it: a tar archive, encrypted by age to one key while it is written.

Both ways it streams through a pipe: neither memory nor disk holds more in clear than what is in hand. age's own
library drops the error of a last write that fails, so the file that it writes to remembers it (seen with pyrage 1.4.0).
"""

import io
import os
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from pyrage import (
    DecryptError,
    EncryptError,
    IdentityError,
    RecipientError,
    decrypt_io,
    encrypt_io,
    ssh,
    x25519,
)

from guichet.errors import PermanentError
from guichet.runtime.disk import flush_to_disk

PIECE: Final = 1 << 16
LARGEST: Final = 1 << 30  # of a member; the largest file that a channel takes is far smaller
Recipient = x25519.Recipient | ssh.Recipient
Identity = x25519.Identity | ssh.Identity


@dataclass(frozen=True)
class Member:
    """A file of the archive."""

    name: str
    content: bytes


class Archive:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: bytes) -> None:
        """Write a file."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))


class _Remembering(io.BufferedIOBase):
    """What age writes to."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.trouble: OSError | None = None

    def write(self, piece: Any) -> int:
        try:
            return self._file.write(piece)
        except OSError as exc:
            self.trouble = exc
            raise

    def flush(self) -> None:
        self._file.flush()


def recipient_of(key: str) -> Recipient:
    """Return the key to encrypt to: `age1…` or an OpenSSH public key. Raises PermanentError."""
    try:
        return x25519.Recipient.from_str(key) if key.startswith("age1") else ssh.Recipient.from_str(key)
    except RecipientError:
        raise PermanentError(
            "This is no key to encrypt to. Give the public key that `age-keygen` shows (age1…), or an ssh-ed25519 or "
            "ssh-rsa one."
        ) from None


def identities_in(file: Path) -> list[Identity]:
    """Return the secret keys of a file as `age-keygen` writes it, or of an OpenSSH one. file: `-` is standard input.

    Raises PermanentError.
    """
    try:
        text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        lines = [line.strip() for line in text.decode("ascii", "replace").splitlines()]
        if found := [x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]:
            return [*found]
        return [ssh.Identity.from_buffer(text)]
    except OSError as exc:
        raise PermanentError(f"{file} cannot be read ({exc.strerror}).") from exc
    except IdentityError:
        raise PermanentError(f"{file} holds no secret key of age or OpenSSH that has no passphrase.") from None


@contextmanager
def writing(path: Path, recipient: Recipient) -> Iterator[Archive]:
    """Write a new file, whole or not at all. Raises PermanentError, also while it is written."""
    partial = path.with_name(f"{path.name}.partial")
    if path.exists():
        raise PermanentError(f"{path} exists already. Name a file that does not exist yet.")
    try:
        partial.unlink(missing_ok=True)  # of an export that was killed
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with _encrypting(file, recipient) as archive:
                yield archive
            os.fsync(file.fileno())
        partial.rename(path)
        flush_to_disk(path.parent)
    except OSError as exc:
        raise PermanentError(f"{path} cannot be written ({exc.strerror or exc}).") from exc
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def _encrypting(file: IO[bytes], recipient: Recipient) -> Iterator[Archive]:
    reading, feeding = os.pipe()
    remembering = _Remembering(file)
    source = io.BufferedReader(io.FileIO(reading, "rb"), PIECE)
    beside = _Beside(lambda: encrypt_io(source, remembering, [recipient]), source)
    try:
        with io.BufferedWriter(io.FileIO(feeding, "wb"), PIECE) as pipe, tarfile.open(fileobj=pipe, mode="w|") as tar:
            yield Archive(tar)
    except BrokenPipeError:
        pass  # what broke it is told below
    finally:
        beside.join()
    if trouble := remembering.trouble or beside.trouble:
        raise trouble if isinstance(trouble, OSError) else PermanentError(f"age: {trouble}")
    file.flush()


@contextmanager
def reading(path: Path, identities: list[Identity]) -> Iterator[Iterator[Member]]:
    """Open a file; yield its members, in order, one in memory at a time.

    Raises PermanentError, also while they are read: the key is another, it is damaged or cut short, it is no export.
    """
    from_pipe, feeding = os.pipe()
    try:
        source = path.open("rb")
    except OSError as exc:
        raise PermanentError(f"{path} cannot be read ({exc.strerror}).") from exc
    target = io.BufferedWriter(io.FileIO(feeding, "wb"), PIECE)
    beside = _Beside(lambda: decrypt_io(source, target, identities), target, source)
    with io.BufferedReader(io.FileIO(from_pipe, "rb"), PIECE) as pipe:
        yield _members(path, pipe, beside)
    beside.join()


def _members(path: Path, pipe: IO[bytes], beside: "_Beside") -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=pipe, mode="r|") as tar:
            for member in tar:
                if not member.isfile() or member.size > LARGEST:
                    raise PermanentError(f"{path} holds {member.name!r}, which no export has.")
                file = tar.extractfile(member)
                assert file is not None
                yield Member(member.name, file.read())
        while pipe.read(PIECE):
            pass  # tar's padding, to the end: age tells there whether anything was cut off
    except tarfile.TarError as exc:
        beside.join()
        raise beside.reason(path) or PermanentError(f"{path} is no export of a town ({exc}).") from exc
    beside.join()
    if reason := beside.reason(path):
        raise reason


class _Beside:
    """A run of age in a thread of its own, which ends by closing its files. trouble: what it ended with."""

    def __init__(self, act: Callable[[], object], *files: IO[bytes]) -> None:
        self.trouble: Exception | None = None
        self._act, self._files = act, files
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._act()
        except (EncryptError, DecryptError, OSError) as exc:
            self.trouble = exc
        finally:
            for file in self._files:
                with suppress(OSError):
                    file.close()

    def join(self) -> None:
        self._thread.join()

    def reason(self, path: Path) -> PermanentError | None:
        """Return why a file could not be opened to its end, if it could not."""
        if self.trouble is None:
            return None
        if isinstance(self.trouble, DecryptError):
            if "No matching keys" in str(self.trouble):
                return PermanentError(f"{path} was encrypted to another key than this one.")
            return PermanentError(f"{path} is no file of age.")
        return PermanentError(f"{path} is damaged or was cut short: nothing of it is to be trusted.")
