"""How a client reaches the broker: where it is, over what, as whom. Every aiokafka client is told this and no less."""

from typing import Any

from aiokafka.helpers import create_ssl_context

from guichet.runtime.settings import KafkaSettings


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Return what a producer, consumer or admin client of aiokafka is made with. Reads the CA file where one is set."""
    options: dict[str, Any] = {
        "bootstrap_servers": kafka.kafka_bootstrap_servers,
        "security_protocol": kafka.kafka_security.upper(),
    }
    if kafka.kafka_security == "plaintext":
        return options
    assert kafka.kafka_password is not None  # the settings refuse to be read without
    options |= {
        "sasl_mechanism": kafka.kafka_mechanism,
        "sasl_plain_username": kafka.kafka_username,
        "sasl_plain_password": kafka.kafka_password.get_secret_value(),
    }
    if kafka.kafka_security == "sasl_ssl":
        options["ssl_context"] = create_ssl_context(cafile=kafka.kafka_ca_file)  # None: the system's authorities
    return options
