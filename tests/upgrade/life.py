"""What is known of a dump: where it lies, how it becomes a stack's folder, and what was noted when it was made."""

import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
DUMPS: Final = ("1129a30",)


@dataclass(frozen=True)
class Told:
    """What a citizen was sent: their case's reference and their link to it."""

    address: str
    reference: str
    link: str
    channel: str


@dataclass(frozen=True)
class Life:
    """What was noted. cases: by their words; waiting: what was accepted and not filed, by its way."""

    noted: Mapping[str, Any]

    @classmethod
    def of(cls, dump: str) -> "Life":
        """Return what is noted beside a dump."""
        return cls(json.loads((HERE / f"{dump}.json").read_text()))

    @property
    def cases(self) -> Mapping[str, Mapping[str, str]]:
        """Return, by a case's words, its reference and the sign-in name of an agent who may read it."""
        return self.noted["cases"]

    @property
    def waiting(self) -> Mapping[str, str]:
        """Return what was accepted and not filed."""
        return self.noted["waiting"]

    @property
    def told(self) -> Sequence[Told]:
        """Return every link that was sent."""
        return [
            Told(address, each["reference"], each["link"], each["channel"])
            for address, sent in self.noted["told"].items()
            for each in sent
        ]

    @property
    def erased_references(self) -> set[str]:
        """Return the references of cases that were destroyed before the dump was made."""
        return {reference for each in self.noted["erased"].values() for reference in each["cases"]}

    @property
    def old_citizens(self) -> set[str]:
        """Return every id of a citizen that could be computed from what others know: see guichet's ADR 0013."""
        return {*self.noted["citizens"], *self.noted["ledger"], *self.noted["provisional"]}


def unpack(dump: str, folder: Path) -> None:
    """Make a dump a stack's folder, as an upgrade meets it."""
    with tarfile.open(HERE / f"{dump}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    (folder / "secrets").chmod(0o700)
