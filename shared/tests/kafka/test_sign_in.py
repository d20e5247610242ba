import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from guichet.errors import SettingsError
from guichet.kafka.connection import client_options
from guichet.runtime.settings import KafkaSettings, read_settings


def signing_in(**more: object) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {
            "kafka_bootstrap_servers": "kafka:9092",
            "kafka_security": "sasl_plaintext",
            "kafka_username": "case-router",
            "kafka_password": SecretStr("s3cret"),
            **more,
        }
    )


def test_without_sign_in_a_client_is_told_where_the_broker_is_and_no_more():
    options = client_options(KafkaSettings(kafka_bootstrap_servers="kafka:9092"))
    assert options == {"bootstrap_servers": "kafka:9092", "security_protocol": "PLAINTEXT"}


def test_a_service_signs_in_without_sending_its_password():
    assert client_options(signing_in()) == {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "case-router",
        "sasl_plain_password": "s3cret",
    }


def test_over_tls_only_the_town_s_own_authority_is_believed(tmp_path):
    options = client_options(signing_in(kafka_security="sasl_ssl", kafka_ca_file=an_authority(tmp_path / "ca.pem")))
    context = options["ssl_context"]
    assert options["security_protocol"] == "SASL_SSL"
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert [each["subject"] for each in context.get_ca_certs()] == [((("commonName", "town"),),)]


@pytest.mark.parametrize("missing", ["USERNAME", "PASSWORD"])
def test_who_must_sign_in_is_told_at_start_what_is_missing(monkeypatch, missing):
    for name, value in {"SECURITY": "sasl_ssl", "USERNAME": "case-router", "PASSWORD": "s3cret"}.items():
        monkeypatch.setenv(f"GUICHET_KAFKA_{name}", value)
    monkeypatch.delenv(f"GUICHET_KAFKA_{missing}")
    with pytest.raises(SettingsError, match=f"GUICHET_KAFKA_{missing} is .*needed to sign in") as raised:
        read_settings(KafkaSettings)
    assert "s3cret" not in str(raised.value)


def an_authority(file: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "town")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return file
