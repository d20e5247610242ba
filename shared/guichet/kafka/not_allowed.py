"""The broker refuses us: said in a sentence, with an alarm, since trying again changes nothing until a person acts.

It is transient all the same: nothing is lost meanwhile, and once the right is given everything goes on by itself.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

from guichet.errors import NotAllowedError
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings
from guichet.runtime.telemetry.access_alarm import alarmed

_RIGHTS: Final = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)
_SIGN_IN: Final = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
_LOOKING_S: Final = 3.0


def lacks(kafka: KafkaSettings, what: str) -> NotAllowedError:
    """Return the error for a missing right, its alarm raised. what: a topic's name, "group X", "the cluster"."""
    user = kafka.kafka_username or "somebody who does not sign in"
    return alarmed(
        NotAllowedError(
            f"Kafka does not let {user} do this with {what}: `guichet topics rights` gives each user what the topic"
            " registry says, and takes away the rest (docs/operations.md, not-allowed)",
            cause=f"{user}:{what.removeprefix('group ')}",
        )
    )


def not_allowed(kafka: KafkaSettings, error: BaseException | None) -> NotAllowedError | None:
    """Return what to raise where an error of the client's means that a right is missing, else None."""
    if not isinstance(error, _RIGHTS):
        return None
    named = ", ".join(_names(error.args[0])) if error.args else ""
    if isinstance(error, GroupAuthorizationFailedError):
        return lacks(kafka, f"group {named}" if named else "its group")
    if isinstance(error, ClusterAuthorizationFailedError):
        return lacks(kafka, "the cluster")
    return lacks(kafka, named or "a topic")


async def not_signed_in(kafka: KafkaSettings, error: BaseException) -> NotAllowedError | None:
    """Return what to raise where a broker that "does not answer" refused the sign-in, else None: the client says both
    alike, so it is asked once more.
    """
    if kafka.kafka_security == "plaintext" or not isinstance(error, KafkaConnectionError):
        return None
    options = client_options(kafka)
    for host, port, _ in collect_hosts(options.pop("bootstrap_servers")):  # as the client itself reads them
        if await _is_refused(host, port, options):
            return alarmed(
                NotAllowedError(
                    f"Kafka refuses the sign-in of {kafka.kafka_username}: are GUICHET_KAFKA_USERNAME and"
                    " GUICHET_KAFKA_PASSWORD those that `guichet topics rights` was given? (docs/operations.md,"
                    " not-allowed)",
                    cause=f"{kafka.kafka_username}:sign-in",
                )
            )
    return None


async def _is_refused(host: str, port: int, options: dict[str, Any]) -> bool:
    try:
        async with asyncio.timeout(_LOOKING_S):
            connection = await create_conn(host, port, **options)
    except _SIGN_IN:
        return True
    except (OSError, KafkaError, TimeoutError):
        return False
    connection.close()
    return False


def _names(said: object) -> list[str]:
    """The client names one topic or group, or several, or says something in words."""
    named = [said] if isinstance(said, str) else sorted(map(str, said)) if isinstance(said, Iterable) else []
    return [name for name in named if " " not in name]
