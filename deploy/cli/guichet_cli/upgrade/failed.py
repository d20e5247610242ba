"""What an operator is told when a step failed: what is as it was, and what to type. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from guichet.contracts.channels import Words
from guichet_cli.console.language import words
from guichet_cli.upgrade.plan import ENDED, TARGET, Left, Step, Wanted


@dataclass(frozen=True)
class Before:
    """What the town ran by. version: as git names it; None: nobody knows. backup: that the upgrade began with.

    town_files: its folder, and the copy of before, where the upgrade has brought it to another form.
    """

    version: str | None
    backup: Path | None
    town_files: tuple[Path, Path] | None = None


def after_failure(
    step: Step, wanted: Wanted, before: Before, *, left: Left, resumed: bool, wrong: Words
) -> Iterator[Words]:
    """Yield the sentences. left: how far it came. resumed: the services of before were started again."""
    yield wrong if step.runs is None else _failed(step, wrong)
    if wanted.back is None or left < Left.STORED:
        yield from _going_on(wanted, before, left, resumed=resumed)
    elif wanted.version is None:
        yield _again(wanted)
    else:
        yield words(
            "Corrigez. Puis relancez la commande, si le code est encore celui d’ici ; sinon, continuez à la main par"
            " les commandes ci-dessus.",
            "Mend it. Then run this again while the code is still the one here; after that, go on by hand with the"
            " commands above.",
        )


def _failed(step: Step, wrong: Words) -> Words:
    return words(f"« {step.shown} » a échoué ({wrong.fr}).", f"`{step.shown}` failed ({wrong.en}).")


def _going_on(wanted: Wanted, before: Before, left: Left, *, resumed: bool) -> Iterator[Words]:
    yield _what_is(left, resumed=resumed, managed=wanted.managed)
    yield _again(wanted)
    if left is Left.CHANGED and before.version is not None and wanted.version is not None:
        commands = " && ".join(_by_hand(wanted, before, before.version))
        yield words(f"Ou revenez à {before.version} : {commands}", f"Or go back to {before.version}: {commands}")
    if left is Left.STORED and before.version is not None and before.backup is not None:
        by_hand = "" if wanted.managed else " --by-hand"
        command = f"guichet upgrade --back {before.backup} --to {before.version}{by_hand}"
        yield words(
            f"Ou revenez à {before.version}, sans perdre de message : {command}",
            f"Or go back to {before.version}; no message is lost: {command}",
        )
    if left is Left.STORED:
        yield words(
            "Si tout marche sans la relancer : guichet backup upgraded",
            "If all works without running it again: guichet backup upgraded",
        )


def _what_is(left: Left, *, resumed: bool, managed: bool) -> Words:
    match left:
        case Left.RUNNING:
            return words(
                "Rien n’a été arrêté ni changé : la ville continue avec la version d’avant.",
                "Nothing was stopped or changed: the town goes on with the version of before.",
            )
        case Left.STOPPED if resumed:
            return words(
                "Code et données sont ceux d’avant, et les services sont relancés : la ville continue.",
                "Code and data are those of before, and the services were started again: the town goes on.",
            )
        case Left.STOPPED:
            start = f"systemctl start {TARGET}" if managed else "(…)"
            return words(
                f"Code et données sont ceux d’avant. Les services sont arrêtés ; pour les relancer : {start}",
                f"Code and data are those of before. The services are stopped; to start them: {start}",
            )
        case Left.CHANGED:
            return words(
                "Les services sont arrêtés, le code est le nouveau, les données sont celles d’avant.",
                "The services are stopped, the code is the new one, the data are those of before.",
            )
        case Left.STORED:
            return words(
                "Le code est le nouveau, et les données peuvent en avoir déjà la forme.",
                "The code is the new one, and the data may have its form already.",
            )


def _by_hand(wanted: Wanted, before: Before, version: str) -> Iterator[str]:
    yield f"git -C {wanted.code} checkout --quiet --detach {version}"
    yield str(wanted.code / "deploy" / ("server/install.sh" if wanted.managed else "bootstrap.sh"))
    if before.town_files is not None:
        folder, copy = before.town_files
        yield f"rm -r {folder} && cp -r {copy} {folder}"
    if wanted.managed:
        yield "guichet-server apply"
        yield f"systemctl start {' '.join((*wanted.servers, TARGET))}"
    yield " ".join(ENDED)


def _again(wanted: Wanted) -> Words:
    return words(f"Corrigez, puis relancez : {typed(wanted)}", f"Mend it, then run this again: {typed(wanted)}")


def typed(wanted: Wanted) -> str:
    """Return the command as it was typed."""
    parts = ["guichet upgrade"]
    parts += [f"--back {wanted.back}"] if wanted.back is not None else []
    parts += [f"--ledger {wanted.ledger}"] if wanted.ledger is not None else []
    parts += [f"--to {wanted.version}"] if wanted.version is not None else []
    return " ".join([*parts, *([] if wanted.managed else ["--by-hand"])])
