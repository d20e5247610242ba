"""A channel of another package: its code runs beside the command, and never sees a key that opens."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import pytest
from aiohttp import web
from typer.testing import CliRunner

from guichet.channel.host.errand import Answer, Request
from guichet.contracts.base import Sealed
from guichet.contracts.channels import KnownChannels
from guichet.contracts.dead_letters import DeadLetter, DeadLetterContent
from guichet.errors import PermanentError, SettingsError
from guichet.ids import EventId
from guichet.town.channel_facts import known_channels
from guichet_cli.channels.command import app
from guichet_cli.console.errands import CodeTroubleError, environment_of, errand
from guichet_cli.dead_letters.payload_redelivery import Adapters
from guichet_cli.dead_letters.redelivery import RedeliveryError
from guichet_topology.commands import EVERY_COMMAND
from guichet_topology.variables import MAIL_OUT

TOWN = Path(__file__).parents[3] / "deploy" / "local" / "town"
TWILIO = (
    "GUICHET_TWILIO_ACCOUNT_SID",
    "GUICHET_TWILIO_AUTH_TOKEN",
    "GUICHET_TWILIO_NUMBER",
    "GUICHET_TWILIO_PUBLIC_URL",
)
TELEGRAM = ("GUICHET_TELEGRAM_TOKEN", "GUICHET_TELEGRAM_WEBHOOK_SECRET", "GUICHET_TELEGRAM_PUBLIC_URL")
LMTP = ("GUICHET_LMTP_HOST", "GUICHET_LMTP_PORT")
FACTS = """
name: pigeon
title: { fr: Pigeon voyageur, en: Carrier pigeon }
icon: M1 1l14 7-14 7z
provider: loft
topic: inbound-third-party
"""
CODE = """
import os, sys
from contextlib import suppress
from pathlib import Path
from guichet.channel.declaration import Channel, Listener, Provider, Webhook
from guichet.errors import GuichetError
from guichet.runtime.settings import SettingsGroup
from guichet.town.channel_facts import read_facts

class Settings(SettingsGroup):
    loft_feather: str
    loft_public_url: str = "http://127.0.0.1:9"

async def check(settings):
    print("what a package prints is no answer")
    match settings.loft_feather:
        case "crash": os._exit(3)
        case "rubbish":
            for each in range(3, 20):
                with suppress(OSError): os.write(each, b"rubbish\\n")
        case "bug": raise KeyError("Madame Dupont")
        case "wrong": raise GuichetError("GUICHET_LOFT_FEATHER: the loft does not know it")
    return sorted(os.environ)

async def register(settings):
    return ["told the loft"]

def sign(settings, payload):
    return {"X-Feather": settings.loft_feather, "X-Target": payload.target, "Content-Type": "text/plain"}

LOFT = Provider("loft", Settings, check=check, register=register,
    inbound=(Webhook("/pigeon", None, lambda settings: settings.loft_public_url, sign, keeps=("x-ring",)),))
PIGEON = Channel(read_facts(Path(__file__).with_name("pigeon.yaml")), LOFT)
"""


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A town that switched on a channel of another package, and an operator who may open everything."""
    town, package = tmp_path / "town", tmp_path / "channels" / "pigeon" / "guichet_pigeon"
    shutil.copytree(TOWN, town)
    (town / "channels").mkdir()
    (town / "channels" / "pigeon.yaml").write_text(FACTS)
    with (town / "channels.yaml").open("a") as channels:
        channels.write("  pigeon: { sve_status: saisine }\n")
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "pigeon.yaml").write_text(FACTS)
    (package / "channel.py").write_text(CODE)
    info = package.parent / "guichet_pigeon-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guichet-pigeon\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[guichet.channels]\npigeon = guichet_pigeon.channel:PIGEON\n")
    for name in (*EVERY_COMMAND, *TWILIO, *TELEGRAM, *MAIL_OUT, *LMTP):
        monkeypatch.setenv(name, "never to be seen")
    for name, value in {
        "GUICHET_TOWN": str(town), "GUICHET_CHANNEL_PACKAGES": str(tmp_path / "channels"), "GUICHET_LOFT_FEATHER": "grey",
        "AWS_SECRET_ACCESS_KEY": "never to be seen", "HOME": "/nowhere",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GUICHET_CLOCK_FILE")
    return town


async def asked(town: Path, ask: Literal["check", "register"] = "check") -> Answer:
    async with errand("pigeon", known_channels(town)) as code:
        return await code.ask(Request(ask=ask))


async def test_its_code_knows_its_own_variables_and_none_that_opens(town: Path) -> None:
    answer = await asked(town)
    assert (answer.verdict, {each for each in answer.lines if each.startswith("GUICHET_")}) == ("done", {
        "GUICHET_CHANNEL_PACKAGES", "GUICHET_LOFT_FEATHER", "GUICHET_LOG_LEVEL", "GUICHET_TOWN",
    })  # fmt: skip
    assert not {*answer.lines} & {"HOME", "AWS_SECRET_ACCESS_KEY"}


@pytest.mark.parametrize("channel", ["email", "sms", "telegram"])
def test_no_provider_of_ours_is_given_a_key_or_another_one_s_secret(channel: str, town: Path) -> None:
    known = known_channels(town)
    own = {*environment_of(channel, known, os.environ)} - {"PATH", "LANG", "LC_ALL", "TZ"}
    of_providers = {*TWILIO, *TELEGRAM, *MAIL_OUT, *LMTP}
    around = {"GUICHET_TOWN", "GUICHET_LOG_LEVEL", "GUICHET_CHANNEL_PACKAGES"}
    mine = {each for each in of_providers if each.startswith(known[channel].prefixes)}
    assert {each for each in own if each.startswith("GUICHET_")} == mine | around
    assert len(mine) in (len(TWILIO), len(TELEGRAM), len({*MAIL_OUT, *LMTP}))


def test_no_provider_may_be_called_so_that_it_is_given_what_is_ours(town: Path) -> None:
    known = known_channels(town)
    for name in {*EVERY_COMMAND, *TWILIO, *TELEGRAM, *MAIL_OUT, *LMTP}:
        facts = known["pigeon"].model_copy(update={"provider": name.split("_")[1].lower()})
        with pytest.raises(SettingsError, match="no provider may be called"):
            environment_of("pigeon", KnownChannels({**known, "pigeon": facts}, ["pigeon"]), os.environ)


@pytest.mark.parametrize(
    "variables", ["GUICHET_ROOT_", "GUICHET_TELEGRAM_", "GUICHET_SMTP_", "GUICHET_OPS_", "GUICHET_DOVE_"]
)
def test_no_third_party_may_say_how_its_variables_begin(variables: str, town: Path) -> None:
    known = known_channels(town)
    facts = known["pigeon"].model_copy(update={"variables": (variables,)})
    with pytest.raises(SettingsError, match=r"channel pigeon: its variables begin with its provider's name"):
        environment_of("pigeon", KnownChannels({**known, "pigeon": facts}, ["pigeon"]), os.environ)


@pytest.mark.parametrize(
    ("feather", "verdict", "says"),
    [
        ("wrong", "refused", ("GUICHET_LOFT_FEATHER: the loft does not know it",)),
        ("bug", "refused", ("loft: a bug of its package: KeyError:guichet_pigeon/channel.py:21",)),
        ("", "not-configured", ()),
    ],
)
async def test_its_trouble_is_told_in_a_sentence_and_quotes_nobody(
    feather: str, verdict: str, says: tuple[str, ...], town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_LOFT_FEATHER", feather)
    answer = await asked(town)
    assert (answer.verdict, answer.lines) == (verdict, says)


async def test_code_that_ends_is_told(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_LOFT_FEATHER", "crash")
    with pytest.raises(CodeTroubleError, match="its code ended"):
        await asked(town)


async def test_an_operator_is_told_what_to_enter_at_the_provider(town: Path) -> None:
    address, nobody = (await asked(town)).lines[-2:]
    assert address == "messages: POST http://127.0.0.1:9/pigeon"
    assert nobody.startswith("messages: nobody listens on http://127.0.0.1:9 yet: `make run`")


async def test_an_address_of_the_world_is_not_taken_for_this_machine_s(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_LOFT_PUBLIC_URL", "https://mairie.invalid")
    assert "nobody answers on https://mairie.invalid from here" in (await asked(town)).lines[-1]


async def test_a_provider_is_told_where_it_reaches_us(town: Path) -> None:
    assert (await asked(town, "register")).lines == ("told the loft",)


async def test_a_check_is_given_what_a_sender_reads(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay's settings are not those of the way in; nothing of either is set, or one half is missing."""
    for name in (*MAIL_OUT, *LMTP):
        monkeypatch.delenv(name, raising=False)
    async with errand("email", known_channels(town)) as code:
        assert (await code.ask(Request(ask="check"))).verdict == "not-configured"
    monkeypatch.setenv("GUICHET_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("GUICHET_SMTP_PORT", "9")
    async with errand("email", known_channels(town)) as code:
        answer = await code.ask(Request(ask="check"))
    assert answer.verdict == "refused"
    assert answer.lines[0].startswith("GUICHET_SMTP_HOST: 127.0.0.1:9")


def guichet_channels(*words: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, [*words])
    return result.exit_code, result.output.splitlines()


@pytest.mark.parametrize(
    ("feather", "status", "said"),
    [
        ("wrong", 1, ["loft (Carrier pigeon): REFUSED", "  GUICHET_LOFT_FEATHER: the loft does not know it"]),
        (
            "bug",
            1,
            ["loft (Carrier pigeon): REFUSED", "  loft: a bug of its package: KeyError:guichet_pigeon/channel.py:21"],
        ),
        ("crash", 1, ["loft (Carrier pigeon): REFUSED", "  channel pigeon: its code ended; what it said is above."]),
        ("", 1, ["loft (Carrier pigeon): not configured"]),
    ],
)
def test_an_operator_is_told_by_channel_or_provider(
    feather: str, status: int, said: list[str], town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_LOFT_FEATHER", feather)
    assert guichet_channels("check", "pigeon" if feather else "loft") == (status, said)


def test_a_check_by_name_shows_what_its_package_says(town: Path) -> None:
    status, said = guichet_channels("check", "pigeon")
    assert (status, said[0], "  GUICHET_LOFT_FEATHER" in said) == (0, "loft (Carrier pigeon): ok", True)


def test_it_is_registered_and_listed_by_name(town: Path) -> None:
    assert guichet_channels("register", "pigeon") == (0, ["loft (Carrier pigeon): registered", "  told the loft"])
    assert guichet_channels("register", "kestrel")[0] == 1
    status, [said] = guichet_channels("register", "sms")
    assert (status, "guichet channels check" in said) == (0, True)
    listed = {line.split()[0]: line.split()[1:3] for line in guichet_channels("list")[1]}
    assert listed["pigeon"] == ["on", "loft"]
    assert listed["letter"] == ["off", "by-hand"]


def test_one_that_cannot_be_registered_keeps_no_other_from_it(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TELEGRAM:
        monkeypatch.delenv(name, raising=False)
    status, said = guichet_channels("register")
    assert (status, said[:2]) == (1, ["loft (Carrier pigeon): registered", "  told the loft"])
    assert "Telegram is not configured: set the GUICHET_TELEGRAM_… variables." in " ".join(said)


class Door:
    """The adapter's own door."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str, bytes, dict[str, str]]] = []
        self.status = 200

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.came.append((request.method, request.path_qs, await request.read(), headers))
        return web.Response(status=self.status)


@pytest.fixture
async def door(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    door, server = Door(), web.Application(client_max_size=64 << 20)
    server.router.add_post("/pigeon", door.take)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("GUICHET_LOFT_PUBLIC_URL", f"http://127.0.0.1:{runner.addresses[0][1]}/")
    yield door
    await runner.cleanup()


async def test_an_operator_is_told_who_listens_where_the_provider_is_to_post(
    town: Path, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await asked(town)).lines[-1].startswith("messages: a host of this channel listens on http://127.0.0.1:")
    monkeypatch.setenv("GUICHET_LOFT_PUBLIC_URL", os.environ["GUICHET_LOFT_PUBLIC_URL"] + "another")
    assert "answers 404 there, and a host of this channel would answer 405" in (await asked(town)).lines[-1]
    assert door.came == []


def a_letter(
    provider: str | None = "loft", group: str = "ingest-loft", topic: str = "inbound-third-party"
) -> DeadLetter:
    return DeadLetter(
        event_id=EventId("d1"), occurred_at=datetime.now(UTC), topic=topic, partition=None, offset=None, group=group,
        reason="bug", error="ZeroDivisionError", provider=provider,
        record=Sealed.model_validate({"key_id": "k", "box": "AAAA"}),
    )  # fmt: skip


def content(target: str = "", **headers: str) -> DeadLetterContent:
    kept = tuple((name, value.encode()) for name, value in headers.items())
    return DeadLetterContent.model_construct(key=None, value=b"", headers=kept, target=target)


async def test_a_payload_goes_to_its_own_door_signed_anew_with_what_it_came_with(town: Path, door: Door) -> None:
    body = bytes(range(256)) * 40_000
    kept = {"x-ring": "7", "x-feather": "moulted"}
    async with Adapters(known_channels(town)) as adapters:
        redeliver = await adapters.redelivery_of(a_letter(), content("/pigeon?loft=1", **kept), body)
        assert door.came == []  # nothing leaves before it stands in the audit trail
        await redeliver()
        again = await adapters.redelivery_of(a_letter(), content(), b"coo")
        await again()
    [(method, target, came, headers), (_, bare, _, _)] = door.came
    assert (method, target, bare, came == body) == ("POST", "/pigeon?loft=1", "/pigeon", True)
    assert (headers["x-ring"], headers["x-feather"], headers["x-target"]) == ("7", "grey", "/pigeon?loft=1")
    assert headers["content-type"] == "text/plain"


async def test_a_door_that_is_away_or_refuses_is_told_without_the_query(town: Path, door: Door) -> None:
    async with Adapters(known_channels(town)) as adapters:
        door.status = 503
        redeliver = await adapters.redelivery_of(a_letter(), content("/pigeon?from=dupont"), b"coo")
        with pytest.raises(RedeliveryError, match=r"/pigeon answered 503") as refusal:
            await redeliver()
    assert "dupont" not in str(refusal.value)


async def test_what_has_no_way_back_is_refused_before_anything_is_done(
    town: Path, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Adapters(known_channels(town)) as adapters:
        with pytest.raises(PermanentError, match="no door"):
            await adapters.redelivery_of(a_letter(), content("/sparrow"), b"coo")
        with pytest.raises(PermanentError, match="came from kestrel"):
            await adapters.redelivery_of(a_letter("kestrel"), content(), b"coo")
        with pytest.raises(PermanentError, match="takes none again"):
            await adapters.redelivery_of(a_letter(None, "citizen-portal", "inbound-portal"), content(), b"coo")
        for another in (a_letter("telegram"), a_letter(topic="inbound-social"), a_letter(topic="delivery-reports")):
            with pytest.raises(PermanentError, match="where nothing of that account is put"):
                await adapters.redelivery_of(another, content(), b"coo")
    monkeypatch.delenv("GUICHET_LOFT_FEATHER")
    async with Adapters(known_channels(town)) as adapters:
        with pytest.raises(SettingsError, match="GUICHET_LOFT_FEATHER"):
            await adapters.redelivery_of(a_letter(), content(), b"coo")
    assert door.came == []


async def test_code_that_hangs_is_given_up(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = town.parent / "channels" / "pigeon" / "guichet_pigeon" / "channel.py"
    channel.write_text("import time; time.sleep(60)")
    monkeypatch.setattr("guichet_cli.console.errands.PATIENCE", timedelta(seconds=1))
    async with Adapters(known_channels(town)) as adapters:
        with pytest.raises(RedeliveryError, match="does not answer"):
            await adapters.redelivery_of(a_letter(), content(), b"coo")
        monkeypatch.setattr("guichet_cli.console.errands.PATIENCE", timedelta(seconds=100))
        with pytest.raises(RedeliveryError, match="asked no more"):  # nobody else's letters wait for it, or for an
            await adapters.redelivery_of(a_letter(), content(), b"coo")  # answer that was another one's


async def test_a_header_that_is_no_text_keeps_no_letter_of_anothers_from_being_handed_in(
    town: Path, door: Door
) -> None:
    strange = content().model_copy(update={"headers": (("x-ring", b"\xff"),)})
    async with Adapters(known_channels(town)) as adapters:
        with pytest.raises(PermanentError, match="no text"):
            await adapters.redelivery_of(a_letter(), strange, b"coo")
        await (await adapters.redelivery_of(a_letter(), content(), b"coo"))()
    assert len(door.came) == 1


async def test_code_that_says_rubbish_is_told(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_LOFT_FEATHER", "rubbish")
    with pytest.raises(CodeTroubleError, match="nothing that can be read"):
        await asked(town)


NEIGHBOUR: Final = """
import ctypes, os, sys
from pathlib import Path
from guichet.town.channel_facts import known_channels
from guichet_cli.console.errands import errand
import asyncio
sys.executable = "/bin/true"  # whoever is nobody may start no Python of root's
if os.getuid() == 0:
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as a process is that began as this user
async def main():
    async with errand("email", known_channels(Path(sys.argv[1]))):
        looking = await asyncio.create_subprocess_exec("cat", f"/proc/{os.getpid()}/environ", stderr=-1)
        print(b"Permission denied" in (await looking.communicate())[1])
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2)")
def test_a_channel_s_code_cannot_look_into_the_process_that_started_it() -> None:
    run = subprocess.run([sys.executable, "-c", NEIGHBOUR, str(TOWN)], capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "True", run.stderr


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What systemd does where it is asked: a process without any of ours in its environment, one a connection."""
    started: list[int] = []
    command = (sys.executable, "-P", "-m", "guichet.channel.host.errand")

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                ours, _ = listening.accept()
                with ours, subprocess.Popen(command, stdin=ours, stdout=ours, env={"PATH": os.defpath}) as process:
                    started.append(process.pid)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "errand.sock"))
        listening.listen()
        threading.Thread(target=serve, args=[listening], daemon=True).start()
        monkeypatch.setenv("ERRANDS_SOCKET", str(tmp_path / "errand.sock"))
        yield started
        listening.shutdown(socket.SHUT_RDWR)


async def test_on_a_server_a_third_party_s_code_is_run_by_a_service_without_a_right(
    apart: list[int], town: Path
) -> None:
    answer = await asked(town)
    assert len(apart) == 1
    assert (answer.verdict, {each for each in answer.lines if each.startswith("GUICHET_")}) == (
        "done",
        {"GUICHET_CHANNEL_PACKAGES", "GUICHET_LOFT_FEATHER", "GUICHET_LOG_LEVEL", "GUICHET_TOWN"},
    )


async def test_guichet_s_own_code_asks_nobody(apart: list[int], town: Path) -> None:
    async with errand("email", known_channels(town)) as code:
        assert (await code.ask(Request(ask="register"))).verdict == "never"
    assert not apart


async def test_a_server_that_was_not_set_up_for_it_runs_no_third_party_s_code(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERRANDS_SOCKET", str(town / "nothing.sock"))
    with pytest.raises(CodeTroubleError, match="guichet-server apply"):
        await asked(town)
