"""The broker's administrator, as the file says that Kafka's own command-line tools take with `--command-config`."""

import re
from typing import Final

from guichet.errors import SettingsError
from guichet.runtime.settings import KafkaDeploymentSettings, KafkaSettings, read_settings
from guichet_cli.console.users_file import read_text

SETTING: Final = "GUICHET_KAFKA_ADMIN_PROPERTIES"
_USER: Final = re.compile(r'\b(username|password)="([^"]*)"')


def deployment_kafka() -> KafkaSettings:
    """Return the administrator where GUICHET_KAFKA_ADMIN_PROPERTIES names one, else whom the environment names.

    Raises SettingsError.
    """
    kafka, file = read_settings(KafkaSettings), read_settings(KafkaDeploymentSettings).kafka_admin_properties
    return kafka if file is None else administrator(read_text(file, setting=SETTING), kafka)


def administrator(properties: str, kafka: KafkaSettings) -> KafkaSettings:
    """Return the settings of who the properties name. Raises SettingsError. kafka: where the broker is."""
    said = dict(line.split("=", 1) for line in properties.splitlines() if "=" in line and not line.startswith("#"))
    try:
        return KafkaSettings.model_validate(
            {
                "kafka_bootstrap_servers": kafka.kafka_bootstrap_servers,
                "kafka_security": said["security.protocol"].lower(),
                "kafka_mechanism": said["sasl.mechanism"],
                "kafka_ca_file": said.get("ssl.truststore.location", kafka.kafka_ca_file),
                **{f"kafka_{name}": value for name, value in _USER.findall(said["sasl.jaas.config"])},
            }
        )
    except (KeyError, ValueError) as exc:
        raise SettingsError(
            f"{SETTING} names a file that Kafka's tools could not sign in with: it needs"
            " security.protocol, sasl.mechanism and sasl.jaas.config (docs/operations.md shows one)."
        ) from exc
