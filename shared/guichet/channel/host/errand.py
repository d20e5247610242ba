"""Run a channel's code for a process that holds keys which open: `python -m guichet.channel.host.errand [CHANNEL]`.

`guichet channels` and `guichet dead-letters` start it with an environment that holds the provider's variables and no
key that opens (guichet_cli.console.errands). Requests come in by stdin and answers go out by stdout, a line of JSON
each. What a channel's package prints goes to stderr. Where this process is a service, of a user that nobody else is,
the first line says the channel and the environment (FirstLine).
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field

from guichet.channel.addresses import webhook_url
from guichet.channel.declaration import Listener, Provider, Webhook
from guichet.channel.host.discovery import load_channel, use_packages_of
from guichet.channel.host.webhook_probe import who_listens
from guichet.channel.payload import Payload
from guichet.contracts.topics import MIB
from guichet.errors import GuichetError, PermanentError, SettingsError
from guichet.runtime.clock import clock_of
from guichet.runtime.prctl import hide_memory
from guichet.runtime.settings import SettingsGroup, read_settings
from guichet.runtime.telemetry.error_locations import class_and_place

AROUND: Final = ("GUICHET_TOWN", "GUICHET_LOG_LEVEL", "GUICHET_CLOCK_FILE", "GUICHET_CHANNEL_PACKAGES")
LONGEST: Final = 192 * MIB  # of a line: the largest payload, in base64, twice over
TIMEOUT_S: Final = 60.0


class Line(BaseModel):
    """Base of what crosses: bytes as base64."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True
    )


class Request(Line):
    """check, register: of the provider. prepare: see that a payload can be handed in; hand-in: then do so.

    act: what `acts` of the provider calls `name`, with the words that were typed.
    """

    ask: Literal["check", "register", "prepare", "hand-in", "act"]
    name: str = ""
    words: tuple[str, ...] = ()
    body: bytes = Field(default=b"", repr=False)
    headers: Mapping[str, str] = Field(default_factory=dict, repr=False)
    target: str = Field(default="", repr=False)


class FirstLine(Line):
    """What a process that was started without either is told first."""

    channel: str
    environment: Mapping[str, str] = Field(default_factory=dict, repr=False)


class Answer(Line):
    """refused: by the other side, who may take it later. settings: a variable is missing or wrong. never: its package
    does not do that."""

    verdict: Literal["done", "not-configured", "refused", "settings", "never"]
    lines: tuple[str, ...] = ()


class Errands:
    """What is asked of one provider, one thing after the other."""

    def __init__(self, provider: Provider[Any]) -> None:
        self._provider = provider
        self._hand_in: Callable[[], Awaitable[None]] | None = None

    async def answer(self, request: Request) -> Answer:
        """Do what is asked. A trouble is told; of a bug, its class and place: its text may quote a citizen."""
        try:
            return await self._do(request)
        except SettingsError as error:
            return Answer(verdict="settings", lines=tuple(str(error).splitlines()))
        except PermanentError as error:
            return Answer(verdict="never", lines=tuple(str(error).splitlines()))
        except GuichetError as error:
            return Answer(verdict="refused", lines=tuple(str(error).splitlines()))
        except Exception as bug:
            return Answer(
                verdict="refused", lines=(f"{self._provider.name}: a bug of its package: {class_and_place(bug)}",)
            )

    async def _do(self, request: Request) -> Answer:
        match request.ask:
            case "check":
                answer = await self._ask_provider(self._provider.check, self._provider.check_settings)
                addresses = [line async for line in self._addresses(answer)]
                return answer.model_copy(update={"lines": (*answer.lines, *addresses)})
            case "register":
                return await self._ask_provider(self._provider.register, self._provider.settings)
            case "act":
                return await self._act(request)
            case "prepare":
                payload = Payload(request.body, clock_of("guichet-cli").now(), request.headers, request.target)
                self._hand_in = redelivery_of(self._provider, read_settings(self._provider.settings), payload)
                return Answer(verdict="done")
            case "hand-in":
                assert self._hand_in is not None, "nothing was prepared"
                await self._hand_in()
                return Answer(verdict="done")

    async def _act(self, request: Request) -> Answer:
        if (act := self._provider.acts.get(request.name)) is None:
            return Answer(verdict="never")
        return Answer(verdict="done", lines=tuple(await act(read_settings(self._provider.settings), request.words)))

    async def _ask_provider(
        self, act: Callable[[Any], Awaitable[list[str]]] | None, settings: type[SettingsGroup]
    ) -> Answer:
        if act is None:
            return Answer(verdict="never")
        if not self._is_configured():
            return Answer(verdict="not-configured")
        return Answer(verdict="done", lines=tuple(await act(read_settings(settings))))

    async def _addresses(self, answer: Answer) -> AsyncIterator[str]:
        """Yield where the provider is to post, each that it has not said itself, and whether anybody listens there."""
        if answer.verdict not in {"done", "never"}:
            return
        try:
            settings = read_settings(self._provider.settings)
        except SettingsError:
            return
        for each in self._provider.inbound:
            if isinstance(each, Webhook):
                address = webhook_url(each.public_url(settings), each.path)
                if not any(address in line for line in answer.lines):
                    yield f"{each.carries}: POST {address}"
                yield f"{each.carries}: {await who_listens(address)}"

    def _is_configured(self) -> bool:
        """Say whether a variable is set that either settings require; where neither requires one, any."""
        own = {name: value for name, value in os.environ.items() if name.startswith("GUICHET_") and name not in AROUND}
        both = (self._provider.settings, self._provider.sending_settings)
        required = [name for settings in both for name in _required(settings)]
        return any(own.get(name) for name in (required or own))


def _required(settings: type[SettingsGroup]) -> Iterator[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return (f"{prefix}{name}".upper() for name, field in settings.model_fields.items() if field.is_required())


def redelivery_of(provider: Provider[Any], settings: SettingsGroup, payload: Payload) -> Callable[[], Awaitable[None]]:
    """Return what hands a payload in where it came from. Raises PermanentError where there is no way back."""
    path = payload.target.partition("?")[0]
    doors = [each for each in provider.inbound if isinstance(each, Webhook)]
    door = next((each for each in doors if each.path == path or (not path and each.carries == "messages")), None)
    if door is not None:
        return _posting(door, settings, payload)
    listeners = (each for each in provider.inbound if isinstance(each, Listener))
    if path or not (ways := [each.redeliver for each in listeners if each.redeliver is not None]):
        raise PermanentError(f"{provider.name} has no door that takes this payload again.", reason="not-a-record")
    [redeliver] = ways
    return redeliver(settings, payload)


def _posting(door: Webhook[Any], settings: SettingsGroup, payload: Payload) -> Callable[[], Awaitable[None]]:
    """Return what posts a payload as its provider does, with the proof that the provider would give now."""
    target = payload.target or door.path
    payload = Payload(payload.body, payload.at, payload.headers, target)
    proof = {name.lower(): value for name, value in door.sign(settings, payload).items()}
    return lambda: _post(webhook_url(door.public_url(settings), target), payload, {**payload.headers, **proof})


async def _post(address: str, payload: Payload, headers: Mapping[str, str]) -> None:
    where = address.partition("?")[0]
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            answer = await client.post(address, content=payload.body, headers=headers)
    except httpx.HTTPError as exc:
        raise GuichetError(f"{where} does not answer ({type(exc).__name__}): does the adapter run?") from None
    if not answer.is_success:
        raise GuichetError(f"{where} answered {answer.status_code}: see the adapter's log")


def main(channel: str) -> None:
    """Answer requests until there are no more."""
    answers = _own_stdout()
    folder = os.environ.get("GUICHET_CHANNEL_PACKAGES")
    use_packages_of([channel], Path(folder) if folder else None)
    try:
        provider = load_channel(channel).provider
    except SettingsError as error:
        _tell(answers, Answer(verdict="settings", lines=(str(error),)))
        return
    errands = Errands(provider)
    with asyncio.Runner() as runner:
        while line := sys.stdin.buffer.readline(LONGEST):
            _tell(answers, runner.run(errands.answer(Request.model_validate_json(line))))


def _own_stdout() -> BinaryIO:
    """Take stdout for the answers: what a package prints must not be taken for one."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _tell(answers: BinaryIO, answer: Answer) -> None:
    answers.write(answer.model_dump_json().encode() + b"\n")


def told() -> str:
    """Take the environment that the first line says; return the channel."""
    hide_memory()  # before anything secret is here: another errand of this channel may run
    first = FirstLine.model_validate_json(sys.stdin.buffer.readline(LONGEST))
    os.environ.update(first.environment)
    return first.channel


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else told())
