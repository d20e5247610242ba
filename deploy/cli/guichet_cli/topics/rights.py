"""Make the broker know each service's user, and give it the rights that the registry says and no other.

aiokafka makes neither users nor ACLs; librdkafka does, in a fifth of a second for all of them.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from guichet.errors import PermanentError, SettingsError, TransientError
from guichet.kafka.admin.rights import Right
from guichet.runtime.settings import KafkaSettings

_PATIENCE_S: Final = 15
_SCRAM_ROUNDS: Final = 4096
_ANY: Final = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
)


@dataclass(frozen=True)
class Change:
    """What differs between broker and registry. strange: what others gave, and reaches our topics or groups."""

    missing: frozenset[AclBinding]
    surplus: frozenset[AclBinding]
    strange: frozenset[AclBinding]


def binding_of(right: Right) -> AclBinding:
    """Return the ACL that gives a right, from any host."""
    return AclBinding(
        ResourceType[right.kind],
        right.name,
        ResourcePatternType.LITERAL,
        f"User:{right.user}",
        "*",
        AclOperation[right.operation],
        AclPermissionType.ALLOW,
    )


def change(wanted: Iterable[Right], found: Iterable[AclBinding]) -> Change:
    """Compare. Pure. What one of our users may beyond the registry is surplus, and so is whatever names one of our
    topics or groups, for whomever; a pattern of somebody else's that may reach them is only told.
    """
    wanted = list(wanted)
    ours = {binding_of(right) for right in wanted}
    users, names = {binding.principal for binding in ours}, {binding.name for binding in ours}
    others = set(found) - ours
    surplus = {each for each in others if each.principal in users or _is_literally(each, names)}
    strange = {each for each in others - surplus if _may_reach(each, names)}
    return Change(frozenset(ours - set(found)), frozenset(surplus), frozenset(strange))


def _is_literally(binding: AclBinding, names: set[str]) -> bool:
    return binding.resource_pattern_type is ResourcePatternType.LITERAL and binding.name in names


def _may_reach(binding: AclBinding, names: set[str]) -> bool:
    if binding.resource_pattern_type is ResourcePatternType.PREFIXED:
        return any(name.startswith(binding.name) for name in names)
    return binding.name == "*" and binding.restype in (ResourceType.TOPIC, ResourceType.GROUP)


def report_lines(differs: Change) -> list[str]:
    """Return what an operator reads of it."""
    return [
        f"Kafka's rights are as the registry says ({len(differs.missing)} given, {len(differs.surplus)} taken away).",
        *(f"Taken away: {_line(each)}" for each in sorted(differs.surplus, key=_line)),
        *(f"Not ours, and reaches what is ours: {_line(each)}" for each in sorted(differs.strange, key=_line)),
    ]


def _line(binding: AclBinding) -> str:
    pattern = "" if binding.resource_pattern_type is ResourcePatternType.LITERAL else "…"
    kind = binding.restype.name.lower()
    return f"{binding.principal} {binding.permission_type.name} {binding.operation.name} {kind} {binding.name}{pattern}"


async def apply_rights(kafka: KafkaSettings, wanted: Collection[Right], passwords: Mapping[str, str]) -> Change:
    """Make users and ACLs be as wanted, and return what changed. Doing it again changes nothing.

    kafka: the administrator. passwords: by user. Raises SettingsError, TransientError, PermanentError.
    """
    return await asyncio.to_thread(_apply, kafka, wanted, passwords)


def _apply(kafka: KafkaSettings, wanted: Collection[Right], passwords: Mapping[str, str]) -> Change:
    if missing := sorted({right.user for right in wanted} - passwords.keys()):
        raise SettingsError(
            f"GUICHET_KAFKA_USERS_FILE has no password of {', '.join(missing)}: a line KAFKA_PASSWORD_… for each."
        )
    try:
        admin = AdminClient(librdkafka_options(kafka))
        _wait_for_all(admin.alter_user_scram_credentials([_user(name, word) for name, word in passwords.items()]))
        found = admin.describe_acls(_ANY, request_timeout=_PATIENCE_S).result(_PATIENCE_S)
        differs = change(wanted, found)
        if differs.missing:
            _wait_for_all(admin.create_acls(list(differs.missing)))
        if differs.surplus:
            _wait_for_all(admin.delete_acls([_exactly(each) for each in differs.surplus]))
    except (KafkaException, TimeoutError) as exc:
        raise _translated(kafka, exc) from exc
    return differs


def librdkafka_options(kafka: KafkaSettings) -> dict[str, Any]:
    """Return what librdkafka is told (guichet.kafka.connection tells aiokafka the same)."""
    options: dict[str, Any] = {
        "bootstrap.servers": kafka.kafka_bootstrap_servers,
        "security.protocol": kafka.kafka_security.upper(),
        "client.id": "guichet-cli",
        "log_level": 0,  # what goes wrong is said in a sentence
    }
    if kafka.kafka_password is not None and kafka.kafka_security != "plaintext":
        options |= {
            "sasl.mechanism": kafka.kafka_mechanism,
            "sasl.username": kafka.kafka_username,
            "sasl.password": kafka.kafka_password.get_secret_value(),
        }
    if kafka.kafka_ca_file is not None:
        options["ssl.ca.location"] = str(kafka.kafka_ca_file)
    return options


def _user(name: str, password: str) -> UserScramCredentialUpsertion:
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, _SCRAM_ROUNDS)
    return UserScramCredentialUpsertion(name, how, password.encode())


def _exactly(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _wait_for_all(futures: Mapping[Any, Any]) -> None:
    for future in futures.values():
        future.result(_PATIENCE_S)


def _translated(kafka: KafkaSettings, error: KafkaException | TimeoutError) -> PermanentError | TransientError:
    where = f"Kafka at {kafka.kafka_bootstrap_servers} (GUICHET_KAFKA_BOOTSTRAP_SERVERS)"
    if isinstance(error, KafkaException) and "AUTH" in error.args[0].name():
        return PermanentError(
            f"{where} does not let {kafka.kafka_username} make users and rights ({error.args[0].name()}): it takes an"
            " administrator, whom GUICHET_KAFKA_ADMIN_PROPERTIES names."
        )
    if isinstance(error, KafkaException):
        return TransientError(f"{where}: {error.args[0].name()}")
    return TransientError(f"{where} did not answer within {_PATIENCE_S} s")
