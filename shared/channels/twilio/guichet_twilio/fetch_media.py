"""Fetch the files of a message from Twilio, within bounds."""

import httpx

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.provider_files import GONE, FileMissingError, fetch_files, read_bounded
from guichet.contracts.topics import MIB
from guichet.errors import TransientError
from guichet_twilio.read.parse_sms import IncomingSms, TwilioFile

MOST_BYTES = 16 * MIB  # WhatsApp's limit; MMS carry less
_GONE_FOR_GOOD = (404, 410)


class TwilioMedia:
    """client: with Twilio's API as base address and the account's credentials; it follows redirects."""

    def __init__(self, client: httpx.AsyncClient, max_bytes: int = MOST_BYTES) -> None:
        self._client = client
        self._max_bytes = max_bytes

    async def complete(self, incoming: IncomingSms, *, patient: bool) -> Draft:
        """Return the draft with its files; what Twilio does not hand over is named in the text.

        patient: see fetch_files. Raises FileLateError.
        """
        return await fetch_files(incoming.draft, incoming.media, self._fetch, patient=patient)

    async def _fetch(self, remote: TwilioFile) -> DraftFile:
        if remote.path is None:
            raise FileMissingError(GONE)
        try:
            async with self._client.stream("GET", remote.path) as answer:
                _judge(answer.status_code)
                content = await read_bounded(answer.aiter_bytes(), self._max_bytes)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise TransientError(f"Twilio's media: {type(exc).__name__}") from exc
        return DraftFile(remote.name, remote.content_type, content)


def _judge(status: int) -> None:
    if status in _GONE_FOR_GOOD:
        raise FileMissingError(GONE)
    if status != 200:  # 401 and 403 too: the operator mends the credentials, the source sends again
        raise TransientError(f"Twilio's media: status {status}")
