"""Telegram's Bot API over HTTP. Source: core.telegram.org/bots/api#making-requests.

The paths are Telegram's own: /bot<token>/<method> and /file/bot<token>/<path>.
"""

import re
import secrets
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from citizen_sandbox.play.entry import Attachment
from citizen_sandbox.play.lost_answer import lose_the_answer
from citizen_sandbox.play.misbehaviour import Misbehaviour
from guichet_telegram.tile.bot import TelegramBot
from guichet_telegram.tile.errors import TelegramError, too_many_requests
from guichet_telegram.tile.methods import Call, TelegramMethods, fields_of_json
from guichet_telegram.tile.troubles import Trouble

TOKEN = re.compile(r"\d+:[\w-]+")


def build_telegram_api(bot: TelegramBot, methods: TelegramMethods, misbehaviour: Misbehaviour) -> APIRouter:
    """Return Telegram's two routes."""
    web = APIRouter()

    @web.api_route("/bot{token}/{name}", methods=["GET", "POST"])
    async def call_method(request: Request, token: str, name: str) -> Any:
        _check_token(token, bot)
        method = methods.by_name.get(name.lower())
        if method is None:
            raise TelegramError(404, "Not Found: method not found")
        is_send = name.lower().startswith("send")
        if is_send:
            _refuse_if_ordered(misbehaviour)
        if name.lower() == "getfile" and misbehaviour.strikes(Trouble.FILE_ERROR):
            raise TelegramError(500, "Internal Server Error")
        result = await method(await _read_call(request))
        if is_send and misbehaviour.strikes(Trouble.ANSWER_LOST):
            await methods.note_lost(result)
            return await lose_the_answer(request)
        return {"ok": True, "result": result}

    @web.get("/file/bot{token}/{path:path}")
    async def download(token: str, path: str) -> Response:
        _check_token(token, bot)
        stored = bot.file_at(path)
        if stored is None:
            raise TelegramError(404, "Not Found")
        return Response(stored.file.content, media_type="application/octet-stream")

    return web


def _check_token(token: str, bot: TelegramBot) -> None:
    if not TOKEN.fullmatch(token):
        raise TelegramError(404, "Not Found")
    if not secrets.compare_digest(token.encode(), bot.token.encode()):
        raise TelegramError(401, "Unauthorized")


def _refuse_if_ordered(misbehaviour: Misbehaviour) -> None:
    if throttled := misbehaviour.strike(Trouble.THROTTLED):
        raise too_many_requests(throttled.retry_after)
    if misbehaviour.strikes(Trouble.ERROR):
        raise TelegramError(500, "Internal Server Error")
    if misbehaviour.strikes(Trouble.BLOCKED):
        raise TelegramError(403, "Forbidden: bot was blocked by the user")


async def _read_call(request: Request) -> Call:
    """Read the parameters from wherever Telegram takes them: query, form, multipart or JSON."""
    query = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return Call(query | fields_of_json(await request.body()))
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    files = {
        name: Attachment(
            name=value.filename or name,
            media_type=value.content_type or "application/octet-stream",
            content=await value.read(),
        )
        for name, value in form.items()
        if isinstance(value, UploadFile)
    }
    return Call(query | fields, files)
