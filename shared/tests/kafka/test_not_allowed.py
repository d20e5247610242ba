from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed
from pydantic import SecretStr

from guichet.errors import NotAllowedError
from guichet.kafka import not_allowed
from guichet.runtime.settings import KafkaSettings


async def test_a_broker_named_without_a_port_is_asked_on_the_client_s_own(monkeypatch):
    asked: list[tuple[str, int]] = []

    async def refuse(host: str, port: int, **_options: object) -> None:
        asked.append((host, port))
        raise SaslAuthenticationFailed

    monkeypatch.setattr(not_allowed, "create_conn", refuse)
    kafka = KafkaSettings(
        kafka_bootstrap_servers="kafka",
        kafka_security="sasl_plaintext",
        kafka_username="notifier",
        kafka_password=SecretStr("s3cret"),
    )
    refusal = await not_allowed.not_signed_in(kafka, KafkaConnectionError())
    assert isinstance(refusal, NotAllowedError)
    assert asked == [("kafka", 9092)]
