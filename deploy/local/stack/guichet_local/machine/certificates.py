"""Certificates for servers that speak TLS on this machine, and the authority that signs them: made once, kept."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from guichet_local.machine.ports import HOST
from guichet_local.machine.private_file import write_private

VALID_FOR: Final = timedelta(days=3650)  # of a machine's own play; a town's certificates come from its authority
AUTHORITY, SERVER = "ca.pem", "server.pem"


def make_certificates(folder: Path) -> None:
    """Write `ca.pem` (whom clients believe) and `server.pem` (key and certificate, 0600) unless they are there."""
    if (folder / SERVER).exists():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("Guichet on this machine", authority_key, "Guichet on this machine", authority_key)
    server = _certificate("Guichet on this machine", authority_key, HOST, server_key)
    (folder / AUTHORITY).write_bytes(authority.public_bytes(Encoding.PEM))
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(folder / SERVER, (key + server.public_bytes(Encoding.PEM)).decode())  # last: then both are there


def _certificate(
    issuer: str, issuer_key: ec.EllipticCurvePrivateKey, name: str, key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """The authority's own key is in its memory alone: once it has signed, nobody signs in its name again."""
    now = datetime.now(UTC)
    is_authority = key is issuer_key
    builder = (
        x509.CertificateBuilder()
        .issuer_name(_named(issuer))
        .subject_name(_named(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
    )
    if not is_authority:
        names = [x509.IPAddress(ip_address(HOST)), x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
