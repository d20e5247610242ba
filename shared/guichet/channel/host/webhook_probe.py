"""Whether a host listens where its provider is to post, as far as can be seen from here. Nothing is handed in."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

import httpx

TIMEOUT_S: Final = 3.0
_POST_ALONE: Final = 405  # a webhook of a host's is there, and takes no GET


async def who_listens(address: str) -> str:
    """Return, in a sentence, who answers at a webhook's address. address: the whole of it, as a provider is told."""
    where = urlsplit(address)
    base = f"{where.scheme}://{where.netloc}"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            answer = await client.get(address)
    except (httpx.HTTPError, httpx.InvalidURL):
        if _is_here(where.hostname or ""):
            return f"nobody listens on {base} yet: `make run` starts its host on the local stack"
        return f"nobody answers on {base} from here: does its host run, and does the way to it lead there?"
    if answer.status_code == _POST_ALONE:
        return f"a host of this channel listens on {base}"
    return (
        f"{base} answers {answer.status_code} there, and a host of this channel would answer {_POST_ALONE}:"
        " another program has that address, or the host was started before the channel was enabled"
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
