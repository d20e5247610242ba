"""The short way to a mail's parts must find what Python's parser finds."""

import email
import os
from email.message import EmailMessage, Message
from email.policy import SMTP, compat32
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet_mail.read.tree import cut_tree, read_tree

BOUNDARIES = st.sampled_from(["b", "b--", "bb", "-", "b b", "=_é", "b'(x)"])
PARAMETERS = st.sampled_from(
    ["", "; charset=utf-8", "; x=é", "; boundary=b; boundary=bb", "; boundary*=''b%0D", '; boundary="b\r\n b"', "; boundary="]
)  # fmt: skip
KINDS = st.sampled_from(
    ["text/plain", "text/html", "multipart/mixed", "multipart/digest", "message/rfc822", "image/png", "crooked", "é/é"]
)
TEXTS = st.lists(
    st.sampled_from(["", "Bonjour", "--b", "--b--", "--bb", "--bb--", "--b ", "-- b", "é", "From x", "X: y", " z", ":", "\x0b"]),
    max_size=6,
)  # fmt: skip
FIELDS = st.sampled_from(
    ["Subject: été", "X-Long: a\r\n b\r\n\tc", "X:", "X: \r\n \r\n y", "From x", " folded", ": nameless", "X : y", "X\x7f: y"]
)  # fmt: skip
ENDS = st.sampled_from(["\r\n"] * 30 + ["\n", "\r", "\r\r\n", ""])


@st.composite
def parts(draw: st.DrawFn, levels: int = 3) -> str:
    """Return the text of a part, usually well made, of any depth."""
    head = draw(st.lists(FIELDS, max_size=2)) if draw(st.integers(0, 4)) == 0 else ["Subject: x"]
    if levels and draw(st.booleans()):
        boundary = draw(BOUNDARIES)
        inner = draw(st.lists(parts(levels - 1), max_size=3))
        kind = draw(st.sampled_from(["mixed", "alternative", "related", "MIXED"]))
        head.append(f'Content-Type: multipart/{kind}; boundary="{boundary}"')
        body = "".join(f"--{boundary}\r\n{each}\r\n" for each in inner) + f"--{boundary}--"
        around = [draw(TEXTS) if draw(st.integers(0, 3)) == 0 else [] for _ in "<>"]
        lines = [*around[0], body, *around[1]]
    else:
        head.append(f"Content-Type: {draw(KINDS)}{draw(PARAMETERS)}")
        lines = draw(TEXTS)
    return "\r\n".join([*head, "", *lines])


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    """Return a mail, in one place of which a line may end as none should."""
    lines = draw(parts()).split("\r\n")
    ends = [draw(ENDS) if draw(st.integers(0, 20)) == 0 else "\r\n" for _ in lines]
    return "".join(line + end for line, end in zip(lines, ends, strict=True)).encode()


@given(mails())
@settings(max_examples=1500, deadline=None)
def test_a_mail_has_the_parts_that_python_finds(mail: bytes) -> None:
    assert _parts(read_tree(mail)) == _parts(email.message_from_bytes(mail, policy=compat32))


def test_and_where_it_is_read_the_short_way_too() -> None:
    read_short = 0

    @given(parts())
    @settings(max_examples=600, deadline=None)
    def compare(mail: str) -> None:
        nonlocal read_short
        tree = cut_tree(mail.encode())
        if tree is not None:  # most are crooked
            read_short += 1
            assert _parts(tree) == _parts(email.message_from_bytes(mail.encode(), policy=compat32))

    compare()
    assert read_short > 15


@pytest.mark.parametrize("files", [0, 2])
def test_an_ordinary_mail_is_read_the_short_way(files: int) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["Subject"] = "Zoé <zoe@exemple.test>", "Lampadaire " * 20
    mail.set_content("Bonjour")
    mail.add_alternative("<p>Bonjour</p>", subtype="html")
    for number in range(files):
        mail.add_attachment(os.urandom(200), maintype="image", subtype="jpeg", filename=f"{number}.jpg")
    tree = cut_tree(mail.as_bytes())
    assert tree is not None
    assert len(list(tree.walk())) == 3 + files + bool(files)


@pytest.mark.timeout(120)  # seconds; in a square of their length it were hours
@pytest.mark.parametrize(
    "mail",
    [b"x" * 9_000_000, b"x:y\r\n" * 900_000, b"x:\r\n" + b" y\r\n" * 900_000],
    ids=["one line", "many fields", "one folded field"],
)
def test_heads_without_end_are_read_in_reasonable_time(mail: bytes) -> None:
    assert _parts(read_tree(mail))


def _parts(mail: Message) -> list[Any]:
    """Return all that is asked of a mail later. What Python keeps beside it, as defects, is not."""
    inner = mail.get_payload() if mail.is_multipart() else []
    text = None if mail.is_multipart() else mail._payload
    return [list(mail.raw_items()), mail.get_content_type(), text, [_parts(each) for each in inner]]
