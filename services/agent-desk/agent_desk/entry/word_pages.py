"""What the town writes to citizens, as they would read it: for whoever administers, of no case."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from agent_desk.domain.errors import NotFoundError
from agent_desk.entry.session_gate import SessionGate
from guichet.channel.word_previews import KINDS, previews, why_none
from guichet.contracts.inbound import ChannelName
from guichet.ids import ProcedureId
from guichet.town.costs import MILLIONTHS
from guichet.town.town import Town

ADMINISTRATION: Final = "/administration"
HERE: Final = f"{ADMINISTRATION}/textes"


@dataclass(frozen=True)
class WordPages:
    """Shows letters with invented values. Raises NotFoundError to whom the town has not named."""

    gate: SessionGate
    town: Town

    async def page(self, request: Request, lettre: str = "", canal: str = "", demarche: str = "") -> Response:
        """Show one kind of letter. lettre, canal: of KINDS, of the channels that letters leave by; blanks: the first.

        demarche: of the catalogue; blank: of no procedure.
        """
        visitor = await self.gate.visitor(request)
        channels = self._channels()
        kind, channel = lettre or next(iter(KINDS)), canal or channels[0]
        procedure = ProcedureId(demarche) if demarche else None
        if not visitor.administers or kind not in KINDS or channel not in channels:
            raise NotFoundError
        if procedure is not None and procedure not in self.town.procedures:
            raise NotFoundError
        never = why_none(self.town, kind, channel, procedure)
        return self.gate.page(
            request,
            "town_words.html",
            visitor=visitor,
            here=ADMINISTRATION,
            place="textes",
            kinds=KINDS,
            channels=channels,
            procedures=self.town.procedures,
            kind=kind,
            channel=channel,
            procedure=demarche,
            letters=() if never is not None else previews(self.town, kind, channel, procedure),
            millionths=MILLIONTHS,
        )

    def _channels(self) -> list[ChannelName]:
        """Return those that are switched on and by which letters leave."""
        return [name for name in self.town.channels if self.town.facts[name].lane]


def word_routes(pages: WordPages) -> APIRouter:
    """Return the route; it goes before those of the administration, which take any name."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    return routes
