"""Ask each service how it is: GET /metrics and /health/ready, over HTTP.

Among them are processes of third parties, whose code may answer whatever it likes: an answer is bounded, and one that
says what cannot be is none.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx
import structlog

from ops_console.domain.watch.scrape import Scrape, read_metrics, read_missing

log = structlog.get_logger()

_PATIENCE_S: Final = 5.0  # a readiness check gives each part 3 s
NOT_READY: Final = 503
MOST_BYTES: Final = 2 * 1024 * 1024  # of a page: a service's own has some 100 kB


async def scrape_all(targets: Mapping[str, str], http: httpx.AsyncClient) -> dict[str, Scrape | None]:
    """Return what each service said; None from one that did not answer, or whose answer says nothing that can be."""
    found = await asyncio.gather(*(_scrape(url, http) for url in targets.values()))
    return dict(zip(targets, found, strict=True))


async def _scrape(url: str, http: httpx.AsyncClient) -> Scrape | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            metrics, ready = await asyncio.gather(_page(f"{url}/metrics", http), _page(f"{url}/health/ready", http))
        if not httpx.codes.is_success(metrics[0]):
            return None
        missing = read_missing(ready[1]) if ready[0] == NOT_READY else ()
        return read_metrics(metrics[1], missing)
    except (httpx.HTTPError, TimeoutError):
        return None
    except (ValueError, LookupError, ArithmeticError, OSError, RecursionError) as exc:
        log.warning("no page of a service", url=url, error=type(exc).__name__)
        return None


async def _page(url: str, http: httpx.AsyncClient) -> tuple[int, str]:
    """Return a page's status and text, as it was sent: what is packed is not unpacked. Raises ValueError."""
    body = b""
    async with http.stream("GET", url) as answer:
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > MOST_BYTES:
                raise ValueError("longer than any page of a service")
    return answer.status_code, body.decode()
