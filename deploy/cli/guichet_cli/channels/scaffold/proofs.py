"""The ways in which a provider shows that a payload is its own, as they are written into a new package."""

from dataclasses import dataclass
from enum import StrEnum


class ProofName(StrEnum):
    """What `guichet channels new --proof` takes."""

    STANDARD_WEBHOOKS = "standard-webhooks"
    HMAC = "hmac"
    TOKEN = "token"  # noqa: S105 - no secret
    NONE = "none"


@dataclass(frozen=True)
class Proof:
    """kind: the class in guichet.channel.proofs; made: how it is made of `secret`, and of HEADER; header: that one,
    blank: it has headers of its own, or none. keeps, shown: the headers that a dead letter keeps and those that it does
    not, as written; blank: none.

    tile, tile_made: the same of the sandbox's. means: of the setting; local: the secret that a local stack
    makes up; said: in the README.
    """

    kind: str
    made: str
    header: str
    keeps: str
    shown: str
    tile: str
    tile_made: str
    means: str
    local: str
    said: str


def proof_of(name: ProofName, header: str) -> Proof:
    """Return a way of proving. header: what the provider's own ones begin with, after `X-`."""
    match name:
        case ProofName.STANDARD_WEBHOOKS:
            return Proof(
                kind="StandardWebhooks",
                made="StandardWebhooks(secret)",
                header="",
                keeps="StandardWebhooks.KEPT",
                shown="StandardWebhooks.PROOF",
                tile="standard_webhooks",
                tile_made="standard_webhooks",
                means="What the provider signs its payloads with: whsec_ and a key in base64.",
                local="whsec_{base64:32}",
                said="signed as Standard Webhooks are",
            )
        case ProofName.HMAC:
            return Proof(
                kind="HmacSha256",
                made="HmacSha256(HEADER, secret)",
                header=f"X-{header}-Signature",
                keeps="",
                shown="(HEADER,)",
                tile="hmac_sha256",
                tile_made="hmac_sha256(HEADER)",
                means="What the provider signs its payloads with.",
                local="{token:43}",
                said=f"signed: HMAC-SHA-256 of the body, hexadecimal, in `X-{header}-Signature`",
            )
        case ProofName.TOKEN:
            return Proof(
                kind="Token",
                made="Token(HEADER, secret)",
                header=f"X-{header}-Token",
                keeps="",
                shown="(HEADER,)",
                tile="token",
                tile_made="token(HEADER)",
                means="What the provider sends along to show that a payload is its own.",
                local="{token:43}",
                said=f"with the secret in `X-{header}-Token`",
            )
        case ProofName.NONE:
            return Proof(
                kind="NoProof",
                made="NoProof()",
                header="",
                keeps="",
                shown="",
                tile="no_proof",
                tile_made="no_proof",
                means="",
                local="",
                said="unsigned",
            )
