"""How a broker of ours tells who comes, and whom it lets do anything at all. Pure: values in, properties out.

Two users are known to the broker by its own file, over PLAIN: itself and the administrator. So a data folder that was
made before, and each node of a cluster, come up alike, with nobody to create first. Everybody else is made by the
administrator (SCRAM) and may do what an ACL says. The reasons: docs/decisions/0010.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet_topology.sign_in import ADMINISTRATOR, BROKER

_PLAIN: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class KafkaSecurity:
    """Secrets of the two users that the broker knows by itself; over TLS where it is given the files for it."""

    broker_password: str
    administrator_password: str
    key_and_certificate: Path | None = None
    authority: Path | None = None

    def __repr__(self) -> str:
        return f"KafkaSecurity(protocol={self.protocol})"

    @property
    def protocol(self) -> str:
        """Of clients, of brokers among each other, and of controllers."""
        return "SASL_SSL" if self.key_and_certificate else "SASL_PLAINTEXT"


def security_properties(security: KafkaSecurity) -> Mapping[str, str]:
    """What `server.properties` says about it, for the listeners CLIENTS and CONTROLLER."""
    knows = (
        f'{_PLAIN} required username="{BROKER}" password="{security.broker_password}"'
        f' user_{BROKER}="{security.broker_password}"'
    )
    return {
        "listener.security.protocol.map": f"CONTROLLER:{security.protocol},CLIENTS:{security.protocol}",
        "inter.broker.listener.name": "CLIENTS",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": f"{knows};",
        "listener.name.clients.sasl.enabled.mechanisms": "SCRAM-SHA-256,PLAIN",
        "listener.name.clients.scram-sha-256.sasl.jaas.config": f"{_SCRAM} required;",
        "listener.name.clients.plain.sasl.jaas.config": (
            f'{knows} user_{ADMINISTRATOR}="{security.administrator_password}";'
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{BROKER};User:{ADMINISTRATOR}",
        # Kafka knows one right for trimming a topic and for deleting it, and gdpr-worker trims.
        "delete.topic.enable": "false",
        **_tls(security),
    }


def _tls(security: KafkaSecurity) -> dict[str, str]:
    if security.key_and_certificate is None:
        return {}
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(security.key_and_certificate),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(security.authority),
    }


def administrator_properties(security: KafkaSecurity) -> str:
    """The file that Kafka's own command-line tools take with `--command-config`."""
    values = {
        "security.protocol": security.protocol,
        "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": (
            f'{_PLAIN} required username="{ADMINISTRATOR}" password="{security.administrator_password}";'
        ),
    }
    if security.authority is not None:
        values |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(security.authority)}
    return "".join(f"{name}={value}\n" for name, value in values.items())
