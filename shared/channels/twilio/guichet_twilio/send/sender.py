"""SMS and WhatsApp, through Twilio's library. Twilio knows no idempotency key, so in doubt it is asked."""

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from guichet.channel.addresses import webhook_url
from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Concluded, Doubtful, Outcome, failed, sent
from guichet.channel.outgoing.provider_reports import concluded, failure_of
from guichet.channel.outgoing.sender import Sender
from guichet.contracts.channels import ChannelFacts
from guichet.errors import TransientError
from guichet_twilio.addresses import TWILIO_STATUS
from guichet_twilio.facts import facts_of
from guichet_twilio.send.http import LostAnswerError, TwilioHttp
from guichet_twilio.settings import TwilioSettings

WHATSAPP: Final = "whatsapp:"
_OURS: Final = frozenset({20003, 20404, 21603, 21606, 21659, 63007})  # account, number or sender: an operator's to mend
_LOOKED_THROUGH: Final = 200  # messages to one number, newest first
_SERVER_ERROR: Final = 500
_UNAUTHORIZED: Final = (401, 403)


class TwilioSender(Sender):
    """Of one account. A message is known in its list by its words."""

    name = "twilio"

    def __init__(self, account: TwilioSettings) -> None:
        self._account = account
        self._callback = webhook_url(account.twilio_public_url, TWILIO_STATUS)
        self._http: TwilioHttp | None = None
        self._client: Client | None = None

    async def start(self) -> None:
        """Open the connections; nothing is asked of Twilio yet."""
        self._connected()

    async def stop(self) -> None:
        """Close them."""
        if self._http is not None:
            await self._http.close()
            self._http = self._client = None

    async def try_send(self, letter: Letter) -> Outcome:
        sender, recipient = self._ends(letter)
        callback = f"{self._callback}?{urlencode({'outbound_id': letter.outbound_id})}"
        try:
            message = await self._connected().messages.create_async(
                to=recipient, from_=sender, status_callback=callback, **_said(letter)
            )
        except LostAnswerError:
            return Doubtful("connection-lost")
        except TwilioException as exc:
            return _refusal(exc, facts_of(letter.channel))
        return sent(message.sid)

    async def settle(self, letter: Letter) -> Sequence[Concluded]:
        """Look in Twilio's list for what this letter would have become. See Sender.

        By its words and by no time: our clock may be wrong, and an older message of these words (each names its case,
        or its number in an answer) is either another delivery's, hence passed over, or in the citizen's hands already.
        Of a template the words are Twilio's, and the list has them with what stands in their places: the case and its
        page.
        """
        sender, recipient = self._ends(letter)
        try:
            listed = await self._connected().messages.list_async(to=recipient, from_=sender, limit=_LOOKED_THROUGH)
        except (LostAnswerError, TwilioException) as exc:
            raise TransientError(f"Twilio's list: {type(exc).__name__}") from exc
        facts = facts_of(letter.channel)
        return [_outcome(each, facts) for each in listed if _is_alike(each, letter)]

    def _ends(self, letter: Letter) -> tuple[str, str]:
        """Return From and To: the number that the citizen wrote to, else the account's."""
        if letter.channel == "whatsapp":
            own = self._account.twilio_whatsapp_number or self._account.twilio_number
            return f"{WHATSAPP}{own.removeprefix(WHATSAPP)}", f"{WHATSAPP}{letter.recipient.removeprefix(WHATSAPP)}"
        return (letter.account if letter.account.startswith("+") else self._account.twilio_number), letter.recipient

    def _connected(self) -> Client:
        if self._client is None:  # made here, inside the loop that will run it
            self._http = TwilioHttp()
            self._client = Client(
                self._account.twilio_account_sid,
                self._account.twilio_auth_token.get_secret_value(),
                http_client=self._http,
            )
            self._client.api.base_url = str(self._account.twilio_api_url).rstrip("/")
        return self._client


def _said(letter: Letter) -> Mapping[str, str]:
    """Return what Twilio is given to say: its own words with values in their places (from 1 on), or ours."""
    if letter.template is None:
        return {"body": letter.text}
    values = {str(place): value for place, value in enumerate(letter.template.values, start=1)}
    return {"content_sid": letter.template.id, "content_variables": json.dumps(values, ensure_ascii=False)}


def _is_alike(listed: MessageInstance, letter: Letter) -> bool:
    """Compare without the ends: providers trim, and a trial account writes a line before."""
    body = str(listed.body or "").strip()
    if body.endswith(letter.text.strip()):
        return True
    return letter.template is not None and all(value in body for value in letter.template.values)


def _outcome(listed: MessageInstance, facts: ChannelFacts) -> Concluded:
    code = str(listed.error_code) if listed.error_code else None
    return concluded(facts, str(listed.status), code, str(listed.sid)) or sent(str(listed.sid))


def _refusal(error: TwilioException, facts: ChannelFacts) -> Outcome:
    """Tell what Twilio's refusal means. Raises TransientError where it is not about this message."""
    if not isinstance(error, TwilioRestException | TwilioServiceException):
        return Doubtful("unreadable-answer")
    is_strangers = error.code == error.status  # a page of a gateway's, or of another server: no code of Twilio's
    if error.status >= _SERVER_ERROR:
        return Doubtful("server-error", denied=not is_strangers)
    if error.code in _OURS or error.status in _UNAUTHORIZED or is_strangers:
        raise TransientError(f"Twilio refuses the account: {error.code}") from error
    return failed(failure_of(facts, str(error.code)))
