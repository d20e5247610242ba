"""A town that is a demonstration, filled by `guichet demo`: nobody in it exists, so whoever sees its pages sees nobody."""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet_local.plan.preparation import AGENTS, DEMONSTRATION, Preparation
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.town.commands import guichet
from guichet_testing.town.desk_client import password_of

_PAGE: Final = re.compile(r"\S+/suivi/\S+")


@dataclass(frozen=True)
class Demonstration:
    """Where it is seen. follow_pages: of some of its citizens."""

    desk: str
    portal: str
    console: str
    agent: str
    password: str
    follow_pages: Sequence[str]

    @property
    def doors(self) -> tuple[str, ...]:
        """All that may be asked of anybody while it is pictured."""
        return (self.desk, self.portal, self.console)


@contextmanager
def demonstration(folder: Path, agent: str) -> Iterator[Demonstration]:
    """Run one as long as the block lasts."""
    settings = {"GUICHET_TOWN": str(_marked_town(folder / "town"))}
    preparation = Preparation(DEMONSTRATION.before, (AGENTS,))
    with LocalStack(folder / "guichet", settings=settings, preparation=preparation) as stack:
        said = guichet(stack, "demo")  # by us, for the pages that it names
        yield Demonstration(
            desk=stack.addresses["agent-desk"],
            portal=stack.addresses["citizen-portal"],
            console=stack.addresses["ops-console"],
            agent=agent,
            password=password_of(stack, agent),
            follow_pages=_PAGE.findall(said),
        )


def _marked_town(folder: Path) -> Path:
    shutil.copytree(EXAMPLE_TOWN, folder, ignore=shutil.ignore_patterns("tests"))
    with (folder / "town.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndemonstration: true\n")
    return folder
