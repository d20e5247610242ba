"""The socket of a sender: where it lies, who has it, and who is at its other end."""

import fcntl
import os
import socket
import struct
from pathlib import Path
from typing import Final

from guichet.errors import SettingsError

LONGEST_PATH: Final = 107  # bytes that the system takes (unix(7))
_PEER: Final = struct.Struct("3i")  # pid, uid, gid


def socket_path(folder: Path, lane: str) -> Path:
    """Return where the sender of a lane listens."""
    return folder / f"{lane}.sock"


class LaneSocket:
    """The one socket of a lane, as long as this process has it. notifier: uid of whoever may connect."""

    def __init__(self, folder: Path, lane: str, notifier: int) -> None:
        self.path = socket_path(folder, lane)
        self._lane = lane
        self._notifier = notifier
        self._lock: int | None = None

    def listen(self) -> socket.socket:
        """Take the lane and return its socket, in place of one that a killed process left.

        Raises SettingsError where another process has the lane, or the folder cannot hold a private socket.
        """
        if len(os.fsencode(self.path)) > LONGEST_PATH:
            raise SettingsError(f"{self.path} is too long for a socket: set GUICHET_SENDER_SOCKETS to a shorter path.")
        self._make_folder()
        self._take_lane()
        self.path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(os.fspath(self.path))
            self.path.chmod(0o600 if self._is_ours else 0o660)  # 0660: the folder's group is the notifier's
            listening.setblocking(False)
        except OSError:
            listening.close()
            raise
        return listening

    def leave(self) -> None:
        """Let another process have the lane."""
        if self._lock is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def is_notifier(self, connection: socket.socket) -> bool:
        """Say whether the notifier is at the other end, as the kernel knows it."""
        return peer_uid(connection) == self._notifier

    @property
    def _is_ours(self) -> bool:
        return self._notifier == os.getuid()

    def _make_folder(self) -> None:
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & (0o077 if self._is_ours else 0o007):
            raise SettingsError(f"{folder} is open to others: chmod 700 {folder} (GUICHET_SENDER_SOCKETS).")

    def _take_lane(self) -> None:
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel lets go of it however the process ends
        except BlockingIOError as exc:
            os.close(lock)
            raise SettingsError(f"another process sends for {self._lane} already: one process per account.") from exc
        self._lock = lock


def peer_uid(connection: socket.socket) -> int:
    """Return the uid of the process that connected (SO_PEERCRED, unix(7))."""
    _, uid, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return int(uid)
