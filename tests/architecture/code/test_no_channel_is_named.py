"""Nothing outside a channel's package names it: the product's code and pages know channels by their facts alone.

Read are strings and names of the syntax trees, not docstrings and comments, and the templates. A name that is a word of
ours, too (`mail`, `letter`), counts only where it is a whole string: there it decides something.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from guichet.contracts.topics import TOPICS
from guichet.town.channel_facts import installed_facts
from guichet_topology.services import OF_EVERY_TOWN

REPOSITORY: Final = Path(__file__).parents[3]
PRODUCT: Final = (
    "shared/guichet", "deploy/cli/guichet_cli", "deploy/topology/guichet_topology", "deploy/server/guichet_server", "deploy/local/stack/guichet_local",
    *(str(each.relative_to(REPOSITORY)) for each in sorted(REPOSITORY.glob("services/*/*_*")) if each.is_dir()),
    "services/notifier/notifier",
)  # fmt: skip
FACTS: Final = installed_facts().values()
NAMES: Final = {*(each.name for each in FACTS), *(each.provider for each in FACTS)}
WORDS_OF_OURS: Final = {"email", "mail", "portal", "phone", "letter", "counter", "by-hand"}
OWN: Final = NAMES - WORDS_OF_OURS  # these mean a channel or its provider, whatever they stand in
ADDRESSES: Final = {each.name for each in TOPICS} | {each.name for each in OF_EVERY_TOWN}  # what bears a name for good

# Path → the names it may say, and why. One that nothing says any more must go: the list only shrinks.
EXCEPTIONS: Final[dict[str, tuple[set[str], str]]] = {
    "shared/guichet/contracts/inbound_content.py": ({"email", "phone"}, "kinds of address, which pseudonyms hold"),
    "shared/guichet/contracts/channels.py": ({"mail"}, "a form of letters: with a subject, of any length"),
    "shared/guichet/town/migrations/m0002_of_the_first_towns.py": (
        {"email", "portal"},
        "what was open of itself, once",
    ),
    "services/agent-desk/agent_desk/templates/case_forms.html": ({"mail"}, "the same form"),
    "services/agent-desk/agent_desk/templates/case_live.html": ({"mail"}, "the same form"),
    "shared/guichet/contracts/case_events.py": ({"portal"}, "a kind of routing rule, on the wire: chosen in a form"),
    "shared/guichet/privacy/pseudonyms.py": ({"mail"}, "goes into the lookup keys of threads, which never change"),
    "shared/guichet/runtime/telemetry/logging.py": (
        {"twilio", "telegram"},
        "Python packages that log the addresses they ask, with tokens in them",
    ),
    "services/citizen-portal/citizen_portal/domain/contact_form.py": ({"email", "phone"}, "fields of the form"),
    "services/citizen-portal/citizen_portal/templates/form.html": ({"email", "phone"}, "fields of the form"),
    "services/agent-desk/agent_desk/domain/sign_in/openid/identity.py": ({"email"}, "a claim of OpenID Connect"),
    "services/ops-console/ops_console/handlers/send_notices.py": ({"mail"}, "a way to whoever is on call"),
    "deploy/cli/guichet_cli/dead_letters/payload_redelivery.py": (
        {"mail", "twilio", "telegram"},
        "whose payloads are of which no provider was noted: there will be no more of them",
    ),
    "services/notifier/notifier/settings.py": ({"sms"}, "a variable that towns have set, and that is going away"),
    "services/notifier/notifier/app.py": ({"sms"}, "the same variable"),
}


def names_in_python(text: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(text)
    docstrings = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from ((line, name) for name in named_in(node.value, is_whole=True))
        for word in (getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname", "module")):
            if isinstance(word, str):
                yield from ((line, name) for name in named_in(word))


def names_in_template(text: str) -> Iterator[tuple[int, str]]:
    bare = re.sub(r"{#.*?#}", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.DOTALL)
    for line, content in enumerate(bare.splitlines(), start=1):
        yield from ((line, name) for name in named_in(content))
        decided = (
            quoted for code in re.findall(r"{[{%](.*?)[%}]}", content) for quoted in re.findall(r'"([^"]*)"', code)
        )
        yield from ((line, name) for quoted in decided for name in named_in(quoted, is_whole=True) if name not in OWN)


def named_in(text: str, *, is_whole: bool = False) -> Iterator[str]:
    """Yield the channels and providers that a string or an identifier names. is_whole: it may be a name itself."""
    if is_whole and text in NAMES:
        yield text
        return
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower().replace("-", "_")
    for address in sorted((each.replace("-", "_") for each in ADDRESSES), key=len, reverse=True):
        plain = plain.replace(address, "")
    yield from {*re.split(r"[^a-z0-9]+", plain)} & OWN


def product() -> Iterator[Path]:
    for folder in PRODUCT:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix in (".py", ".html") and "tests" not in path.parts:
                yield path


def found() -> dict[str, dict[str, list[int]]]:
    """Return path → name → lines."""
    said: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for path in product():
        read = names_in_python if path.suffix == ".py" else names_in_template
        for line, name in read(path.read_text("utf-8")):
            said[str(path.relative_to(REPOSITORY))][name].append(line)
    return said


def allowed(path: str) -> set[str]:
    return EXCEPTIONS[path][0] if path in EXCEPTIONS else set()


FOUND: Final = found()


def test_nothing_outside_a_channel_s_package_names_it() -> None:
    wrong = [
        f"{path}:{','.join(map(str, sorted({*lines})))} names {name}"
        for path, names in FOUND.items()
        for name, lines in names.items()
        if name not in allowed(path)
    ]
    assert not wrong, "\n".join(["a channel is known by its facts alone (guichet.contracts.channels):", *wrong])


def test_an_exception_that_nothing_needs_any_more_is_gone() -> None:
    unused = {path: left for path, (names, _) in EXCEPTIONS.items() if (left := names - {*FOUND.get(path, {})})}
    assert not unused


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ('if channel == "email": pass', {"email"}),
        ('LANES = {"whatsapp": 1}', {"whatsapp"}),
        ("class SmsHandler: pass", {"sms"}),
        ("from twilio.rest import Client", {"twilio"}),
        ("settings.telegram_token", {"telegram"}),
        ('say("Check the Twilio account")', {"twilio"}),
        ('"""Twilio, in a docstring."""  # sms, in a comment', set()),
        ('group = "ingest-sms"; topic = INBOUND_SMS', set()),
        ("mail = letter_of(phone)", set()),
        ('say("a letter by mail")', set()),
    ],
)
def test_python_is_read_as_its_syntax_says(code: str, named: set[str]) -> None:
    assert {name for _, name in names_in_python(code)} == named


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ('{% if item.channel == "email" %}', {"email"}),
        ("<p>SMS</p>", {"sms"}),
        ("{# whatsapp #}<label>{{ mail }}</label>", set()),
        ('<input name="email">', set()),
        ('{% if topic == "inbound-sms" %}', set()),
    ],
)
def test_pages_are_read_without_their_comments(page: str, named: set[str]) -> None:
    assert {name for _, name in names_in_template(page)} == named
