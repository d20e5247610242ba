"""What a bug of an adapter's is known by: its class, and where in the adapter's own package."""

from collections.abc import Callable
from typing import Any

import pytest

from guichet.contracts.dead_letters import LONGEST_ERROR
from guichet.errors import BugError
from guichet.kafka.dead_letters.publish import Cause
from guichet.runtime.telemetry.error_locations import class_and_place


def code(module: str, text: str, **known: Any) -> dict[str, Any]:
    """Run a module's text as if it lay where a channel's package lies."""
    there: dict[str, Any] = {"__name__": module, **known}
    exec(compile(text, f"/srv/channels/{module.replace('.', '/')}.py", "exec"), there)
    return there


LIBRARY = code("jsonish.decoder", "def decode(text):\n    raise KeyError('Madame Dupont')\n")
CALLER = "def call(act):\n    act()\n"


def raised(act: Callable[[], object]) -> Exception:
    with pytest.raises(KeyError) as caught:
        code("guichet.channel.host.webhooks", CALLER)["call"](act)
    return without_the_test(caught.value)


def without_the_test(error: Exception) -> Exception:
    assert error.__traceback__ is not None
    return error.with_traceback(error.__traceback__.tb_next and error.__traceback__.tb_next.tb_next)


def test_the_place_is_the_package_s_own_and_not_the_library_s_that_it_called() -> None:
    parse = code("guichet_pigeon.read.parse", "\n\ndef parse():\n    decode('{')\n", decode=LIBRARY["decode"])
    assert class_and_place(raised(parse["parse"])) == "KeyError:guichet_pigeon/read/parse.py:4"


def test_what_guichet_raised_for_it_is_told_where_the_package_called() -> None:
    text = code("guichet.channel.text", "def clean(text):\n    raise KeyError(text)\n")
    parse = code("guichet_pigeon.parse", "def parse():\n    clean('Madame Dupont')\n", clean=text["clean"])
    assert class_and_place(raised(parse["parse"])) == "KeyError:guichet_pigeon/parse.py:2"


def test_a_long_path_leaves_the_line_standing() -> None:
    parse = code(f"guichet_pigeon.{'way' * 30}.parse", "def parse():\n    raise KeyError('x')\n")
    assert class_and_place(raised(parse["parse"])) == "KeyError:parse.py:2"
    assert len(class_and_place(raised(parse["parse"]))) <= LONGEST_ERROR


def test_what_was_never_raised_has_its_class() -> None:
    assert class_and_place(KeyError("Madame Dupont")) == "KeyError"


def test_a_dead_letter_names_the_bug_and_not_what_it_was_wrapped_in() -> None:
    assert (
        Cause("bug", BugError("KeyError:guichet_pigeon/parse.py:4")).error_class == "KeyError:guichet_pigeon/parse.py:4"
    )
