"""Who signs in to the stack's broker, and with what: each process as itself, a test and the tools as administrator."""

from collections.abc import Mapping
from pathlib import Path

from guichet.kafka.admin.rights import password_variable
from guichet.runtime.settings import KafkaSettings
from guichet_local.errors import StartFailedError
from guichet_local.kafka.security import KafkaSecurity, administrator_properties
from guichet_local.machine.certificates import AUTHORITY, SERVER, make_certificates
from guichet_local.machine.private_file import write_private
from guichet_topology.sign_in import ADMINISTRATOR, BROKER

Environment = dict[str, str]


def kafka_values(folder: Path, settings: Mapping[str, str]) -> Environment:
    """The variables of sign-in that are the same for all. A broker of the user's own is as the user's settings say."""
    values = {"GUICHET_KAFKA_USERS_FILE": str(folder / "secrets" / "secrets.env")}
    if "GUICHET_KAFKA_BOOTSTRAP_SERVERS" in settings:
        return values
    values |= {
        "GUICHET_KAFKA_SECURITY": "sasl_plaintext",
        "GUICHET_KAFKA_ADMIN_PROPERTIES": str(folder / "secrets" / "kafka-admin.properties"),
    }
    if settings.get("GUICHET_KAFKA_SECURITY") == "sasl_ssl":
        values["GUICHET_KAFKA_CA_FILE"] = str(folder / "tls" / AUTHORITY)
    return values


def broker_security(folder: Path, values: Mapping[str, str]) -> KafkaSecurity:
    """What our own broker is told, and the files for it. Raises StartFailedError where it would stand open."""
    security = KafkaSecurity(values[password_variable(BROKER)], values[password_variable(ADMINISTRATOR)])
    if values["GUICHET_KAFKA_SECURITY"] == "sasl_ssl":
        make_certificates(folder / "tls")
        security = KafkaSecurity(
            security.broker_password,
            security.administrator_password,
            key_and_certificate=folder / "tls" / SERVER,
            authority=folder / "tls" / AUTHORITY,
        )
    elif values["GUICHET_KAFKA_SECURITY"] != "sasl_plaintext":
        raise StartFailedError("GUICHET_KAFKA_SECURITY: the stack's own broker is sasl_plaintext or sasl_ssl.")
    write_private(Path(values["GUICHET_KAFKA_ADMIN_PROPERTIES"]), administrator_properties(security))
    return security


def administrator(values: Mapping[str, str]) -> KafkaSettings:
    """The administrator, who may do everything: for tests that look into the broker, never for a service."""
    security = values.get("GUICHET_KAFKA_SECURITY", "plaintext")
    return KafkaSettings.model_validate(
        {
            "kafka_bootstrap_servers": values["GUICHET_KAFKA_BOOTSTRAP_SERVERS"],
            "kafka_security": security,
            "kafka_username": ADMINISTRATOR,
            "kafka_password": values.get(password_variable(ADMINISTRATOR)),
            "kafka_mechanism": "PLAIN",
            "kafka_ca_file": values.get("GUICHET_KAFKA_CA_FILE"),
        }
    )
