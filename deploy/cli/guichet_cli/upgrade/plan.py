"""What an upgrade does, in order, and what going back does. Pure: words to run, and why.

Each step is a program of its own: the commands of Guichet sign in to the store each as who may do it, and those after
the change of the code run the other version's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOORS: Final = ("guichet-agent-desk.service", "guichet-citizen-portal.service")
TARGET: Final = "guichet.target"


@dataclass(frozen=True)
class Step:
    """says: what an operator reads first. words: what runs; None: wait until nothing that decides is on its way.

    leaves: after it the code here is the version that is gone back to, which may know no `guichet upgrade`.
    """

    says: str
    words: tuple[str, ...] | None
    leaves: bool = False

    @property
    def shown(self) -> str:
        """What runs, as an operator would type it."""
        return " ".join(self.words or ("(wait)",))


TOWN_FILES: Final = Step(
    "Bring the town's folder to the version's form; what it was stays beside it.", ("guichet", "town", "migrate")
)

ENDED: Final = Step("Note that the next upgrade makes a backup of its own.", ("guichet", "backup", "upgraded"))


@dataclass(frozen=True)
class Wanted:
    """version: of the code, a name that git knows; None: the code is there already. code: its folder.

    back: the backup of before, to go back to; ledger: the vault's of then, where the ledger is not beside it.
    managed: systemd runs the services.
    """

    code: Path
    version: str | None = None
    back: Path | None = None
    ledger: Path | None = None
    managed: bool = True


def plan(wanted: Wanted) -> Iterator[Step]:
    """Yield the steps. Killed anywhere, all may be run again; after one that `leaves`, what follows it, by hand."""
    if wanted.version is not None:  # before anything stops, or makes way for a version that cannot be had
        yield from _fetch(wanted.code, wanted.version)
    yield from _stop(wanted)
    if wanted.back is None and wanted.version is None:
        yield TOWN_FILES  # first: the code here reads the town's folder, whatever it does
    if wanted.back is None:
        back_up = ("guichet", "backup", "nightly", "--with-ledger", "--for-upgrade")
        yield Step("Back up, and read the backup; run again, the first one serves.", back_up)
    else:
        yield Step("Read the backup to go back to.", ("guichet", "backup", "check", str(wanted.back)))
        yield ENDED
        ledger = () if wanted.ledger is None else ("--ledger", str(wanted.ledger))
        yield Step("Make way for it.", ("guichet", "restore", "make-way", str(wanted.back), *ledger))
    if wanted.version is not None:
        checkout = ("git", "-C", str(wanted.code), "checkout", "--quiet", "--detach", wanted.version)
        yield Step(f"Put version {wanted.version} in place.", checkout, leaves=wanted.back is not None)
        script = "server/install.sh" if wanted.managed else "bootstrap.sh"
        yield Step("Install what it needs.", (str(wanted.code / "deploy" / script),))
        if wanted.back is None:
            yield TOWN_FILES
        if wanted.managed:  # before `prepare` wants them
            yield Step("Make its users, secrets and units.", ("guichet-server", "apply"))
    if wanted.back is not None:
        restore = ("guichet", "restore", "data", str(wanted.back), "--replace", "--yes")
        yield Step("Put the data of before back; what came since is filed again.", restore)
    yield Step("Prepare: users, topics, collections; what is stored takes the version's form.", ("guichet", "prepare"))
    if wanted.back is None:
        yield ENDED
    if wanted.managed:
        yield Step("Start.", ("systemctl", "start", TARGET))


def _fetch(code: Path, version: str) -> Iterator[Step]:
    yield Step("Fetch the version.", ("git", "-C", str(code), "fetch", "--tags", "--quiet"))
    known = ("git", "-C", str(code), "rev-parse", "--quiet", "--verify", f"{version}^{{commit}}")
    yield Step(f"Look whether git knows {version}.", known)


def _stop(wanted: Wanted) -> Iterator[Step]:
    if wanted.managed:
        yield Step("Stop the doors: nobody decides anything more.", ("systemctl", "stop", *DOORS))
    yield Step("Wait until every decision is carried out.", None)
    if wanted.managed:
        yield Step(
            "Stop everything; mail servers and providers keep what they cannot deliver.", ("systemctl", "stop", TARGET)
        )
