"""The measure of a webhook: FastAPI and aiokafka, confirmed by the broker, and nothing else.

Started as a process of its own: python -m guichet_bench.wires.bare_endpoint PORT TOPIC, with GUICHET_KAFKA_… variables.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Request, Response

from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings, read_settings


def build_app(kafka: KafkaSettings, topic: str) -> FastAPI:
    """Return an app whose one route puts each body onto `topic`."""
    producer: AIOKafkaProducer

    @asynccontextmanager
    async def connected(_app: FastAPI) -> AsyncIterator[None]:
        nonlocal producer
        producer = AIOKafkaProducer(**client_options(kafka), acks="all", enable_idempotence=True)
        await producer.start()
        yield
        await producer.stop()

    app = FastAPI(lifespan=connected)

    @app.post("/")
    async def receive(request: Request) -> Response:
        await producer.send_and_wait(topic, await request.body())
        return Response(status_code=204)

    return app


async def main() -> None:
    """Serve until SIGTERM, with the server settings of Guichet's own services."""
    port, topic = sys.argv[1:]
    app = build_app(read_settings(KafkaSettings), topic)
    await uvicorn.Server(uvicorn.Config(app, port=int(port), log_config=None, access_log=False)).serve()


if __name__ == "__main__":
    asyncio.run(main())
