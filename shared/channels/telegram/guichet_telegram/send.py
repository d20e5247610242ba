"""Telegram, through python-telegram-bot. What is in doubt is sent once more: Telegram cannot be asked."""

from datetime import timedelta
from typing import Final

import httpx
from telegram import Bot, LinkPreviewOptions, error
from telegram.request import HTTPXRequest

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Doubtful, Outcome, failed, sent
from guichet.channel.outgoing.sender import Sender
from guichet.errors import ThrottledError, TransientError
from guichet_telegram.settings import BotSettings

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_REASONS: Final = {"chat not found": "unknown-chat", "message is too long": "too-long"}


class TelegramSender(Sender):
    """Sends to private chats. api_url: Telegram's own, or the sandbox's."""

    name = "telegram"

    def __init__(self, token: str, api_url: str) -> None:
        self._request = HTTPXRequest(
            connection_pool_size=8, connect_timeout=5, read_timeout=10, write_timeout=10, pool_timeout=5
        )
        self._bot = Bot(token, base_url=f"{api_url.rstrip('/')}/bot", request=self._request)

    async def start(self) -> None:
        """Open the connections; nothing is asked of Telegram yet."""
        await self._request.initialize()

    async def stop(self) -> None:
        """Close them."""
        await self._request.shutdown()

    async def try_send(self, letter: Letter) -> Outcome:
        """No link preview: Telegram would fetch the citizen's secret follow link."""
        try:
            await self._bot.send_message(
                chat_id=letter.recipient, text=letter.text, link_preview_options=LinkPreviewOptions(is_disabled=True)
            )
        except error.TelegramError as exc:
            return _outcome(exc)
        return sent()


def open_bot(settings: BotSettings) -> TelegramSender:
    """Return the sender of the town's bot."""
    return TelegramSender(settings.telegram_token.get_secret_value(), str(settings.telegram_api_url))


def _outcome(problem: error.TelegramError) -> Outcome:
    """Tell what Telegram's refusal means. Raises TransientError where it is not about this message."""
    match problem:
        case error.RetryAfter():
            raise ThrottledError("Telegram: too many requests", retry_after=_pause(problem)) from problem
        case error.Forbidden():  # the citizen blocked the bot, or deleted the account
            return failed("blocked")
        case error.BadRequest():  # before NetworkError, which it is a kind of
            return failed(
                next((ours for theirs, ours in _REASONS.items() if theirs in str(problem).lower()), "rejected")
            )
        case error.NetworkError() if _is_in_doubt(problem):
            return Doubtful("connection-lost")
        case _:  # not connected, an error that Telegram answers, or a token that it does not know
            raise TransientError(f"Telegram: {type(problem).__name__}") from problem


def _is_in_doubt(problem: error.NetworkError) -> bool:
    """Say whether the message may have left. The library names a cause unless Telegram's own JSON refused the request.

    What Telegram refuses with "ok": false it did not do (core.telegram.org/bots/api#making-requests).
    """
    return problem.__cause__ is not None and not isinstance(problem.__cause__, _NEVER_SENT)


def _pause(throttled: error.RetryAfter) -> timedelta:
    pause = throttled.retry_after
    return pause if isinstance(pause, timedelta) else timedelta(seconds=pause)
