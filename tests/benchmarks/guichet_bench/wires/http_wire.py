"""HTTP/1.1, as far as posting to our own services needs it."""

from collections.abc import Mapping
from typing import Final

from guichet_bench.wires.load import Wire

_END: Final = b"\r\n\r\n"
_STATUS: Final = 9  # where it begins: after "HTTP/1.1 "


def post(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[bytes]:
    """Return a POST as an exchange."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join([*lines, "", ""]).encode() + body,)


def get(path: str) -> tuple[bytes]:
    """Return a GET as an exchange."""
    return (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(),)


def body_of(request: tuple[bytes]) -> bytes:
    """Return what a POST carries."""
    return request[0].partition(_END)[2]


def is_complete(answer: bytes, _asked: bytes = b"") -> bool:
    """Return whether head and body are there. Only bodies of a declared length are known here."""
    head, end, body = answer.partition(_END)
    if not end:
        return False
    _, named, rest = head.lower().partition(b"content-length:")
    return len(body) >= int(rest.partition(b"\r\n")[0]) if named else True


HTTP: Final = Wire(is_complete, lambda answer: answer[_STATUS:].startswith(b"2"))
