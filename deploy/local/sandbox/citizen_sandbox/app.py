"""The composition root: every part of the sandbox is chosen and joined here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from citizen_sandbox.mail.lmtp import LmtpServer
from citizen_sandbox.mail.queue import MailQueue
from citizen_sandbox.mail.sink import SmtpSink
from citizen_sandbox.play.courier import Courier, TownAddress
from citizen_sandbox.play.journal import Journal
from citizen_sandbox.play.misbehaviour import Misbehaviour
from citizen_sandbox.play.people import load_people
from citizen_sandbox.settings import SandboxSettings
from citizen_sandbox.telegram.api import build_telegram_api
from citizen_sandbox.telegram.bot import TelegramBot, Webhook
from citizen_sandbox.telegram.errors import TelegramError, answer_telegram_error
from citizen_sandbox.telegram.methods import TelegramMethods
from citizen_sandbox.telegram.network import TelegramNetwork
from citizen_sandbox.twilio.account import TwilioAccount
from citizen_sandbox.twilio.api import build_twilio_api
from citizen_sandbox.twilio.errors import TwilioError, answer_twilio_error
from citizen_sandbox.twilio.media import build_twilio_media
from citizen_sandbox.twilio.messages import TwilioMessages
from citizen_sandbox.twilio.network import TwilioNetwork
from citizen_sandbox.web.api import build_api
from citizen_sandbox.web.pages import build_pages
from citizen_sandbox.web.playground import Playground
from citizen_sandbox.web.requests_seen import NoteRequests, RequestsSeen


@dataclass(frozen=True)
class Sandbox:
    """What `__main__` serves: the web application, and the sink behind the SMTP port."""

    web: FastAPI
    sink: SmtpSink


def build_sandbox(settings: SandboxSettings) -> Sandbox:
    """Join the parts. Nothing listens or connects before the caller serves them."""
    journal, misbehaviour = Journal(settings.sandbox_kept_messages), Misbehaviour()
    courier = Courier(journal, settings.sandbox_first_retry)
    http = httpx.AsyncClient(trust_env=False)  # a proxy of the machine is no way to the town
    people = load_people(settings.sandbox_citizens)
    account, bot = _account(settings), _bot(settings, frozenset(c.telegram.id for c in people.citizens))
    telephone = TwilioNetwork(
        account=account,
        town=TownAddress(settings.sandbox_sms_webhook_url, settings.twilio_public_url),
        http=http,
        journal=journal,
        courier=courier,
        misbehaviour=misbehaviour,
        status_pause=settings.sandbox_status_pause,
    )
    playground = Playground(
        people=people,
        journal=journal,
        misbehaviour=misbehaviour,
        courier=courier,
        account=account,
        bot=bot,
        telephone=telephone,
        chat=TelegramNetwork(
            bot=bot,
            town=TownAddress(settings.sandbox_telegram_webhook_url, settings.telegram_public_url),
            http=http,
            courier=courier,
            misbehaviour=misbehaviour,
        ),
        mail=MailQueue(
            LmtpServer(settings.sandbox_lmtp_host, settings.sandbox_lmtp_port),
            courier,
            misbehaviour,
            settings.lmtp_authserv_id,
        ),
    )
    web = _build_web(courier, http)
    _add_routes(web, playground)
    return Sandbox(web, SmtpSink(journal, misbehaviour))


def _add_routes(web: FastAPI, playground: Playground) -> None:
    account, bot, misbehaviour = playground.account, playground.bot, playground.misbehaviour
    seen = RequestsSeen()
    web.add_middleware(NoteRequests, seen=seen)
    web.include_router(build_twilio_api(account, misbehaviour, playground.telephone.deliver))
    web.include_router(build_twilio_media(account, misbehaviour))
    web.include_router(build_telegram_api(bot, TelegramMethods(bot, playground.journal), misbehaviour))
    web.include_router(build_api(playground, seen))
    build_pages(web, playground)


def _account(settings: SandboxSettings) -> TwilioAccount:
    return TwilioAccount(
        sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        number=settings.twilio_number,
        whatsapp_number=settings.twilio_whatsapp_number,
        api_url=(settings.twilio_api_url or settings.own_url).rstrip("/"),
        messages=TwilioMessages(settings.sandbox_kept_messages),
    )


def _bot(settings: SandboxSettings, chats: frozenset[int]) -> TelegramBot:
    address = TownAddress(settings.sandbox_telegram_webhook_url, settings.telegram_public_url)
    webhook = Webhook(address.public_webhook, settings.telegram_webhook_secret)
    return TelegramBot(settings.telegram_token, webhook, chats)


def _build_web(courier: Courier, http: httpx.AsyncClient) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_web: FastAPI) -> AsyncIterator[None]:
        yield
        await courier.stop()
        await http.aclose()

    return FastAPI(
        openapi_url=None,  # its documentation pages fetch scripts from elsewhere; README.md has the routes
        lifespan=lifespan,
        exception_handlers={TwilioError: answer_twilio_error, TelegramError: answer_telegram_error},
    )


def build_health() -> Starlette:
    """Say that the sandbox serves, on a port that plays no part in the game. It has no part that could be away."""

    async def well(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/health/live", well), Route("/health/ready", well)])
