"""A case that asked Alice something by a form: the portal in front of it, the router behind, all in memory."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import httpx
from fastapi import FastAPI

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord
from guichet.contracts.questions import AskedField, FieldKind, Question
from guichet.follow_pages.view_writer import ViewWriter
from guichet.ids import MessageId
from guichet.privacy.follow_link import QuestionLink, new_question_link
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.link import linked
from guichet_testing.doors import portal_on_twins
from guichet_testing.twins.store.cases.followed import InMemoryFollowedCases
from tests.attacks.citizens.impostor import ALICE, NAME, OURS, Counter, a_counter

LETTER: Final = MessageId("the-letter-that-asks")
ASKED: Final = "Où est le trou ?"
PRIVATE: Final = "Madame Bernard, comme convenu avec votre fille au 06 39 98 55 50."
HEAD: Final = f"Authentication-Results: {OURS}; dmarc=pass header.from=courriel.example\nFrom: {NAME} <{ALICE}>"
FIELDS: Final = (
    AskedField(kind=FieldKind.WORDS, label=ASKED, required=True),
    AskedField(kind=FieldKind.FILES, label="Une photo"),
)


@dataclass
class Asked:
    """town: who files. portal: who takes answers. link: what stands in Alice's letter, and nowhere else in clear."""

    town: Counter
    portal: portal_on_twins.Counter
    opened: CaseRecord
    link: QuestionLink = field(default_factory=new_question_link)
    web: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        self.web = self.portal.web()

    @property
    def case(self) -> CaseRecord:
        """The case that asked, as it is now."""
        return self.town.cases.cases[self.opened.case_id]

    @property
    def path(self) -> str:
        """Where the letter leads."""
        return f"/question/{self.link.token}"

    async def ask(self) -> None:
        """Put the letter where the desk would, and its form where the notifier does."""
        [key] = await self.town.vault.new_keys(1)
        question = Question(fields=FIELDS, until=date(2026, 12, 24), secret=self.link.secret)
        words = OutboundContent(text=f"{PRIVATE}\n\n1. {ASKED}\n2. Une photo", question=question)
        self.town.messages.messages[LETTER] = MessageDocument(
            _id=LETTER,
            direction=Direction.OUTBOUND,
            channel="email",
            accounts=(self.opened.account,),
            at=ARRIVED,
            filed=self.opened.case_id,
            content=OUTBOUND_CONTENT.seal(key, LETTER, words),
        )
        about: dict[str, Any] = {"case_id": self.opened.case_id, "at": ARRIVED}
        self.town.cases.history.put(
            HistoryEntry(version=1, type="CaseOpened", department=self.opened.department, **about),
            HistoryEntry(version=2, type="ReplyRequested", message_id=LETTER, **about),
        )
        await self.becomes()

    async def becomes(self, **changed: Any) -> None:
        """Let the case change, and the notifier write its pages."""
        was, version = self.case, self.case.version + 1
        now = was.model_copy(update={"version": version, "page_version": version, **changed})
        self.town.cases.cases[was.case_id] = now
        cases = InMemoryFollowedCases(self.town.cases)
        writer = ViewWriter(cases, self.town.messages, self.portal.views, self.town.vault, self.portal.town)
        await writer.write({was.case_id})

    async def bring(self) -> list[CaseRecord]:
        """Let the router file what the portal has taken; return where each came to."""
        return [await self.town.take(event) for event in self.portal.received]

    async def said_in(self, case: CaseRecord) -> list[str]:
        """Return what the forms brought into a case."""
        filed = self.town.messages.messages
        theirs = [event for event in self.portal.received if filed[event.message_id].filed == case.case_id]
        return [(await self.portal.open(event)).text for event in {each.message_id: each for each in theirs}.values()]

    async def typed(self, browser: httpx.AsyncClient, words: str) -> dict[str, str]:
        """Open the form, and return what it sends with these words in it."""
        page = await browser.get(self.path)
        assert page.status_code == 200, page.status_code
        mark = re.search(r'name="mark" value="([^"]+)"', page.text)
        assert mark
        return {"mark": mark[1], "q1": words, "word": "", "website": ""}

    async def send(self, browser: httpx.AsyncClient, typed: dict[str, str], **files: Any) -> httpx.Response:
        """Send a form as a browser does."""
        return await browser.post(self.path, data=typed, files=files or {"q2": ("", b"")})


async def an_asked_case() -> Asked:
    """Return Alice's case, which asked her something."""
    town = await a_counter()
    portal = portal_on_twins.Counter(vault=town.vault, views=town.cases.views)
    opened = await town.take_mail(HEAD, name="her-request")
    town.cases.cases[opened.case_id] = opened = await linked(opened, town.vault)
    asked = Asked(town, portal, opened)
    await asked.ask()
    return asked


@asynccontextmanager
async def somebody(web: FastAPI, address: str = "2001:db8::1") -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser on a portal. address: their own, as the portal sees it."""
    transport = httpx.ASGITransport(web, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as browser:
        yield browser
