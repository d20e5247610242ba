"""What must be done before the services may start: steps of the `guichet` command, each safe to repeat."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet.errors import SettingsError
from guichet.town.demonstration import is_demonstration
from guichet_local.machine.paths import TOWN


@dataclass(frozen=True)
class PrepareStep:
    """One call of `python -m guichet_cli`. `{folder}` in an argument is the stack's folder.

    `once`: only at the first start of a folder. (A citizen erased since must not come back from a CSV file.)
    `needed_by`: only where one of these services is started; by all, unless told.
    """

    arguments: tuple[str, ...]
    once: bool = False
    needed_by: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The command's words, as in `topics-create`."""
        return "-".join(self.arguments[:2])


@dataclass(frozen=True)
class Preparation:
    """The steps that services wait for, then those that run while the services start (each set at once)."""

    before: tuple[PrepareStep, ...]
    meanwhile: tuple[PrepareStep, ...]

    def of(self, services: Collection[str]) -> "Preparation":
        """Leave out what none of these services needs."""
        before, meanwhile = (
            tuple(step for step in steps if not step.needed_by or not step.needed_by.isdisjoint(services))
            for steps in (self.before, self.meanwhile)
        )
        return Preparation(before, meanwhile)


AGENTS: Final = PrepareStep(
    ("agents", "create", "--passwords-file", "{folder}/secrets/agents.txt"), needed_by=frozenset({"agent-desk"})
)
PREPARATION: Final = Preparation(
    before=(PrepareStep(("prepare",)),),
    meanwhile=(AGENTS, PrepareStep(("registry", "import", str(TOWN / "citizens.csv")), once=True)),
)
DEMONSTRATION: Final = Preparation(
    before=(PrepareStep(("prepare",)),), meanwhile=(AGENTS, PrepareStep(("demo",), once=True))
)

NOTHING: Final = Preparation((), ())


def preparation_of(settings: Mapping[str, str]) -> Preparation:
    """Return what the stack's town needs: a demonstration is filled, any other gets the example town's citizens.

    Of a town that cannot be read, the services say what is wrong with it.
    """
    with suppress(SettingsError):
        if is_demonstration(Path(settings.get("GUICHET_TOWN", TOWN))):
            return DEMONSTRATION
    return PREPARATION


def servers_alone(settings: Mapping[str, str]) -> Preparation:
    """What servers need without services: a restore, which then comes, is a user of our own store too."""
    if "GUICHET_MONGODB_URI" in settings:
        return NOTHING
    return Preparation(before=(PrepareStep(("store", "users")),), meanwhile=())
