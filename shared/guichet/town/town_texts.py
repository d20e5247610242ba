"""Which of the town's words a letter takes: those of its procedure and channel, else of its procedure, its channel,
else those of every letter. Chosen when the town is read; a letter looks them up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from guichet.contracts.inbound import ChannelName
from guichet.ids import ProcedureId
from guichet.town.texts import Texts

Place = tuple[ChannelName | None, ProcedureId | None]
"""What words are of: a channel, a procedure, both; of neither: of every letter."""


@dataclass(frozen=True)
class TownTexts:
    """Every template of the town. base: of every letter; own: whole sets, of each place that has words of its own.

    A channel and a procedure that have some each have a set for the two together.
    """

    base: Texts
    own: Mapping[Place, Texts] = field(default_factory=dict)

    def of(self, channel: ChannelName, procedure: ProcedureId | None = None) -> Texts:
        """Return the words of a letter that is written for a channel. procedure: its case's; None: it names none."""
        if not self.own:
            return self.base
        for place in ((channel, procedure), (None, procedure), (channel, None)):
            if (texts := self.own.get(place)) is not None:
                return texts
        return self.base
