"""A scanner that could not ask never passes for one that found nothing."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.machine.paths import REPOSITORY
from guichet_testing.real import verapdf
from tests.supply import verdict as judging
from tests.supply.__main__ import OPENID
from tests.supply.bill import (
    KAFKA,
    jar_components,
    mongod_component,
    npm_components,
    verapdf_component,
    with_components,
)
from tests.supply.locked_packages import ask_for_known_holes, export_packages
from tests.supply.verdict import Answer, KnownHole, judge, newest_package

NOW = datetime(2026, 11, 25, tzinfo=UTC)
HOLE = KnownHole("idna", "3.20", "GHSA-planted", "A planted hole")


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize("answer", [None, Answer(0, ())])
@pytest.mark.parametrize(("days", "fails"), [(0, False), (29, False), (90, False), (91, True), (400, True)])
def test_where_nobody_was_asked_it_is_said_and_an_old_lock_fails(answer, days, fails):
    verdict = judge(answer, days_ago(days), NOW)
    assert verdict.fails is fails
    assert "NOT LOOKED FOR" in verdict.lines[0]
    assert "No known hole" not in verdict.lines[0]


def test_a_lock_of_a_month_is_said_to_age():
    assert "after 90 this is an error" in judge(None, days_ago(31), NOW).lines[0]


def test_a_known_hole_fails_and_names_the_package():
    verdict = judge(Answer(100, (HOLE,)), NOW, NOW)
    assert verdict.fails
    assert verdict.lines[0] == "idna 3.20: GHSA-planted: A planted hole"


def test_a_hole_that_does_not_reach_us_is_told_with_its_reason(monkeypatch):
    monkeypatch.setattr(judging, "ACCEPTED", {"GHSA-planted": "we never call it; again in March"})
    verdict = judge(Answer(100, (HOLE,)), NOW, NOW)
    assert not verdict.fails
    assert "we never call it" in verdict.lines[-1]


def test_the_age_of_the_lock_is_read_from_the_lock_itself():
    newest = newest_package((REPOSITORY / "uv.lock").read_text())
    assert datetime(2026, 1, 1, tzinfo=UTC) < newest < datetime.now(UTC)


class _Osv(http.server.BaseHTTPRequestHandler):
    """OSV's interface as far as uv uses it: POST /v1/querybatch, GET /v1/vulns/ID. One hole, in idna."""

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        found = {"vulns": [{"id": HOLE.hole, "modified": "2026-01-01T00:00:00Z"}]}
        self._answer({"results": [found if each["package"]["name"] == "idna" else {} for each in queries]})

    def do_GET(self) -> None:
        dates = dict.fromkeys(("modified", "published"), "2026-01-01T00:00:00Z")
        self._answer({"id": HOLE.hole, "summary": HOLE.summary, "affected": [], **dates})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, told: dict[str, object]) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def a_database() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Osv)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_planted_hole_is_found_by_the_scanner_itself(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with a_database() as url:
        answer = ask_for_known_holes("--service-url", url)
    assert answer is not None
    assert answer.asked > 80
    assert [(each.package, each.hole) for each in answer.holes] == [("idna", HOLE.hole)]


def test_a_database_that_does_not_answer_is_no_answer(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    assert ask_for_known_holes("--service-url", "http://127.0.0.1:9") is None


def test_the_bill_names_every_locked_package_kafkas_jars_and_mongod(kafka_installation: KafkaInstallation):
    others = [*jar_components(kafka_installation.folder), mongod_component()]
    bill = with_components(export_packages(), others)
    components = {each["name"]: each for each in bill["components"]}
    locked = [line.split('"')[1] for line in (REPOSITORY / "uv.lock").read_text().splitlines() if line[:7] == "name = "]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert set(locked) <= {*components, "guichet-workspace"}
    assert components["kafka_2.13"]["purl"] == "pkg:maven/org.apache.kafka/kafka_2.13@4.3.1"
    assert components["zstd-jni"]["purl"] == "pkg:maven/com.github.luben/zstd-jni@1.5.6-10"
    assert all((each["group"] == KAFKA) == ("kafka" in each["name"]) for each in others[:-1])
    assert components["mongod"]["version"] == "6.0.5"
    assert all(len(each["hashes"][0]["content"]) == 64 for each in jar_components(kafka_installation.folder))


def test_the_bill_names_the_judge_of_archived_documents_by_the_address_that_it_is_fetched_from():
    judge = verapdf_component()
    path = f"{judge['group'].replace('.', '/')}/{judge['name']}/{judge['version']}/"
    assert path in verapdf.ADDRESS
    assert judge["purl"] == f"pkg:maven/{judge['group']}/{judge['name']}@{judge['version']}"
    assert len(judge["hashes"][0]["content"]) == 64


def test_the_bill_names_each_npm_package_of_the_tests_identity_provider_by_the_hash_it_is_taken_by():
    packages = list(npm_components((OPENID / "package-lock.json").read_text()))
    [provider] = [each for each in packages if each["name"] == "oidc-provider"]
    assert provider["purl"] == f"pkg:npm/oidc-provider@{provider['version']}"
    assert len(packages) >= 40
    assert all(len(each["hashes"][0]["content"]) == 128 for each in packages)
