"""Settings shared by several services, read from the environment once, in a service's `__main__`.

A service's own class (settings.py beside its app) names the groups it needs; it sees no other secret.
"""

import base64
import os
from collections.abc import Iterator
from datetime import time, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AnyHttpUrl,
    BeforeValidator,
    Field,
    SecretBytes,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from guichet.errors import SettingsError


def _from_base64(value: object) -> object:
    """Decode a 32-byte key; the error says how to make one and does not repeat the value."""
    if not isinstance(value, str):
        return value
    try:
        key = base64.b64decode(value, validate=True)
    except ValueError as exc:
        raise ValueError("not base64; make one with: openssl rand -base64 32") from exc
    if len(key) != 32:
        raise ValueError(f"{len(key)} bytes instead of 32; make one with: openssl rand -base64 32")
    return key


def _networks(value: object) -> object:
    """Read addresses and networks, comma-separated; a blank is none."""
    if not isinstance(value, str):
        return value
    return tuple(ip_network(each.strip()) for each in value.split(",") if each.strip())


T = TypeVar("T")

KEYS_REMEMBERED_FOR: Final = timedelta(minutes=5)

SecretKey = Annotated[SecretBytes, BeforeValidator(_from_base64)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
SharedSecret = Annotated[SecretStr, Field(min_length=1)]  # a blank one would let in everybody who sends none


class SettingsGroup(BaseSettings):
    """Base of every group: frozen, from the environment only."""

    model_config = SettingsConfigDict(env_prefix="GUICHET_", frozen=True, extra="ignore", hide_input_in_errors=True)


class ServiceSettings(SettingsGroup):
    """Base of a service's own class. A field that is a group has no variable of its own: the group reads its own."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls)


class _Environment(EnvSettingsSource):
    """Leaves out a group that cannot be read: `read_settings` says why."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        group = _group_of(field)
        if group is None:
            return super().get_field_value(field, field_name)
        try:
            return group(), field_name, False
        except ValidationError:
            return None, field_name, False

    def prepare_field_value(self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:
        if _group_of(field) is not None:
            return value
        return super().prepare_field_value(field_name, field, value, value_is_complex)


def _group_of(field: FieldInfo) -> type[SettingsGroup] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, SettingsGroup) else None


class KafkaSettings(SettingsGroup):
    """Where the broker is, and who signs in. GUICHET_KAFKA_BOOTSTRAP_SERVERS: host:port, comma-separated.

    GUICHET_KAFKA_USERNAME: the service's own user, which bears its name; the broker gives it the rights that the topic
    registry says (guichet.kafka.admin.rights). GUICHET_KAFKA_CA_FILE: whose certificates are believed (sasl_ssl); None:
    the system's. GUICHET_DEAD_LETTERS_PER_MINUTE: past this rate a worker takes no more of a topic, since what it reads
    there or what it runs is broken.
    """

    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    kafka_security: Literal["plaintext", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    kafka_username: str | None = Field(default=None, validate_default=True)
    kafka_password: SecretStr | None = Field(default=None, validate_default=True)
    kafka_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = "SCRAM-SHA-256"
    kafka_ca_file: Path | None = None
    dead_letters_per_minute: int = Field(default=100, ge=1)

    @field_validator("kafka_username", "kafka_password")
    @classmethod
    def _needed_to_sign_in(cls, value: T, info: ValidationInfo) -> T:
        if not value and info.data.get("kafka_security", "plaintext") != "plaintext":
            raise ValueError(f"needed to sign in, since GUICHET_KAFKA_SECURITY is {info.data['kafka_security']}")
        return value


class ClockSettings(SettingsGroup):
    """clock_file: what moves the clock of every process that reads it (guichet.clock); None: the machine's clock.

    For tests on one machine: kafka_bootstrap_servers says whether it is.
    """

    clock_file: Path | None = None
    kafka_bootstrap_servers: str = "127.0.0.1:9092"


class KafkaDeploymentSettings(SettingsGroup):
    """For deployment alone, which makes topics, users and rights; no service gets these.

    kafka_admin_properties: whom Kafka's own tools sign in as (`--command-config`). kafka_users_file: the passwords of
    the users that deployment makes.
    """

    kafka_admin_properties: Path | None = None
    kafka_users_file: Path | None = None


class StoreServerSettings(SettingsGroup):
    """Whether a MongoDB server with known holes is worked on (guichet.mongo.server_version)."""

    mongodb_old_server: Literal["refused", "accepted"] = "refused"


class MongoSettings(StoreServerSettings):
    """Where cases, messages and the registry live."""

    mongodb_uri: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?replicaSet=rs0&w=majority&journal=true")
    mongodb_database: str = "guichet"


class MongoDeploymentSettings(SettingsGroup):
    """For deployment alone, which makes roles and users; no service gets these.

    mongodb_admin_uri_file: a file with the whole connection string of who may make users. mongodb_users_file: the
    passwords of the users that deployment makes.
    """

    mongodb_admin_uri_file: Path | None = None
    mongodb_users_file: Path | None = None


class VaultSettings(StoreServerSettings):
    """Where data keys live. vault_mongodb_uri: None means the same server as the other collections."""

    vault_mongodb_uri: SecretStr | None = None
    mongodb_uri: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?replicaSet=rs0&w=majority&journal=true")
    vault_database: str = "guichet_vault"


class OpeningSettings(VaultSettings):
    """For those who may open what is sealed: the file with the vault's root key.

    keys_remembered_for: how long a process may still open what another process destroyed the key of. An erasure waits
    it out, so every process must be given the same (PT5M).
    """

    root_key_file: Path
    keys_remembered_for: timedelta = KEYS_REMEMBERED_FOR


class RotationSettings(OpeningSettings):
    """For those who rotate the vault, and so write the root-key file.

    root_key_copy: a second file, on another disk, kept in step. vault_backups: folder of the vault's own backups, which
    each rotation replaces. vault_copy: folder, on another disk than the vault's, of the second copy that gdpr-worker
    keeps as the vault changes; None: there is none. vault_turn_at: when gdpr-worker rotates it each night, in the
    town's time (Europe/Paris).
    """

    root_key_copy: Path | None = None
    vault_backups: Path | None = None
    vault_copy: Path | None = None
    vault_turn_at: time = time(3, 30)


class BackupSettings(SettingsGroup):
    """Of the command `guichet backup nightly` alone. backups: the folder of the data's backups.

    vault_backups: of the vault's, on another disk; None: none is made. backups_kept_for: what certificates of erasure
    promise: none of the data's is kept for longer, but the last good one.
    """

    backups: Path
    backups_kept_for: timedelta = timedelta(days=35)
    vault_backups: Path | None = None


class SigningSettings(SettingsGroup):
    """For a door whose records decide something: the seed of its own Ed25519 key, which no other process has."""

    signing_key: SecretKey


class VerifyingSettings(SettingsGroup):
    """For who obeys such records: the folder with the doors' public keys, which deployment alone writes."""

    public_keys: Path


class HealthSettings(SettingsGroup):
    """Where the service tells operators how it is: health and metrics, never on a public port. Port 0: any free one."""

    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class HttpSettings(HealthSettings):
    """Where a door serves its pages or webhooks. Port 0: any free one.

    trusted_proxies: who may say for whom they forward (X-Forwarded-For, X-Forwarded-Proto). Anybody can write these
    headers, so nobody is believed unless a town says so.
    """

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    trusted_proxies: Networks = ()


class ProbingSettings(SettingsGroup):
    """So many refusals of one kind in one process, within so long, raise the alarm `probing`."""

    probing_refusals: int = Field(default=30, ge=1)
    probing_window: timedelta = Field(default=timedelta(minutes=10), gt=timedelta(0))


class TownSettings(SettingsGroup):
    """The folder with the town's files."""

    town: Path


class ObjectSettings(SettingsGroup):
    """Where files are kept: file:///… or s3://bucket/prefix."""

    objects_url: str


class EdgeSettings(SettingsGroup):
    """What every adapter and the portal need to name and file a message without opening anything."""

    message_id_key: SecretKey
    ingest_pseudonym_key: SecretKey


class SmtpSettings(SettingsGroup):
    """The relay that takes the town's mail."""

    smtp_host: str = Field(description="The relay that takes the town's mail.")
    smtp_port: int = Field(default=587, description="The port there.")
    smtp_username: str | None = Field(default=None, description="Who signs in at the relay; unset: nobody does.")
    smtp_password: SecretStr | None = Field(default=None, description="With which password.")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="`none` is for a relay on this machine alone."
    )


class OnCallSettings(SettingsGroup):
    """Who is told of an alarm; either, both or none."""

    oncall_email: str | None = None
    oncall_webhook_url: AnyHttpUrl | None = None


G = TypeVar("G", bound=BaseSettings)


def read_settings(group: type[G]) -> G:
    """Read a settings class from the environment.

    Raises SettingsError with a line per variable: its name, what is wrong, what to do. Secrets are never repeated.
    """
    try:
        return group()
    except ValidationError as exc:
        raise SettingsError("\n".join(dict.fromkeys(_explanations(group, exc)))) from exc


def _explanations(group: type[BaseSettings], wrong: ValidationError) -> Iterator[str]:
    """Yield what is wrong, in the order of the fields; of a group that cannot be read, what is wrong with its own."""
    for error in wrong.errors():
        part = _group_of(group.model_fields[str(error["loc"][0])]) if error["loc"] else None
        if part is None:
            yield _explain(group, error)
            continue
        try:
            part()
        except ValidationError as exc:
            yield from _explanations(part, exc)


def _explain(group: type[BaseSettings], error: ErrorDetails) -> str:
    field = str(error["loc"][0]) if error["loc"] else ""
    variable = f"{group.model_config.get('env_prefix', '')}{field}".upper()
    if error["type"] == "missing":
        return f"{variable} is not set. Set it in the environment; docs/operations.md explains each variable."
    return f"{variable} is {_shown(group, field)}, which is wrong: {error['msg']}."


def _shown(group: type[BaseSettings], field: str) -> str:
    """Return the value as an operator wrote it, or a stand-in where it is a secret."""
    kind = repr(group.model_fields[field].annotation) if field in group.model_fields else ""
    variable = f"{group.model_config.get('env_prefix', '')}{field}".upper()
    return "a secret" if "Secret" in kind else repr(os.environ.get(variable, ""))
