"""Which mail addresses a form takes."""

import pytest

from guichet.channel.typed_address import is_typed_email


@pytest.mark.parametrize(
    "typed",
    ["alice@courriel.example", " Alice.B+trou@Courriel.example ", "o'neil_{x}@a.example", "hélène@château.example"],
)
def test_one_address_is_taken(typed):
    assert is_typed_email(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "alice",
        "alice@",
        "@courriel.example",
        "alice@courriel",
        "a@b.example,c@d.example",
        "a@b.example;c@d.example",
        "a@b.example c@d.example",
        "a@b@c.example",
        "<a@b.example>",
        "a(1)@b.example",
        "(1)a@b.example",
        "a@b.example(1)",
        '"a"@b.example',
        "a\\b@c.example",
        ".a@b.example",
        "a.@b.example",
        "a..b@c.example",
        "a@[192.0.2.1]",
        "a@b.example\nBcc: c@d.example",
        "a\x00@b.example",
        "a\u202e@b.example",
    ],
)
def test_nothing_else_is(typed):
    assert not is_typed_email(typed)
