"""Opening a search file under its key: the pragmas that no connection may be without.

SQLite's temporary databases are not encrypted, so they stay in memory. Version 2.6 of SQLite3 Multiple Ciphers may
open a file without a key and say nothing (mended in 2.7, of which there is no wheel yet), so whoever made a file sees
that nobody reads it without one.
"""

import ctypes
from pathlib import Path
from typing import Final

import apsw

from guichet.search_files.errors import DamagedFileError, translated

KEY_BYTES: Final = 32
FORM: Final = 3  # of the tables, and of the stems in them: a file of another form is made again
_WAITS: Final = 5000  # ms, for another connection's lock
_MAKING: Final = {  # of a file that counts for nothing until SearchFolder.put_in_place has it on the disk
    "synchronous": 0,
    "wal_autocheckpoint": 10_000,  # pages: most are changed again and again, and each time enciphered
    "cache_size": -32 * 1024,  # KiB: ids lie at random places
}
_READ: Final = apsw.SQLITE_OPEN_READONLY
_WRITE: Final = apsw.SQLITE_OPEN_READWRITE
_CREATE: Final = _WRITE | apsw.SQLITE_OPEN_CREATE

# A message's number, and the rowid of its words, is its place in the order of arrival. Its text is kept as the words by
# which it is found, a right as a word in `scope`.
_TABLES: Final = """
CREATE TABLE places (partition INTEGER PRIMARY KEY, offset INTEGER NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE cases (
    number INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE, reference TEXT NOT NULL, citizen TEXT,
    state TEXT NOT NULL, rights TEXT NOT NULL
);
CREATE INDEX cases_of_citizen ON cases (citizen);
CREATE TABLE messages (number INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, of INTEGER NOT NULL);
CREATE INDEX messages_of_case ON messages (of);
CREATE TABLE waiting (message_id TEXT PRIMARY KEY, at INTEGER NOT NULL, of INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX waiting_in_order ON waiting (at, message_id);
CREATE VIRTUAL TABLE words USING fts5(
    subject, body, who, place, reference, scope,
    content='', contentless_delete=1, prefix='3 5', tokenize='unicode61 remove_diacritics 2'
);
"""


def create(path: Path, key: bytes) -> apsw.Connection:
    """Make an empty search file, and return its connection. key: 32 random bytes. Raises TransientError.

    What is written by it is not sure to be on the disk before SearchFolder.put_in_place.
    """
    with translated(path.name):
        connection = _opened(path, key, _CREATE)
        for name, value in _MAKING.items():
            connection.pragma(name, value)
        connection.pragma("journal_mode", "wal")
        connection.execute(_TABLES)
        connection.pragma("user_version", FORM)
    refuse_unencrypted(path)
    return connection


def open_to_write(path: Path, key: bytes) -> apsw.Connection:
    """Open a search file that counts. What was committed is on the disk. Raises DamagedFileError, TransientError.

    What SQLite lays beside it stays there when it is closed, empty: who may only read in the folder needs it to open
    the file, and could not make it.
    """
    refuse_unencrypted(path)
    connection = _checked(path, key, _WRITE)
    with translated(path.name):
        stays = ctypes.c_int(1)
        connection.file_control("main", apsw.SQLITE_FCNTL_PERSIST_WAL, ctypes.addressof(stays))
        connection.pragma("journal_size_limit", 0)
    return connection


def open_to_read(path: Path, key: bytes) -> apsw.Connection:
    """Open a search file for one who changes nothing, nor may write in its folder.

    Raises DamagedFileError, TransientError.
    """
    return _checked(path, key, _READ)


def refuse_unencrypted(path: Path) -> None:
    """Raise DamagedFileError where anybody could read the file without its key."""
    with translated(path.name):
        connection = apsw.Connection(str(path), flags=_READ)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").get  # noqa: B018 - it is the reading that counts
        except apsw.NotADBError:
            return
        finally:
            connection.close()
    raise DamagedFileError(f"search file {path.name} opens without its key")


def empty_beside(path: Path, key: bytes) -> apsw.Connection:
    """Open a path under a key where nothing lies yet, for a copy to be written to. Raises TransientError."""
    with translated(path.name):
        return _opened(path, key, _CREATE)


def _checked(path: Path, key: bytes, flags: int) -> apsw.Connection:
    with translated(path.name):
        connection = _opened(path, key, flags)
        form = connection.pragma("user_version")
    if form != FORM:
        connection.close()
        raise DamagedFileError(f"search file {path.name} is of form {form}, not {FORM}")
    return connection


def _opened(path: Path, key: bytes, flags: int) -> apsw.Connection:
    if len(key) != KEY_BYTES:
        raise DamagedFileError(f"search file {path.name}: its key opens nothing")
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(_WAITS)
    connection.pragma("temp_store", 2)  # memory
    connection.pragma("cipher", "chacha20")
    connection.pragma("key", f"raw:{key.hex()}")
    connection.pragma("secure_delete", True)
    connection.pragma("synchronous", 2)  # full: the place in the log is on the disk before it is committed
    return connection
