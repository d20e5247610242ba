"""A question by a form, over HTTP, for tests on a whole Guichet: an agent asks it, and whoever has the link answers."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from guichet.law.calendar import paris_date
from guichet_testing.town.desk_client import DeskClient

_TEXT: Final = re.compile(r'<textarea id="text"[^>]*>(.*?)</textarea>', re.DOTALL)
_ASKS: Final = re.compile(r'name="asks" value="(question [^"]+)"')
_MARK: Final = re.compile(r'name="mark" value="([^"]+)"')


async def ask_by_form(desk: DeskClient, path: str, question: str, of_files: str, *, own: str = "") -> None:
    """Ask both in one letter, for a week, and let it leave. path: of the case. own: the agent's words above."""
    until = paris_date(datetime.now(UTC)) + timedelta(days=7)
    asked = {"label-1": question, "kind-1": "words", "label-2": of_files, "kind-2": "files"}
    said = {"until": until.isoformat(), "own": own, "then": "reponse"}
    taken = await desk.post(f"{path}/question", await desk.hidden_fields(f"{path}/question") | asked | said)
    assert taken.status_code == 303, taken.status_code
    _, page = await desk.read(path)
    text, mark = _TEXT.search(page), _ASKS.search(page)
    assert text is not None, "no letter in the composer"
    assert mark is not None, "it asks nothing by a form"
    await desk.send(path, "reponse", text=text[1], asks=mark[1])


async def answer_by_form(link: str, words: str, file: tuple[str, bytes, str], word: str = "") -> httpx.Response:
    """Answer what `ask_by_form` asked, and return what the portal says: 303 where it took it.

    file: its name, what it is, its type. word: what nobody asked.
    """
    async with httpx.AsyncClient(trust_env=False) as citizen:
        mark = _MARK.search((await citizen.get(link)).text)
        typed = {"mark": mark[1] if mark else "", "q1": words, "word": word, "website": ""}
        return await citizen.post(link, data=typed, files={"q2": file}, timeout=60)
