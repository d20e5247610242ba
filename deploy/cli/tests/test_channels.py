"""`guichet channels`, against tiny servers that answer as the providers document."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import BasicAuth, web
from aiosmtpd.controller import Controller
from typer.testing import CliRunner

from guichet_cli.channels.command import app
from guichet_local.machine.ports import free_ports

TOWN = Path(__file__).parents[3] / "deploy" / "local" / "town"
ACCOUNT, TOKEN = "AC00000000000000000000000000000000", "7000000001:bot-token"
WEBHOOK = "https://social.mairie.example/webhooks/telegram"


class Providers:
    """Twilio and Telegram on one port, in a thread of their own: the command runs a loop itself."""

    def __init__(self) -> None:
        self.webhook = ""
        self.registered: dict[str, Any] = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> str:
        self.thread.start()
        return asyncio.run_coroutine_threadsafe(self._start(), self.loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _start(self) -> str:
        server = web.Application()
        server.add_routes(
            [
                web.get(f"/2010-04-01/Accounts/{ACCOUNT}.json", self._account),
                web.post("/bot{token}/{method}", self._bot_api),
            ]
        )
        self.runner = web.AppRunner(server)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def _account(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != BasicAuth(ACCOUNT, "right").encode():
            return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)
        return web.json_response({"sid": ACCOUNT, "status": "active", "friendly_name": "Mairie"})

    async def _bot_api(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        method = request.match_info["method"]
        if method == "setWebhook":
            self.registered = dict(await request.post())
            self.webhook = str(self.registered["url"])
            return web.json_response({"ok": True, "result": True})
        me = {"id": 7000000001, "is_bot": True, "first_name": "Mairie", "username": "mairie_bot"}
        webhook = {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": 3}
        return web.json_response({"ok": True, "result": me if method == "getMe" else webhook})


@pytest.fixture(autouse=True)
def town(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_TOWN", str(TOWN))


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    fakes = Providers()
    url = fakes.start()
    for name, value in {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "right",
        "TWILIO_API_URL": url,
        "TWILIO_NUMBER": "+33700000000",
        "TWILIO_PUBLIC_URL": "https://sms.mairie.example/",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": "secret-1",
        "TELEGRAM_API_URL": url,
        "TELEGRAM_PUBLIC_URL": "https://social.mairie.example",
    }.items():
        monkeypatch.setenv(f"GUICHET_{name}", value)
    monkeypatch.delenv("GUICHET_SMTP_HOST", raising=False)
    yield fakes
    fakes.stop()


def guichet_channels(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words])
    return result.exit_code, result.output


def test_register_then_check(providers: Providers) -> None:
    assert guichet_channels("register") == (0, f"Telegram: registered\n  {WEBHOOK}\n")
    assert providers.registered["secret_token"] == "secret-1"
    assert "my_chat_member" not in str(providers.registered["allowed_updates"])
    status, said = guichet_channels("check")
    assert status == 0
    assert "+33700000000: when a message comes in, POST https://sms.mairie.example/webhooks/twilio/messages" in said
    assert f"webhook {WEBHOOK}" in said
    assert said.splitlines()[0] == "mail (E-mail, Portal): not configured"
    assert {"Twilio (SMS, WhatsApp): ok", "Telegram: ok"} <= {*said.splitlines()}


def test_no_provider_is_told_of_a_demonstration(
    providers: Providers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(TOWN, tmp_path / "town"))
    with (folder / "town.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndemonstration: true\n")
    monkeypatch.setenv("GUICHET_TOWN", str(folder))
    status, said = guichet_channels("register")
    assert (status, "demonstration" in said, providers.webhook) == (1, True, "")


def test_an_address_that_is_not_registered_is_told(providers: Providers) -> None:
    status, said = guichet_channels("check")
    assert status == 1
    assert f"webhook to register is {WEBHOOK}, Telegram has none" in said


def test_wrong_credentials_are_told_by_their_variable_and_not_by_their_value(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_TWILIO_AUTH_TOKEN", "wrong-secret")
    monkeypatch.setenv("GUICHET_TELEGRAM_TOKEN", "1:wrong-secret")
    status, said = guichet_channels("check")
    assert status == 1
    assert "GUICHET_TWILIO_AUTH_TOKEN: Twilio answered 401 (code 20003)" in said
    assert "GUICHET_TELEGRAM_TOKEN: Telegram does not know this token" in said
    assert "wrong-secret" not in said


def test_half_a_configuration_is_a_mistake(providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUICHET_TWILIO_NUMBER")
    status, said = guichet_channels("check")
    assert status == 1
    assert "GUICHET_TWILIO_NUMBER is not set" in said


def test_a_provider_that_does_not_answer_is_told(providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWILIO", "TELEGRAM"):
        monkeypatch.setenv(f"GUICHET_{name}_API_URL", "http://127.0.0.1:9")
    status, said = guichet_channels("check")
    assert status == 1
    assert said.count("no answer") == 2
    assert TOKEN not in said


def test_nothing_configured_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER", "TWILIO_PUBLIC_URL", "SMTP_HOST"):
        monkeypatch.delenv(f"GUICHET_{name}", raising=False)
    for name in ("TOKEN", "WEBHOOK_SECRET", "PUBLIC_URL"):
        monkeypatch.delenv(f"GUICHET_TELEGRAM_{name}", raising=False)
    status, said = guichet_channels("check")
    assert (status, said.count("not configured")) == (0, 3)
    status, said = guichet_channels("register")
    assert (status, "Telegram is not configured" in said) == (1, True)


def test_the_relay_is_tried(providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    guichet_channels("register")
    [port] = free_ports(1)
    relay = Controller(object(), hostname="127.0.0.1", port=port)
    monkeypatch.setenv("GUICHET_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("GUICHET_SMTP_SECURITY", "none")
    monkeypatch.setenv("GUICHET_SMTP_PORT", str(port))
    status, said = guichet_channels("check")
    assert (status, f"GUICHET_SMTP_HOST: 127.0.0.1:{port} (none) does not let us in" in said) == (1, True)
    relay.start()
    try:
        assert guichet_channels("check")[0] == 0
        monkeypatch.setenv("GUICHET_SMTP_SECURITY", "starttls")
        assert guichet_channels("check")[0] == 1
    finally:
        relay.stop()
