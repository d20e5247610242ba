"""Citizens' files: none is given out that the antivirus found something in, or has not seen; what is dangerous is marked."""

import asyncio
import socket
from datetime import timedelta

import pytest

from agent_desk.domain.cases.dangerous_files import is_dangerous
from agent_desk.handlers.cases.antivirus import (
    Address,
    Antivirus,
    Clamd,
    NoAntivirus,
    TooLargeToScanError,
    UnscannedError,
    antivirus_at,
    read_answer,
)
from guichet.errors import SettingsError
from guichet.runtime.telemetry.alarms import Alarm, raise_alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_local.machine.ports import free_ports
from guichet_testing.doors.desk_on_twins import TownHall
from guichet_testing.real.clamd import EICAR

HARMLESS = b"\xff\xd8\xff" + b"j" * 200_000


class Movable:
    """An antivirus that a test sets after the desk was put together."""

    def __init__(self) -> None:
        self.now: Antivirus = NoAntivirus()

    @property
    def is_there(self) -> bool:
        return self.now.is_there

    async def found_in(self, content: bytes) -> str | None:
        return await self.now.found_in(content)


@pytest.fixture
def hall() -> TownHall:
    return TownHall(antivirus=Movable())


def at(socket) -> Clamd:
    return Clamd(Address(path=str(socket)), patience=timedelta(seconds=20))


def is_away() -> bool:
    return bool(ALARM.labels("part-away", "antivirus")._value.get())


async def file_of(hall, browser, content, name="photo.jpg"):
    """Return what an agent gets who asks for a file of this content."""
    case = await hall.open_case("with-file", subject="Pièce", text="Bonjour", files={name: content})
    browser._transport.raise_app_exceptions = False
    answer = await browser.get(f"/demandes/{case.reference}/fichiers/{case.opened_by}/1")
    return case, answer


@pytest.mark.real
async def test_an_infected_file_is_given_to_nobody(hall, sign_in, clamd):
    hall.antivirus.now = at(clamd)
    case, answer = await file_of(hall, await sign_in("karim.haddad"), EICAR)
    assert answer.status_code == 403, "an infected file is given out"
    assert EICAR not in answer.content
    assert "photo.jpg" in answer.text
    assert "Eicar-Test-Signature" in answer.text
    assert case.reference in answer.text


@pytest.mark.real
async def test_a_harmless_file_is_given_out(hall, sign_in, clamd):
    hall.antivirus.now = at(clamd)
    _, answer = await file_of(hall, await sign_in("karim.haddad"), HARMLESS)
    assert (answer.status_code, answer.content) == (200, HARMLESS)


@pytest.mark.real
async def test_a_file_of_many_chunks_is_seen_to_its_end(clamd):
    assert await at(clamd).found_in(EICAR) == "Eicar-Test-Signature.UNOFFICIAL"  # what is not ClamAV's own
    assert await at(clamd).found_in(b"") is None
    results = await asyncio.gather(*(at(clamd).found_in(HARMLESS * 3) for _ in range(8)))
    assert results == [None] * 8


@pytest.mark.real
async def test_what_is_larger_than_the_daemon_takes_is_not_given_out_and_nobody_is_alarmed(hall, sign_in, clamd):
    raise_alarm(Alarm.PART_AWAY, "antivirus")
    hall.antivirus.now = at(clamd)
    _, answer = await file_of(hall, await sign_in("karim.haddad"), b"x" * (3 << 20))  # StreamMaxLength is 1 MiB here
    assert answer.status_code == 403, "trying again would help"
    assert "trop gros pour l’antivirus" in answer.text
    assert not is_away(), "the daemon answered, and the alarm says that it is away"


async def test_a_file_that_nobody_scanned_is_not_given_out_and_later_it_is(hall, sign_in, tmp_path):
    hall.antivirus.now = at(tmp_path / "nobody.socket")
    browser = await sign_in("karim.haddad")
    case, answer = await file_of(hall, browser, b"a few bytes")
    assert answer.status_code == 503, "a file that nobody scanned is given out"
    assert "L’antivirus ne répond pas" in answer.text
    assert is_away()
    assert (await browser.get(f"/demandes/{case.reference}")).status_code == 200

    async def say_ok(reader, writer):
        await reader.read(1000)
        writer.write(b"stream: OK\0")
        writer.close()

    async with await asyncio.start_unix_server(say_ok, tmp_path / "nobody.socket"):
        answer = await browser.get(f"/demandes/{case.reference}/fichiers/{case.opened_by}/1")
    assert answer.status_code == 200
    assert not is_away()


@pytest.mark.parametrize("behaviour", ["silent", "cut", "endless"])
async def test_a_daemon_that_does_not_answer_rightly_lets_nothing_out(tmp_path, behaviour):
    async def misbehave(reader, writer):
        if behaviour == "endless":
            writer.write(b"x" * 100_000)
        if behaviour != "cut":
            await asyncio.sleep(5)
        writer.close()

    async with await asyncio.start_unix_server(misbehave, tmp_path / "s"):
        with pytest.raises(UnscannedError):
            await Clamd(Address(path=str(tmp_path / "s")), patience=timedelta(seconds=0.5)).found_in(HARMLESS)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: \0",
        b"stream: OK but\0",
        b"stream: x ERROR\0",
    ],
)
def test_only_ok_is_ok(answer):
    with pytest.raises(UnscannedError):
        read_answer(answer)


async def test_a_daemon_that_hangs_up_on_a_large_file_is_heard_all_the_same(tmp_path):
    async def refuse(reader, writer):
        await reader.read(1000)
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        writer.close()

    async with await asyncio.start_unix_server(refuse, tmp_path / "s"):
        with pytest.raises(TooLargeToScanError):
            await at(tmp_path / "s").found_in(HARMLESS * 20)
    assert not is_away()


async def test_without_an_antivirus_the_page_says_that_nothing_was_scanned(karim, cases):
    page = await karim.get(f"/demandes/{cases['hole'].reference}")
    assert "non analysé" in page.text


async def test_a_name_of_several_addresses_is_tried_at_each(monkeypatch):
    """`localhost` is ::1 first, where a daemon that listens on 127.0.0.1 is not."""

    async def say_ok(reader, writer):
        await reader.read(1000)
        writer.write(b"stream: OK\0")
        writer.close()

    async with await asyncio.start_server(say_ok, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        (dead,) = free_ports(1)

        async def resolved(host, _port, **_):
            assert host == "clamav.example"
            family = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [(*family, ("127.0.0.1", dead)), (*family, ("127.0.0.1", port))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
        assert await Clamd(Address(host="clamav.example", port=port)).found_in(b"x" * 10) is None
        assert not is_away()


async def test_a_name_none_of_whose_addresses_answers_is_away(monkeypatch):
    dead, also_dead = free_ports(2)

    async def resolved(_host, _port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (dead, also_dead)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    with pytest.raises(UnscannedError, match="ConnectionRefusedError"):
        await Clamd(Address(host="clamav.example", port=1)).found_in(b"x")


@pytest.mark.parametrize("url", ["", "clamav", "http://x", "unix://", "tcp://localhost", "unix://host/path"])
def test_a_wrong_address_is_no_silent_nobody(url):
    with pytest.raises(SettingsError, match="GUICHET_CLAMAV_URL"):
        antivirus_at(url)


@pytest.mark.parametrize("url", ["unix:///run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://[::1]:3310"])
def test_an_address_is_somebody(url):
    assert antivirus_at(url).is_there
    assert not antivirus_at(None).is_there


DANGEROUS = [
    "a.exe",
    "facture.pdf.EXE",
    "a.js",
    "a.docm",
    "a.html",
    "a.svg",
    "a.lnk",
    "a.iso",
    "a.xls",
    "a.exe. ",
    "a\u202efdp.x",
]


@pytest.mark.parametrize("name", DANGEROUS)
async def test_a_dangerous_type_is_marked_for_the_agent(hall, sign_in, name):
    browser = await sign_in("karim.haddad")
    case, answer = await file_of(hall, browser, b"x", name)
    page = await browser.get(f"/demandes/{case.reference}")
    assert "type dangereux" in page.text
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert "html" not in answer.headers["content-type"]


@pytest.mark.parametrize("name", ["photo.jpg", "plan.pdf", "lettre.docx", "tableau.xlsx", "note.txt", "sans"])
def test_a_usual_file_is_not_marked(name):
    assert not is_dangerous(name, "application/octet-stream")


def test_what_says_it_is_a_page_is_one_whatever_its_name():
    assert is_dangerous("photo.jpg", "text/html")
