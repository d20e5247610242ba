"""The program of every container: see that what it was mounted is what it was told of, then become the service.

A container engine makes a folder that is missing, and a disk that is not mounted leaves an empty one: both must not
pass for a vault's copy that was never begun, or for a journal by which nothing has left.
"""

import os
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from guichet_server.layout import SECOND_DISK_MARK
from guichet_topology.services import OF_EVERY_TOWN

ASKS_FOR_A_PERSON: Final = 75
_ON_THE_SECOND_DISK: Final = ("GUICHET_VAULT_COPY", "GUICHET_NOTIFIER_JOURNAL")
_FILE_THERE: Final = "GUICHET_ROOT_KEY_COPY"
_WRITTEN: Final = ("GUICHET_VAULT_BACKUPS", "GUICHET_BACKUPS")
_OBJECTS: Final = "GUICHET_OBJECTS_URL"
_ONLY_READS: Final = {each.package: each.only_reads for each in OF_EVERY_TOWN}


def main(words: list[str]) -> int:
    """Become `python -P -m WORDS`, or say what is wrong and return 75: a person must look."""
    wrong = [*reasons_against(os.environ, only_reads=_ONLY_READS.get(words[0], ()))]
    if not wrong:
        os.execv(sys.executable, [sys.executable, "-P", "-m", *words])
    print(*wrong, sep="\n", file=sys.stderr, flush=True)
    return ASKS_FOR_A_PERSON


def reasons_against(told: Mapping[str, str], *, only_reads: Collection[str] = ()) -> Iterator[str]:
    """Yield a sentence, in French and then in English, for each folder that is not what a variable says.

    only_reads: variables of folders that are mounted to be read.
    """
    for name, folder in _marked_folders(told):
        if not (folder / SECOND_DISK_MARK).is_file():
            yield (
                f"{name} : {folder} n’est pas un dossier du second disque. Montez ce disque et relancez ; s’il est"
                " neuf, donnez d’abord : guichet-server second-disk\n"
                f"{name}: {folder} is no folder of the second disk. Mount that disk and start again; if it is new, give"
                " first: guichet-server second-disk"
            )
    for name, folder in _written_folders(told):
        if name not in only_reads and not os.access(folder, os.W_OK | os.X_OK):
            yield (
                f"{name} : rien ne peut être écrit dans {folder}. Donnez : guichet-server containers\n"
                f"{name}: nothing can be written to {folder}. Give: guichet-server containers"
            )


def _marked_folders(told: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    yield from ((name, Path(told[name])) for name in _ON_THE_SECOND_DISK if told.get(name))
    if file := told.get(_FILE_THERE):
        yield _FILE_THERE, Path(file).parent


def _written_folders(told: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    yield from ((name, Path(told[name])) for name in _WRITTEN if told.get(name))
    objects = urlsplit(told.get(_OBJECTS, ""))
    if objects.scheme == "file":
        yield _OBJECTS, Path(unquote(objects.path))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
