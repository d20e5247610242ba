"""Why a letter failed is told to its agent in words: every reason that the product's code or a channel's file gives."""

import ast
import html
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from agent_desk.entry.site.web import HERE
from guichet.contracts.channels import KnownChannels
from guichet.errors import ErasedError, PermanentError, TamperedError
from guichet.store.deliveries.decisions import NOT_ELECTRONIC
from guichet.town.channel_facts import GROUP, installed_facts
from guichet.town.reachable_numbers import OTHER_COUNTRY, OTHER_KIND
from guichet.web.templates import LANGUAGES, Templates

REPOSITORY = Path(__file__).parents[3]
CONCLUDING = {"failed": 0, "no_more": 1, "Concluded": 1, "_refused": 1}  # which argument is the reason
FACTS = installed_facts()
PACKAGES = {entry.name: f"shared/channels/*/{entry.module.partition('.')[0]}" for entry in entry_points(group=GROUP)}


def shown(channel: str, code: str, language: str) -> str:
    desk = Templates(HERE, channels=KnownChannels(FACTS))
    words = desk._environments[language].get_template("words.html").module
    return str(words.failure_reason(channel, code)).strip()  # type: ignore[attr-defined]


def sources(*folders: str) -> Iterator[ast.Module]:
    for path in (each for folder in folders for each in sorted(REPOSITORY.glob(f"{folder}/**/*.py"))):
        yield ast.parse(path.read_text("utf-8"))


def codes_in(module: ast.Module) -> Iterator[str]:
    """Reasons that a module gives for a letter that failed or was withheld: as a literal or by a constant of its own."""
    constants = {
        target.id: each.value.value
        for each in module.body
        if isinstance(each, ast.AnnAssign | ast.Assign) and isinstance(each.value, ast.Constant)
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
        if isinstance(target, ast.Name)
    }
    for call in (each for each in ast.walk(module) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)):
        name, place = call.func.id, CONCLUDING.get(call.func.id)
        given = call.args[place : place + 1] if place is not None else []
        if name in ("PermanentError", "DeliveryDocument"):
            given = [each.value for each in call.keywords if each.arg == "reason"]
        for node in (each for argument in given for each in ast.walk(argument)):
            value = constants.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
            if isinstance(value, str):
                yield value


def is_way_out(module: ast.Module) -> bool:
    """Tell the code that sends: reasons of the way in are dead letters', and the handbook's to explain."""
    imported = [each.module or "" for each in ast.walk(module) if isinstance(each, ast.ImportFrom)]
    return any(name.startswith("guichet.channel.outgoing") for name in imported)


OURS = sorted(
    {
        code
        for module in sources("services/notifier/notifier", "shared/guichet/channel/outgoing")
        for code in codes_in(module)
    }
    | {error.reason for error in (PermanentError(""), TamperedError(""), ErasedError(""))}  # where something opens
    | {OTHER_COUNTRY, OTHER_KIND}  # as a number is barred for
    | {NOT_ELECTRONIC}  # as what goes on paper is withheld for
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_ours_has_words(language: str) -> None:
    assert {"gave-up", "no-address", "internal-error", "not-electronic", "erased", "permanent"} <= {*OURS}
    assert [code for code in OURS if not shown("letter", code, language)] == []


@pytest.mark.parametrize("name", [name for name, facts in FACTS.items() if facts.is_electronic])
def test_every_reason_that_a_channel_s_file_or_code_gives_has_words(name: str) -> None:
    package = PACKAGES[name]
    way_out = [module for module in sources(package) if is_way_out(module)]
    given = {*FACTS[name].reasons.values(), *(code for module in way_out for code in codes_in(module))}
    known = {code for facts in FACTS.values() if PACKAGES[facts.name] == package for code in facts.failures} | {*OURS}
    assert sorted(given - known) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_failure_that_a_channel_declares_shows(language: str) -> None:
    for name, facts in FACTS.items():
        for code, words in facts.failures.items():
            assert html.unescape(shown(name, code, language)) == getattr(words, language)


def test_a_code_that_nobody_knows_shows_nothing() -> None:
    assert shown("sms", "twilio-99999", "fr") == "" == shown("no-such-channel", "loft-closed", "fr")
