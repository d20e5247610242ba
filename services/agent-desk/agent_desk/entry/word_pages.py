"""What the town writes to citizens, as they would read it: for whoever administers, of no case."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.staff.staff_forms import Typed
from agent_desk.domain.visitor import Visitor
from agent_desk.entry.session_gate import SessionGate
from guichet.channel.word_previews import KINDS, previews, why_none
from guichet.contracts.inbound import ChannelName
from guichet.ids import ProcedureId
from guichet.law.calendar import paris_date
from guichet.store.agents.agent_mails import WordsTrial
from guichet.store.agents.word_trials import WordTrials
from guichet.town.costs import MILLIONTHS
from guichet.town.town import Town

ADMINISTRATION: Final = "/administration"
HERE: Final = f"{ADMINISTRATION}/textes"


@dataclass(frozen=True)
class WordPages:
    """Shows letters with invented values. Raises NotFoundError to whom the town has not named."""

    gate: SessionGate
    trials: WordTrials
    town: Town

    async def page(self, request: Request, lettre: str = "", canal: str = "", demarche: str = "") -> Response:
        """Show one kind of letter. lettre, canal: of KINDS, of the channels that letters leave by; blanks: the first.

        demarche: of the catalogue; blank: of no procedure.
        """
        visitor = _who_administers(await self.gate.visitor(request))
        asked = self._asked(lettre, canal, demarche)
        there = why_none(self.town, asked.kind, asked.channel, asked.procedure) is None
        return self.gate.page(
            request,
            "town_words.html",
            visitor=visitor,
            here=ADMINISTRATION,
            place="textes",
            kinds=KINDS,
            ways=self._channels(),
            procedures=self.town.procedures,
            asked=asked,
            letters=previews(self.town, asked.kind, asked.channel, asked.procedure) if there else (),
            millionths=MILLIONTHS,
            mailbox=self._mailbox(visitor),
            done=request.query_params.get("fait", ""),
        )

    async def send(self, request: Request) -> Response:
        """Have one sent to the visitor's own mailbox; to nobody else's, whatever the form says."""
        visitor, fields = await self.gate.visitor_and_fields(request)
        visitor, typed = _who_administers(visitor), Typed(fields)
        asked = self._asked(typed.one("lettre"), typed.one("canal"), typed.one("demarche"))
        if why_none(self.town, asked.kind, asked.channel, asked.procedure) is not None or not self._mailbox(visitor):
            raise NotFoundError
        await self.trials.ask(visitor.agent.agent_id, asked, self.gate.clock())
        shown = {"lettre": asked.kind, "canal": asked.channel, "demarche": asked.procedure or "", "fait": "essai"}
        return RedirectResponse(f"{HERE}?{urlencode(shown)}", 303)

    def _asked(self, kind: str, channel: str, procedure: str) -> WordsTrial:
        """Return what is asked for. Raises NotFoundError where there is no such thing."""
        channels = self._channels()
        kind, channel = kind or next(iter(KINDS)), channel or next(iter(channels), "")
        if kind not in KINDS or channel not in channels or (procedure and procedure not in self.town.procedures):
            raise NotFoundError
        return WordsTrial(kind=kind, channel=channel, procedure=ProcedureId(procedure) if procedure else None)

    def _mailbox(self, visitor: Visitor) -> str | None:
        """Return where a trial goes; None: nowhere, since nothing leaves a demonstration, nobody gave an address, or it
        is a mailbox of the town's, to which notifier sends none."""
        address = visitor.agent.written_to_at(paris_date(self.gate.clock()))
        return None if self.town.demonstration or address in self.town.mailboxes else address

    def _channels(self) -> list[ChannelName]:
        """Return those that are switched on and by which letters leave."""
        return [name for name in self.town.channels if self.town.facts[name].lane]


def _who_administers(visitor: Visitor) -> Visitor:
    if not visitor.administers:
        raise NotFoundError
    return visitor


def word_routes(pages: WordPages) -> APIRouter:
    """Return the routes; they go before those of the administration, which take any name."""
    routes = APIRouter()
    routes.add_api_route(HERE, pages.page)
    routes.add_api_route(f"{HERE}/essai", pages.send, methods=["POST"])
    return routes
