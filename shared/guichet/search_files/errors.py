"""What a search file can be besides well, in Guichet's own errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from guichet.errors import GuichetError, TransientError


class DamagedFileError(GuichetError):
    """A search file does not open with its key, or not whole: it is made again from the store."""


class FileGoneError(TransientError):
    """There is no such search file: another one has taken its place."""


@contextmanager
def translated(file: str) -> Iterator[None]:
    """Raise DamagedFileError for a file that is damaged, TransientError for a disk that is full or away, or a lock.

    FileGoneError, one of these, for a file that is not there.
    """
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError) as exc:
        raise DamagedFileError(f"search file {file}: {type(exc).__name__}") from exc
    except apsw.CantOpenError as exc:
        raise FileGoneError(f"search file {file}: {type(exc).__name__}") from exc
    except (apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.IOError) as exc:
        raise TransientError(f"search file {file}: {type(exc).__name__}") from exc
