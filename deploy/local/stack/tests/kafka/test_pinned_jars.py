"""What somebody put between us and Maven Central starts no broker."""

import shutil
from pathlib import Path

import pytest

from guichet_local.errors import LocalStackError, NoNetworkError
from guichet_local.kafka import installation as installing
from guichet_local.kafka.installation import VERSION, KafkaInstallation, install_kafka

pytestmark = pytest.mark.real


def is_refused(cache: Path) -> bool:
    try:
        install_kafka(cache)
    except NoNetworkError:
        raise
    except LocalStackError as exc:
        return "jars.sha256" in str(exc)
    return False


@pytest.fixture
def cache(tmp_path: Path, kafka_installation: KafkaInstallation) -> Path:
    """A cache of one's own, with the true jars in it."""
    shutil.copytree(kafka_installation.folder / "jars", tmp_path / f"kafka-{VERSION}" / "jars")
    shutil.copy2(kafka_installation.folder / "log4j2.properties", tmp_path / f"kafka-{VERSION}")
    return tmp_path


def jar_in(cache: Path) -> Path:
    return cache / f"kafka-{VERSION}" / "jars" / f"kafka_2.13-{VERSION}.jar"


def test_the_true_jars_are_taken(cache):
    assert not is_refused(cache)


def test_a_jar_with_other_bytes_starts_no_broker(cache):
    with jar_in(cache).open("ab") as jar:
        jar.write(b"one byte more, as a zip allows")
    assert is_refused(cache), "a changed jar would be run"


def test_a_jar_that_nobody_asked_for_starts_no_broker(cache):
    shutil.copy2(jar_in(cache), jar_in(cache).with_name("aaa-first-on-the-class-path.jar"))
    assert is_refused(cache), "a further jar would be run"


def test_what_maven_central_gave_instead_is_not_kept(cache, monkeypatch):
    jars = sorted(jar_in(cache).parent.glob("*.jar"))
    jars[0].write_bytes(b"not this one")
    monkeypatch.setattr(installing, "_resolve", lambda _: iter(jars))
    elsewhere = cache / "elsewhere"
    assert is_refused(elsewhere), "what was fetched is run unseen"
    assert not (elsewhere / f"kafka-{VERSION}").exists()
