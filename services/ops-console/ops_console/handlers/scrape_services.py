"""Ask each service how it is: GET /metrics and /health/ready, over HTTP.

Among them are processes of third parties, whose code may answer whatever it likes: an answer is bounded, and one that
is longer, or says what cannot be, is none. Its service counts as silent, which becomes the alarm `service-down`; the
log says why.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx
import structlog

from ops_console.domain.watch.scrape import PageRefusedError, Scrape, read_metrics, read_missing

log = structlog.get_logger()

_PATIENCE_S: Final = 5.0  # a readiness check gives each part 3 s
NOT_READY: Final = 503
MOST_BYTES: Final = 1024 * 1024  # of a page: the notifier's has 236 kB with 20 channels, and all their states
MOST_READY_BYTES: Final = 16 * 1024  # it names a few parts


async def scrape_all(targets: Mapping[str, str], http: httpx.AsyncClient) -> dict[str, Scrape | None]:
    """Return what each service said; None from one that did not answer, or whose answer says nothing that can be."""
    found = await asyncio.gather(*(_scrape(url, http) for url in targets.values()))
    return dict(zip(targets, found, strict=True))


async def _scrape(url: str, http: httpx.AsyncClient) -> Scrape | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            metrics, ready = await asyncio.gather(
                _page(f"{url}/metrics", http, MOST_BYTES), _page(f"{url}/health/ready", http, MOST_READY_BYTES)
            )
        if not httpx.codes.is_success(metrics[0]):
            return None
        missing = read_missing(ready[1]) if ready[0] == NOT_READY else ()
        return read_metrics(metrics[1], missing)
    except (httpx.HTTPError, TimeoutError):
        return None
    except (ValueError, LookupError, ArithmeticError, OSError, RecursionError) as exc:
        why = str(exc) if isinstance(exc, PageRefusedError) else "it cannot be read"
        log.warning("no page of a service", url=url, error=type(exc).__name__, why=why)
        return None


async def _page(url: str, http: httpx.AsyncClient, most: int) -> tuple[int, str]:
    """Return a page's status and text, as it was sent: what is packed is not unpacked. most: bytes. Raises ValueError.

    Put together in place: it may come byte by byte.
    """
    body = bytearray()
    async with http.stream("GET", url) as answer:
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > most:
                raise PageRefusedError(f"longer than {most} bytes")
    return answer.status_code, body.decode()
