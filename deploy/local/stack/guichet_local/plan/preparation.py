"""What must be done before the services may start: steps of the `guichet` command, each safe to repeat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from guichet_local.machine.paths import TOWN


@dataclass(frozen=True)
class PrepareStep:
    """One call of `python -m guichet_cli`. `{folder}` in an argument is the stack's folder.

    `once`: only at the first start of a folder. (A citizen erased since must not come back from a CSV file.)
    """

    arguments: tuple[str, ...]
    once: bool = False

    @property
    def name(self) -> str:
        """The command's words, as in `topics-create`."""
        return "-".join(self.arguments[:2])


@dataclass(frozen=True)
class Preparation:
    """The steps that services wait for, then those that run while the services start (each set at once)."""

    before: tuple[PrepareStep, ...]
    meanwhile: tuple[PrepareStep, ...]


PREPARATION: Final = Preparation(
    before=(PrepareStep(("prepare",)),),
    meanwhile=(
        PrepareStep(("agents", "create", "--passwords-file", "{folder}/secrets/agents.txt")),
        PrepareStep(("registry", "import", str(TOWN / "citizens.csv")), once=True),
    ),
)

NOTHING: Final = Preparation((), ())


def servers_alone(settings: Mapping[str, str]) -> Preparation:
    """What servers need without services: a restore, which then comes, is a user of our own store too."""
    if "GUICHET_MONGODB_URI" in settings:
        return NOTHING
    return Preparation(before=(PrepareStep(("store", "users")),), meanwhile=())
