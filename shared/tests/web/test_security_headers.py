"""Headers of every answer."""

import httpx
from fastapi import FastAPI, Response

from guichet.web.security_headers import HEADERS, SecurityHeaders


async def test_every_answer_has_them_and_may_be_stricter():
    web = FastAPI()
    web.add_middleware(SecurityHeaders)

    @web.get("/strict")
    async def strict() -> Response:
        return Response(headers={"Content-Security-Policy": "sandbox"})

    @web.get("/static/a.css")
    async def static() -> Response:
        return Response("a {}")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://x.test") as browser:
        for path in ("/strict", "/static/a.css", "/static/missing", "/missing"):
            answer = await browser.get(path)
            assert {name.lower() for name in HEADERS} <= set(answer.headers), path
        assert (await browser.get("/strict")).headers["content-security-policy"] == "sandbox"
        assert "immutable" in (await browser.get("/static/a.css")).headers["cache-control"]
        assert (await browser.get("/static/missing")).headers["cache-control"] == "no-store"
