"""Ask each service how it is: GET /metrics and /health/ready, over HTTP."""

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx

from ops_console.domain.watch.scrape import Scrape, read_metrics, read_missing

_PATIENCE_S: Final = 5.0  # a readiness check gives each part 3 s
NOT_READY: Final = 503


async def scrape_all(targets: Mapping[str, str], http: httpx.AsyncClient) -> dict[str, Scrape | None]:
    """Return what each service said; None from one that did not answer."""
    found = await asyncio.gather(*(_scrape(url, http) for url in targets.values()))
    return dict(zip(targets, found, strict=True))


async def _scrape(url: str, http: httpx.AsyncClient) -> Scrape | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            metrics, ready = await asyncio.gather(http.get(f"{url}/metrics"), http.get(f"{url}/health/ready"))
        metrics.raise_for_status()
        missing = read_missing(ready.text) if ready.status_code == NOT_READY else ()
        return read_metrics(metrics.text, missing)
    except (httpx.HTTPError, TimeoutError, ValueError):
        return None
