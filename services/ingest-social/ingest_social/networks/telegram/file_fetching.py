"""Fetch a message's files by the Bot API's getFile, within bounds. Source: core.telegram.org/bots/api#getfile."""

from datetime import timedelta
from typing import Any

import httpx

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.missing_files import GONE, TOO_LARGE, FileMissingError, with_files
from guichet.contracts.topics import MIB
from guichet.errors import ThrottledError, TransientError
from ingest_social.networks.telegram.files import FilePlace
from ingest_social.networks.telegram.parse import IncomingTelegram

MOST_BYTES = 20 * MIB  # what getFile hands over


class TelegramFiles:
    """client: with the Bot API as base address. Its URLs carry the token: nothing here logs them."""

    def __init__(self, client: httpx.AsyncClient, token: str, max_bytes: int = MOST_BYTES) -> None:
        self._client = client
        self._token = token
        self._max_bytes = max_bytes

    async def complete(self, incoming: IncomingTelegram) -> Draft:
        """Return the draft with its files; what Telegram never hands over is named in the text.

        Raises TransientError when Telegram may hand it over later.
        """
        files, missing = [], []
        for place in incoming.files:
            try:
                files.append(DraftFile(place.name, place.content_type, await self._fetch(place)))
            except FileMissingError as error:
                missing.append((place.name, error.why))
        return with_files(incoming.draft, files, missing)

    async def _fetch(self, place: FilePlace) -> bytes:
        try:
            return await self._download(await self._path_of(place.file_id))
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise TransientError(f"Telegram's files: {type(exc).__name__}") from None  # its text carries the token

    async def _path_of(self, file_id: str) -> str:
        answer = await self._client.get(f"/bot{self._token}/getFile", params={"file_id": file_id})
        said = _as_json(answer)
        if answer.status_code == 400:
            raise FileMissingError(TOO_LARGE if "too big" in str(said.get("description")) else GONE)
        _judge(answer.status_code, said)
        return str(said["result"].get("file_path", ""))

    async def _download(self, path: str) -> bytes:
        content = bytearray()
        async with self._client.stream("GET", f"/file/bot{self._token}/{path}") as answer:
            _judge(answer.status_code, {})
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > self._max_bytes:
                    raise FileMissingError(TOO_LARGE)
        return bytes(content)


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
    if status != 200:  # a wrong token too: the operator mends it, Telegram sends the update again
        raise TransientError(f"Telegram's files: status {status}")
