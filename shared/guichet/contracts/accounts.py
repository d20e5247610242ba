"""What the processes of a provider account are told, as data: which variables, and on a local stack which values. Pure.

A channel's facts say it (guichet.contracts.channels), so that no table of Guichet's names a provider's variables, and
nobody runs a channel's code to learn them. What each variable means and whether it is needed, its settings class says.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from guichet.contracts.fact import Fact

# The whole name of a variable, or how names begin: that ends in an underscore.
Variable = Annotated[str, StringConstraints(pattern=r"^GUICHET_[A-Z][A-Z0-9_]*$")]

RANDOM: Final = re.compile(r"\{(hex|digits|token|base64):([1-9][0-9]?)\}")
PLACE: Final = re.compile(r"\{(sandbox|host)\}")
_NO_BRACES: Final = r"[^{}]*"
_LOCAL: Final = rf"^{_NO_BRACES}(?:(?:{RANDOM.pattern}{_NO_BRACES})*|(?:{PLACE.pattern}{_NO_BRACES})*)$"
Local = Annotated[str, StringConstraints(pattern=_LOCAL)]


class Asked(Fact):
    """What a town that opens the account is asked for (`guichet town init`), in French and in English.

    variable: that the answer is the value of. is_secret: nobody sees it typed, and it lies with the secrets. default:
    what counts where nothing is answered; {webhooks}: the public address of the town's webhooks; {random}: a word
    that is made up. None: an answer is needed. channel: the one alone that needs it, where channels share the account.
    pattern: the form of an answer, whole; None: any text.
    """

    variable: Variable
    fr: str
    en: str
    is_secret: bool = False
    default: str | None = None
    channel: str | None = None
    pattern: str | None = None


class AccountFacts(Fact):
    """One provider account; of the channels that share it, one says this.

    host_reads: the variables of the ingest host that takes its messages in; sender_reads: those of the process that
    sends for it. None: all that begin with one of its prefixes. health_port: on which its sender tells how it is, where
    one is agreed; None, and for what is not part of Guichet: one that its name chooses.
    local: values on a local stack, where the citizen sandbox plays the provider. {sandbox}: its address; {host}: the
    ingest host's; {hex:32}, {digits:10}, {token:43}: so many random characters, {base64:32}: so many random bytes, made
    once and kept.
    asked: what a town is asked for that opens it.
    """

    host_reads: tuple[Variable, ...] | None = None
    sender_reads: tuple[Variable, ...] | None = None
    health_port: int | None = Field(default=None, ge=1024, le=65535)
    local: Mapping[Variable, Local] = Field(default_factory=dict)
    asked: tuple[Asked, ...] = ()

    @property
    def named(self) -> tuple[Variable, ...]:
        """Every variable that is named here."""
        asked = (each.variable for each in self.asked)
        return (*(self.host_reads or ()), *(self.sender_reads or ()), *self.local, *asked)


def usual_values(prefix: str, provider: str) -> dict[str, str]:
    """Return what a local stack says unasked: of settings that are called as `guichet channels new` calls them."""
    return {
        f"{prefix}API_URL": "{sandbox}",
        f"{prefix}PUBLIC_URL": "{host}",
        f"GUICHET_SANDBOX_{prefix.removeprefix('GUICHET_')}WEBHOOK_URL": f"{{host}}/webhooks/{provider}",
    }


def is_among(variable: str, known: tuple[Variable, ...]) -> bool:
    """Say whether a variable is named, whole or by its beginning."""
    return variable in known or variable.startswith(tuple(each for each in known if each.endswith("_")))
