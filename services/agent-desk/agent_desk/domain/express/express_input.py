"""What the forms about an express decision say, as it was typed. Values."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ExpressInput:
    """A decision: see DecisionWords. way, notified_on, proof: how, when and by what its notification is proved.

    wrong: field → what is wrong with it.
    """

    outcome: str = ""
    day: str = ""
    subject: str = field(default="", repr=False)
    recipient: str = field(default="", repr=False)
    reasons: str = field(default="", repr=False)
    remedies: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    surname: str = field(default="", repr=False)
    capacity: str = field(default="", repr=False)
    delegation: str = field(default="", repr=False)
    place: str = ""
    way: str = ""
    notified_on: str = ""
    proof: str = field(default="", repr=False)
    wrong: Mapping[str, str] = field(default_factory=dict)
