"""What Guichet is made of beside Python packages, as CycloneDX components: Kafka's jars, mongod, and what tests run."""

import base64
import json
import re
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from guichet_local.kafka.installation import VERSION
from guichet_local.kafka.pinned_jars import PINS, read_pins
from guichet_local.mongod.binary import find_mongod
from guichet_testing.real import verapdf

Component = dict[str, Any]
KAFKA: Final = "org.apache.kafka"
GROUPS: Final = {  # of the jars of others that do not name their own
    "caffeine": "com.github.ben-manes.caffeine",
    "hash4j": "com.dynatrace.hash4j",
    "jspecify": "org.jspecify",
    "pcollections": "org.pcollections",
    "re2j": "com.google.re2j",
    "scala-library": "org.scala-lang",
    "scala-logging_2.13": "com.typesafe.scala-logging",
    "scala-reflect": "org.scala-lang",
    "snappy-java": "org.xerial.snappy",
    "zstd-jni": "com.github.luben",
}
_JAR: Final = re.compile(r"(.+?)-(\d[\w.-]*)\.jar")


def jar_components(installation: Path) -> Iterator[Component]:
    """Yield each pinned jar, with its hash and its place in Maven."""
    for name, digest in read_pins(PINS.read_text()).items():
        jar = next(path for path in (installation / "jars" / name, installation / name) if path.exists())
        artifact, version = named(name)
        group = group_in(jar, artifact) or GROUPS.get(artifact, KAFKA)
        yield {
            "type": "library",
            "bom-ref": f"jar-{name}",
            "group": group,
            "name": artifact,
            "version": version,
            "purl": f"pkg:maven/{group}/{artifact}@{version}",
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }


def named(jar: str) -> tuple[str, str]:
    """Return artifact and version of a jar's file name. Pure. The tools' jar is kept without its version."""
    found = _JAR.fullmatch(jar)
    return (found[1], found[2]) if found else (jar.removesuffix(".jar"), VERSION)


def group_in(jar: Path, artifact: str) -> str | None:
    """Return the Maven group that a jar names for itself, or None."""
    with zipfile.ZipFile(jar) as content:
        inside = f"/{artifact}/pom.properties"
        return next((each.split("/")[2] for each in content.namelist() if each.endswith(inside)), None)


def mongod_component() -> Component:
    """Return the mongod that the local stack runs."""
    told = subprocess.run([find_mongod(), "--version"], capture_output=True, text=True, check=True).stdout
    version = told.partition("db version v")[2].split("\n", 1)[0].strip()
    cpe = f"cpe:2.3:a:mongodb:mongodb:{version}:*:*:*:*:*:*:*"
    return {"type": "application", "bom-ref": "mongod", "name": "mongod", "version": version, "cpe": cpe}


def verapdf_component() -> Component:
    """Return the judge of PDF/A, with the hash that it is taken by. It runs in tests alone."""
    group, artifact = "org.verapdf.apps", "greenfield-apps"
    return {
        "type": "application",
        "bom-ref": "verapdf",
        "group": group,
        "name": artifact,
        "version": verapdf.VERSION,
        "purl": f"pkg:maven/{group}/{artifact}@{verapdf.VERSION}",
        "hashes": [{"alg": "SHA-256", "content": verapdf.SHA256}],
    }


def npm_components(lock: str) -> Iterator[Component]:
    """Yield each package of an npm lock, with the hash that npm takes it by. Pure. They run in tests alone."""
    for place, package in json.loads(lock)["packages"].items():
        if place:  # the first is the lock's own
            name, integrity = place.rpartition("node_modules/")[2], package["integrity"].removeprefix("sha512-")
            yield {
                "type": "library",
                "bom-ref": f"npm-{place}",
                "name": name,
                "version": package["version"],
                "purl": f"pkg:npm/{name.replace('@', '%40')}@{package['version']}",
                "hashes": [{"alg": "SHA-512", "content": base64.b64decode(integrity).hex()}],
            }


def with_components(bill: dict[str, Any], others: Iterable[Component]) -> dict[str, Any]:
    """Return a bill of materials with further components. Pure."""
    return {**bill, "components": [*bill["components"], *others]}
