"""The town of the drill: its vault is held from being rotated until it is let, and one looks at what a replay could change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from guichet.contracts.delivery import DeliveryState
from guichet.store.agents.agent_mails import MailState, mail_of
from guichet.store.agents.news import AgentNews
from guichet.store.agents.on_call import OnCall
from guichet_testing.town.services import played_by
from guichet_testing.town.store import DATA
from guichet_testing.town.town import ERASES_SOON, Town, town_in

WORKERS: Final = ("case-router", "notifier", "gdpr-worker", "search-indexer")
KEPT: Final = (
    *("cases", "messages", "citizens", "identifiers", "threads", "deliveries", "commands"),
    *("abuse_declarations", "drafts", "notes", "agent_news", "letters"),
    *("on_call", "agent_mails"),
)


@dataclass(frozen=True)
class HeldTown(Town):
    """hold: the file that keeps the vault from being rotated."""

    hold: Path

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """Return every document of the collections that a replay could change."""
        return {name: self.documents(name) for name in KEPT}

    def tell_agents(self) -> None:
        """Have an agent be on call, and one told by mail of what was addressed to them: a run waits no minutes for it."""
        now = datetime.now(UTC)
        told = mail_of([AgentNews.model_validate(each) for each in self.documents("agent_news")], now)
        period = {"department": "voirie", "begins": now, "ends": now + timedelta(days=1), "stated_by": "agent-19"}
        rota = OnCall.model_validate({"_id": "on-call", "agent": "agent-12", **period})
        sent = told.model_copy(update={"state": MailState.SENT, "begun_at": now})
        self.store[DATA]["agent_mails"].insert_one(sent.model_dump(by_alias=True))
        self.store[DATA]["on_call"].insert_one(rota.model_dump(by_alias=True))

    def all_has_left(self) -> bool:
        """Return whether nothing waits to be sent, or is being sent: what came of it would change what is kept."""
        return not any(each["state"] == DeliveryState.PENDING for each in self.documents("deliveries"))

    def oplog(self) -> list[dict[str, Any]]:
        """Return what the store still tells of every write."""
        return list(self.store["local"]["oplog.rs"].find())


@asynccontextmanager
async def held_town(folder: Path) -> AsyncIterator[HeldTown]:
    """Start the drill's town; its vault is held from the beginning."""
    hold = folder / "not-yet"
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  nothing runs yet
    hold.touch()
    services = played_by({"gdpr-worker": "guichet_testing.town.misbehaving.held_gdpr_worker"})
    settings = ERASES_SOON | {"GUICHET_GDPR_WORKER_HELD_BY": str(hold)}
    async with town_in(folder, settings=settings, services=services) as town:
        yield HeldTown(**vars(town), hold=hold)
