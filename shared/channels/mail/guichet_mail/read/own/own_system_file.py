"""What mail.yaml says of the town's own mail system, on top of what a preset says.

    preset: zimbra
    authserv_id: mail.mairie.example       # the name in its Authentication-Results
    spam: verdict

A preset is a file of this package (`guichet_mail/presets`), of the same fields.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from guichet.errors import SettingsError
from guichet.town.values import TownModel
from guichet.town.yaml_file import read_yaml
from guichet_mail.read.own.own_system import OwnSystem, ResultsPlace, SpamPlace, SpamPolicy
from guichet_mail.read.own.received import PRIVATE
from guichet_mail.read.own.spam_verdict import SPAM_HEADERS
from guichet_mail.read.own.verdicts.readers import VerdictForm

PRESETS: Final = Path(__file__).parents[2] / "presets"
ITSELF: Final = "{authserv_id}"  # in received_by: the server that writes the results
MOST_HOPS: Final = 20
ANYWHERE: Final = "anywhere"


def _network(written: str) -> str:
    return str(ip_network(written))  # whose complaint says what is wrong


def _spam_header(name: str) -> str:
    if name.lower() not in SPAM_HEADERS:
        raise ValueError(f"{name!r} is no header that is understood; known are {', '.join(SPAM_HEADERS)}.")
    return name.lower()


def _known_preset(name: str) -> str:
    if name not in presets():
        raise ValueError(f"{name!r} is no preset; known are {', '.join(presets())}.")
    return name


_ServerName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$")]
_ServerPattern = Annotated[str, Field(pattern=r"^(lmtp:)?(\{authserv_id\}|[A-Za-z0-9*][A-Za-z0-9*._:-]{0,251})$")]
_Networks = tuple[Annotated[str, AfterValidator(_network)], ...]


class _Fields(TownModel):
    """What is said of a mail system (`OwnSystem`); None: nothing."""

    verdicts: VerdictForm | None = None
    authserv_id: _ServerName | None = None
    received_by: Annotated[tuple[_ServerPattern, ...], Field(max_length=MOST_HOPS)] | None = None
    inside: Literal["anywhere"] | _Networks | None = None
    results: ResultsPlace | None = None
    spam_headers: tuple[Annotated[str, AfterValidator(_spam_header)], ...] | None = None
    spam_at: SpamPlace | None = None

    def said(self) -> dict[str, Any]:
        """Return what is said."""
        return {name: value for name in _Fields.model_fields if (value := getattr(self, name)) is not None}


class Preset(_Fields):
    """A file in `guichet_mail/presets`. title: as an operator calls that mail system."""

    title: str


class OwnSystemFile(_Fields):
    """Of what is not said here the preset's counts, and what that does not say is not known.

    received_by: the names of the town's servers in the topmost Received headers, from the top; `*` stands for anything,
    and `lmtp:` before a name for a server that took the mail by LMTP.
    inside: the networks in which these hand mail over to each other, beside private ones; `anywhere`, where none of
    them is called like the one that strangers reach. spam: `verdict`, what the mail system takes for spam waits for a
    person; `verdict-and-refused`, where its author's domain disowns it too.
    """

    preset: Annotated[str, AfterValidator(_known_preset)] | None = None
    spam: SpamPolicy = "never"

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        said = self._said()
        if self.spam != "never" and not (said.get("received_by") and said.get("spam_headers")):
            raise ValueError("spam: nothing says in which header your mail system tells spam (docs/mailboxes.md).")
        return self

    def system(self, default_authserv_id: str | None = None) -> OwnSystem:
        """Return what a reader goes by. default_authserv_id: where neither this nor the preset names one.

        Raises SettingsError where the preset needs a name, and nothing says it.
        """
        said = {"authserv_id": default_authserv_id, **self._said(), "spam": self.spam}
        received_by = said.get("received_by", ())
        if any(ITSELF in each for each in received_by) and not said["authserv_id"]:
            raise SettingsError(f"preset {self.preset} needs authserv_id, the name of your own mail server.")
        names = (each.replace(ITSELF, said["authserv_id"] or "") for each in received_by)
        inside = None if said.get("inside") == ANYWHERE else (*map(str, PRIVATE), *said.get("inside", ()))
        return OwnSystem(**{**said, "received_by": tuple(map(str.lower, names)), "inside": inside})

    def _said(self) -> dict[str, Any]:
        return {**(presets()[self.preset].said() if self.preset else {}), **self.said()}


@cache
def presets() -> Mapping[str, Preset]:
    """Return what is known of mail systems, by the name that a town's file gives them."""
    return {each.stem: read_yaml(each).parse(Preset) for each in _files()}


def _files() -> Iterable[Path]:
    return sorted(PRESETS.glob("*.yaml"))
