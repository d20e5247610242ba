"""Who signed a token: the provider, by a key that it published. What the token claims is judged elsewhere. Pure.

A token says itself by which algorithm it is to be checked. None is taken that a shared secret could make (HS…), and
none without a signature; what a token says of where its key lies (jku, jwk, x5u) is not looked at.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from agent_desk.domain.sign_in.openid.errors import RefusedAnswerError, UnknownKeyError

FAMILIES: Final[Mapping[str, str]] = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
"""The kind of key by the beginning of an algorithm's name."""
ALGORITHMS: Final = tuple(f"{family}{bits}" for family in FAMILIES for bits in (256, 384, 512))
LONGEST: Final = 16 * 1024  # bytes of a token
SMALLEST_RSA: Final = 2048  # bits
MOST_KEYS: Final = 50
_REGISTRY: Final = jws.JWSRegistry(algorithms=[*ALGORITHMS], strict_check_header=False)

ProviderKey = RSAKey | ECKey
Claims = Mapping[str, Any]


def read_keys(said: Claims) -> tuple[ProviderKey, ...]:
    """Return the keys that a provider signs with, of those that it published; what we cannot use is passed over."""
    published = said.get("keys")
    each = published[:MOST_KEYS] if isinstance(published, list) else []
    return tuple(key for key in map(_read_key, each) if key is not None)


def _read_key(said: Any) -> ProviderKey | None:
    if not isinstance(said, dict) or said.get("use", "sig") != "sig" or said.get("kty") not in FAMILIES.values():
        return None
    try:
        key = import_key(said)
        if isinstance(key, RSAKey):
            return key if key.public_key.key_size >= SMALLEST_RSA else None
        return key if isinstance(key, ECKey) else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def signed_claims(token: str, keys: Sequence[ProviderKey]) -> Claims:
    """Return what a token claims, once it is known who signed it. Raises RefusedAnswerError, UnknownKeyError."""
    if len(token) > LONGEST:
        raise RefusedAnswerError("token-too-long")
    try:
        signature = jws.extract_compact(token.encode())
        header = signature.headers()
        fitting = _fitting(header, keys)
        if not any(_is_signed_by(signature, key) for key in fitting):
            raise RefusedAnswerError("wrong-signature")
        claims = json.loads(signature.payload or b"")
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise RefusedAnswerError("no-token") from None
    if not isinstance(claims, dict):
        raise RefusedAnswerError("no-token")
    return claims


def _fitting(header: Claims, keys: Sequence[ProviderKey]) -> list[ProviderKey]:
    """Return the keys that may have signed it, by its name if it has one."""
    algorithm, name = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise RefusedAnswerError("wrong-algorithm")
    kind = FAMILIES[str(algorithm)[:2]]
    found = [key for key in keys if key.key_type == kind and (name is None or key.kid == name)]
    if not found:
        raise UnknownKeyError
    return found


def _is_signed_by(signature: jws.CompactSignature, key: ProviderKey) -> bool:
    try:
        return jws.validate_compact(signature, key, registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
