"""A guest on the network of a public port: pages and webhooks answer there, and nothing that is for operators."""

import httpx
import pytest

from guichet_local.stack import LocalStack

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

PUBLIC = ("agent-desk", "citizen-portal", "ops-console", "citizen-sandbox", "ingest-sms", "ingest-social")
FOR_OPERATORS = ("/metrics", "/health/live", "/health/ready")


@pytest.mark.parametrize("service", PUBLIC)
async def test_the_public_port_tells_no_metrics(guichet: LocalStack, service: str) -> None:
    async with httpx.AsyncClient(base_url=guichet.addresses[service], trust_env=False) as guest:
        told = {path: (await guest.get(path)).status_code for path in FOR_OPERATORS}
    assert told == dict.fromkeys(FOR_OPERATORS, 404)
