"""Fetch a message's files by the Bot API's getFile, within bounds. Source: core.telegram.org/bots/api#getfile."""

from datetime import timedelta
from typing import Any

import httpx

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.provider_files import GONE, TOO_LARGE, FileMissingError, fetch_files, read_bounded
from guichet.contracts.topics import MIB
from guichet.errors import ThrottledError, TransientError
from guichet_telegram.read.files import TelegramFile
from guichet_telegram.read.update import IncomingTelegram

MOST_BYTES = 20 * MIB  # what getFile hands over


class TelegramFiles:
    """client: with the Bot API as base address. Its URLs carry the token: nothing here logs them."""

    def __init__(self, client: httpx.AsyncClient, token: str, max_bytes: int = MOST_BYTES) -> None:
        self._client = client
        self._token = token
        self._max_bytes = max_bytes

    async def complete(self, incoming: IncomingTelegram, *, patient: bool) -> Draft:
        """Return the draft with its files; what Telegram does not hand over is named in the text.

        patient: see fetch_files. Raises FileLateError, ThrottledError.
        """
        return await fetch_files(incoming.draft, incoming.files, self._fetch, patient=patient)

    async def _fetch(self, remote: TelegramFile) -> DraftFile:
        try:
            content = await self._download(await self._path_of(remote.file_id))
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise TransientError(f"Telegram's files: {type(exc).__name__}") from None  # its text carries the token
        return DraftFile(remote.name, remote.content_type, content)

    async def _path_of(self, file_id: str) -> str:
        answer = await self._client.get(f"/bot{self._token}/getFile", params={"file_id": file_id})
        said = _as_json(answer)
        if answer.status_code == 400:
            raise FileMissingError(TOO_LARGE if "too big" in str(said.get("description")) else GONE)
        _judge(answer.status_code, said)
        try:
            return str(said["result"]["file_path"])
        except (KeyError, TypeError):
            raise TransientError("Telegram's files: an answer without a path") from None

    async def _download(self, path: str) -> bytes:
        async with self._client.stream("GET", f"/file/bot{self._token}/{path}") as answer:
            _judge(answer.status_code, {})
            return await read_bounded(answer.aiter_bytes(), self._max_bytes)


def _as_json(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _judge(status: int, said: dict[str, Any]) -> None:
    if status == 429:
        pause_s = said.get("parameters", {}).get("retry_after", 1)
        raise ThrottledError("Telegram's files: too many requests", retry_after=timedelta(seconds=int(pause_s)))
    if status != 200:  # a wrong token too: the operator mends it
        raise TransientError(f"Telegram's files: status {status}")
