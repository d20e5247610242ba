"""`guichet-server second-disk`: begin what containers keep on the second disk, once, while it is mounted. For root.

Each folder gets a mark, which lies on that disk and nowhere else: a container that is told of the folder and finds no
mark does not start (guichet_server.run.in_container). Beneath a mount point nothing of ours lies, ever.
"""

import os
from pathlib import Path
from typing import Final

from guichet.errors import SettingsError
from guichet.store.sending_journal import FILE as JOURNAL_FILE
from guichet_server.layout import DATA, SECOND_DISK, SECOND_DISK_MARK
from guichet_server.render.containers import ROOT_KEY_COPY, SENDING_JOURNAL, USER, VAULT_COPY

FOLDERS: Final = (VAULT_COPY, ROOT_KEY_COPY, SENDING_JOURNAL)
ON_THIS_DISK: Final = "--on-this-disk"


def second_disk(root: Path = Path("/"), *, on_this_disk: bool = False) -> list[str]:
    """Begin it; what is begun already stays as it is. Raises SettingsError where no other disk is mounted, OSError.

    on_this_disk: whether the town, which is warned, wants it where the vault lies: to try things out.
    """
    mounted = root / SECOND_DISK[1:]
    if not on_this_disk and not (os.path.ismount(mounted) and _device(mounted) != _device(root / DATA[1:])):
        raise SettingsError(
            f"{SECOND_DISK} n’est pas un disque monté, autre que celui de {DATA} : montez-y le second disque. "
            f"Pour un simple essai, sans second disque : guichet-server second-disk {ON_THIS_DISK}\n"
            f"{SECOND_DISK} is no mounted disk that is another than that of {DATA}: mount the second disk there."
        )
    for folder in FOLDERS:
        _begin(root / folder[1:])
    journal = root / SENDING_JOURNAL[1:] / JOURNAL_FILE
    journal.touch(mode=0o600, exist_ok=True)
    os.chown(journal, USER, USER)
    return [
        f"Le second disque est prêt ({', '.join(FOLDERS)}) ; le journal des envois est commencé.",
        "À dire dans /etc/guichet/guichet.env (docs/going-live.md) : GUICHET_VAULT_COPY, GUICHET_ROOT_KEY_COPY, "
        "GUICHET_NOTIFIER_JOURNAL.",
    ]


def _device(path: Path) -> int:
    """Of the nearest folder that is there."""
    there = next(each for each in (path, *path.parents) if each.exists())
    return there.stat().st_dev


def _begin(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    mark = folder / SECOND_DISK_MARK
    mark.touch(mode=0o600, exist_ok=True)
    for each in (folder, mark):
        os.chown(each, USER, USER)
