"""What every service's web app has in common."""

import httpx
from opentelemetry import trace

from guichet.runtime.telemetry.tracing import configure_tracing
from guichet.runtime.web import web_app


async def test_no_span_of_fastapi_s_own_quotes_a_url() -> None:
    configure_tracing()
    web = web_app()
    seen: list[trace.Span] = []

    @web.get("/suivi/{token}")
    async def follow(token: str) -> str:
        seen.append(trace.get_current_span())
        return token

    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test") as client:
        assert (await client.get("/suivi/secret")).text == '"secret"'
        assert (await client.get("/docs")).status_code == 404
    assert not seen[0].get_span_context().is_valid
