"""What an upgrade does, in order, and what going back does. Pure: words to run, and why.

Each step is a program of its own: the commands of Guichet sign in to the store each as who may do it, and those after
the change of the code run the other version's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

from guichet.contracts.channels import Words
from guichet_cli.console.language import words

DOORS: Final = ("guichet-agent-desk.service", "guichet-citizen-portal.service")
TARGET: Final = "guichet.target"
ENDED: Final = ("guichet", "backup", "upgraded")


class Left(IntEnum):
    """What a step that fails leaves behind: how far the town is from what it was."""

    RUNNING = 1  # nothing was stopped
    STOPPED = 2  # services are stopped; code and store are those of before
    CHANGED = 3  # the code is the other version's, the store as it was
    STORED = 4  # what is stored may have the other version's form


@dataclass(frozen=True)
class Step:
    """says: what an operator reads first. runs: a program and its words; None: wait until no decision is on its way.

    leaves: after it the code here is the version that is gone back to, which may know no `guichet upgrade`.
    """

    says: Words
    runs: tuple[str, ...] | None
    left: Left
    leaves: bool = False

    @property
    def shown(self) -> str:
        """What runs, as an operator would type it."""
        return " ".join(self.runs or ("(wait)",))


@dataclass(frozen=True)
class Wanted:
    """version: of the code, a name that git knows; None: the code is there already. code: its folder.

    back: the backup of before, to go back to; ledger: the vault's of then, where the ledger is not beside it.
    managed: systemd runs the services. servers: units of Kafka and MongoDB that this machine runs itself.
    """

    code: Path
    version: str | None = None
    back: Path | None = None
    ledger: Path | None = None
    managed: bool = True
    servers: tuple[str, ...] = ()


def plan(wanted: Wanted) -> Iterator[Step]:
    """Yield the steps. Killed anywhere, all may be run again; after one that `leaves`, what follows it, by hand."""
    if wanted.version is not None:  # before anything stops, or makes way for a version that cannot be had
        yield from _fetch(wanted, wanted.version)
    yield from _stop(wanted)
    yield from _make_way(wanted, wanted.back) if wanted.back is not None else _back_up(wanted)
    if wanted.version is not None:
        yield from _change(wanted, wanted.version)
    yield from _take_up(wanted)


def _fetch(wanted: Wanted, version: str) -> Iterator[Step]:
    git = ("git", "-C", str(wanted.code))
    yield Step(words("Chercher la version.", "Fetch the version."), (*git, "fetch", "--tags"), Left.RUNNING)
    known = (*git, "rev-parse", "--quiet", "--verify", f"{version}^{{commit}}")
    yield Step(words(f"Voir si git connaît {version}.", f"Look whether git knows {version}."), known, Left.RUNNING)
    says = words(
        "Voir si rien de modifié à la main ne la gêne.", "Look whether nothing that was changed by hand is in its way."
    )
    yield Step(says, (*git, "read-tree", "-n", "-m", "-u", "HEAD", version), Left.RUNNING)
    if wanted.managed:
        says = words(
            "L’installer à côté, pour l’essayer : ce qu’il lui faut est alors là.",
            "Install it beside, to try: then what it needs is here.",
        )
        yield Step(says, (str(wanted.code / "deploy/server/try_install.sh"), version), Left.RUNNING)


def _stop(wanted: Wanted) -> Iterator[Step]:
    if wanted.managed:
        says = words(
            "Fermer le guichet et le portail : plus personne ne décide.",
            "Stop the doors: nobody decides anything more.",
        )
        yield Step(says, ("systemctl", "stop", *DOORS), Left.STOPPED)
    says = words("Attendre que chaque décision soit exécutée.", "Wait until every decision is carried out.")
    yield Step(says, None, Left.STOPPED)
    if wanted.managed:
        says = words(
            "Tout arrêter ; les serveurs de courrier et les prestataires gardent ce qu’ils ne peuvent remettre.",
            "Stop everything; mail servers and providers keep what they cannot deliver.",
        )
        yield Step(says, ("systemctl", "stop", TARGET), Left.STOPPED)


def _back_up(wanted: Wanted) -> Iterator[Step]:
    if wanted.version is None:
        yield _town_files(Left.STOPPED)  # first: the code here reads the town's folder, whatever it does
    says = words(
        "Sauvegarder, et relire la sauvegarde ; relancé, c’est la première qui sert.",
        "Back up, and read the backup; run again, the first one serves.",
    )
    yield Step(says, ("guichet", "backup", "nightly", "--with-ledger", "--for-upgrade"), Left.STOPPED)


def _make_way(wanted: Wanted, back: Path) -> Iterator[Step]:
    says = words("Lire la sauvegarde à laquelle on revient.", "Read the backup to go back to.")
    yield Step(says, ("guichet", "backup", "check", str(back)), Left.STOPPED)
    yield _ended(Left.STOPPED)
    ledger = () if wanted.ledger is None else ("--ledger", str(wanted.ledger))
    way = ("guichet", "restore", "make-way", str(back), *ledger)
    yield Step(words("Lui faire place.", "Make way for it."), way, Left.STORED)


def _change(wanted: Wanted, version: str) -> Iterator[Step]:
    left = Left.CHANGED if wanted.back is None else Left.STORED
    if wanted.servers:  # their files are about to be replaced
        says = words("Arrêter Kafka et MongoDB.", "Stop Kafka and MongoDB.")
        yield Step(says, ("systemctl", "stop", *wanted.servers), Left.STOPPED if wanted.back is None else left)
    checkout = ("git", "-C", str(wanted.code), "checkout", "--quiet", "--detach", version)
    says = words(f"Mettre la version {version} en place.", f"Put version {version} in place.")
    yield Step(says, checkout, left, leaves=wanted.back is not None)
    script = "server/install.sh" if wanted.managed else "bootstrap.sh"
    says = words("Installer ce qu’il lui faut.", "Install what it needs.")
    yield Step(says, (str(wanted.code / "deploy" / script),), left)
    if wanted.back is None:
        yield _town_files(left)
    if wanted.managed:  # before `prepare` wants them
        says = words("Faire ses utilisateurs, secrets et unités.", "Make its users, secrets and units.")
        yield Step(says, ("guichet-server", "apply"), left)
    if wanted.servers:
        says = words("Démarrer Kafka et MongoDB.", "Start Kafka and MongoDB.")
        yield Step(says, ("systemctl", "start", *wanted.servers), left)


def _take_up(wanted: Wanted) -> Iterator[Step]:
    if wanted.back is not None:
        says = words(
            "Remettre les données d’avant ; ce qui est venu depuis est classé de nouveau.",
            "Put the data of before back; what came since is filed again.",
        )
        yield Step(says, ("guichet", "restore", "data", str(wanted.back), "--replace", "--yes"), Left.STORED)
    says = words(
        "Préparer : utilisateurs, topics, collections ; les données prennent la forme de cette version.",
        "Prepare: users, topics, collections; what is stored takes the version's form.",
    )
    yield Step(says, ("guichet", "prepare"), Left.STORED)
    if wanted.managed:
        yield Step(words("Démarrer.", "Start."), ("systemctl", "start", TARGET), Left.STORED)
        says = words("Attendre que chaque service soit prêt.", "Wait until every service is ready.")
        yield Step(says, ("guichet-server", "wait"), Left.STORED)
    if wanted.back is None:  # last: until then the first backup is the one to go back to
        yield _ended(Left.STORED)


def _town_files(left: Left) -> Step:
    says = words(
        "Donner au dossier de la ville la forme de la version ; celui d’avant reste à côté.",
        "Bring the town's folder to the version's form; what it was stays beside it.",
    )
    return Step(says, ("guichet", "town", "migrate"), left)


def _ended(left: Left) -> Step:
    says = words(
        "Noter que la prochaine mise à niveau fera sa propre sauvegarde.",
        "Note that the next upgrade makes a backup of its own.",
    )
    return Step(says, ENDED, left)
