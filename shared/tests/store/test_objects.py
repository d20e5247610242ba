"""One suite for the object store, on the twin, on a real folder and, where there is one, on S3."""

import os
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.clock import SystemClock
from guichet.errors import PermanentError, SettingsError, TransientError
from guichet.store.objects import ListedObjects, ObjectStore, ObstoreObjects, checked_key
from guichet_testing.twins.store.objects import InMemoryObjects


class ObjectStoreSuite:
    """What an object store promises."""

    async def test_what_was_put_is_got(self, objects: ObjectStore) -> None:
        await objects.put("0a1b/photo.1", b"\x00bytes\xff")
        assert await objects.get("0a1b/photo.1") == b"\x00bytes\xff"

    async def test_an_empty_file_is_a_file(self, objects: ObjectStore) -> None:
        await objects.put("empty", b"")
        assert await objects.get("empty") == b""

    async def test_the_same_bytes_again_are_a_success(self, objects: ObjectStore) -> None:
        for _ in range(2):
            await objects.put("0a1b", b"bytes")
        assert await objects.get("0a1b") == b"bytes"

    async def test_nothing_is_overwritten(self, objects: ObjectStore) -> None:
        await objects.put("0a1b", b"bytes")
        with pytest.raises(PermanentError) as refused:
            await objects.put("0a1b", b"others")
        assert refused.value.reason == "object-overwritten"
        assert await objects.get("0a1b") == b"bytes"

    async def test_what_is_not_there(self, objects: ObjectStore) -> None:
        with pytest.raises(PermanentError) as refused:
            await objects.get("nothing/here")
        assert refused.value.reason == "no-such-object"

    async def test_what_is_deleted_is_gone_and_may_be_deleted_again(self, objects: ObjectStore) -> None:
        await objects.put("0a1b", b"bytes")
        for _ in range(2):
            await objects.delete("0a1b")
        with pytest.raises(PermanentError):
            await objects.get("0a1b")

    async def test_it_tells_what_it_holds(self, objects: ListedObjects) -> None:
        for key in ("0a1b/photo.1", "0a1b/photo.2", "whole"):
            await objects.put(key, b"bytes")
        await objects.delete("whole")
        assert {"0a1b/photo.1", "0a1b/photo.2"} <= {key async for key in objects.all_keys()}
        assert "whole" not in {key async for key in objects.all_keys()}

    async def test_it_tells_what_was_put_before_a_moment(self, objects: ListedObjects) -> None:
        await objects.put("0a1b/photo", b"bytes")
        for hours, told in ((1, {"0a1b/photo"}), (-1, set())):
            moment = SystemClock().now() + timedelta(hours=hours)
            assert {key async for key in objects.put_before(moment)} == told

    async def test_a_large_file(self, objects: ObjectStore) -> None:
        content = os.urandom(12 * 1024 * 1024)
        await objects.put("large", content)
        assert await objects.get("large") == content

    @pytest.mark.parametrize(
        "key", ["", "../secrets", "/etc", "a//b", "zoe@mail.example", "Zoé", "a b", ".hidden", "a/"]
    )
    async def test_a_key_is_made_of_ids(self, objects: ObjectStore, key: str) -> None:
        with pytest.raises(ValueError, match="ids"):
            await objects.put(key, b"bytes")


class TestInMemoryObjects(ObjectStoreSuite):
    @pytest.fixture
    def objects(self) -> ObjectStore:
        return InMemoryObjects()

    async def test_it_can_be_away(self) -> None:
        objects = InMemoryObjects()
        objects.away = True
        with pytest.raises(TransientError):
            await objects.put("0a1b", b"bytes")


class TestObjectsInAFolder(ObjectStoreSuite):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "mairie de l'été" / "objects"

    @pytest.fixture
    def objects(self, folder: Path) -> ObjectStore:
        return ObstoreObjects(folder.as_uri())

    async def test_the_folder_is_made_and_holds_whole_files_only(self, objects: ObjectStore, folder: Path) -> None:
        await objects.put("0a1b/photo", b"bytes")
        assert files_in(folder) == ["0a1b/photo"]

    async def test_another_process_finds_it(self, objects: ObjectStore, folder: Path) -> None:
        await objects.put("0a1b", b"bytes")
        assert await ObstoreObjects(folder.as_uri()).get("0a1b") == b"bytes"

    async def test_file_and_names_are_on_the_disk_before_put_returns(
        self, objects: ObjectStore, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flushed: list[Path] = []
        monkeypatch.setattr("guichet.store.objects.flush_to_disk", flushed.append)
        for _ in range(2):
            await objects.put("0a1b/photo", b"bytes")
            assert flushed == [folder / "0a1b/photo", folder / "0a1b", folder]
            flushed.clear()

    async def test_a_folder_that_cannot_be_written_makes_wait(self, objects: ObjectStore, folder: Path) -> None:
        put_a_file_in_its_place(folder)
        with pytest.raises(TransientError):
            await objects.put("0a1b", b"bytes")


def files_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def put_a_file_in_its_place(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("not a folder")


@pytest.mark.parametrize("url", ["", "/var/objects", "http://objects.example", "ftp://objects.example/x"])
def test_another_kind_of_address_names_the_variable(url: str) -> None:
    with pytest.raises(SettingsError, match="GUICHET_OBJECTS_URL"):
        ObstoreObjects(url)


async def test_an_s3_that_does_not_answer_makes_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "eu-west-3",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TransientError):
        await ObstoreObjects("s3://bucket/prefix").put("0a1b", b"bytes")


class Refusing(BaseHTTPRequestHandler):
    """S3 as it answers a user without rights."""

    def do_GET(self) -> None:
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture(params=[403, 401])
def refused(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObstoreObjects]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    server.status = request.param  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "eu-west-3",
    }.items():
        monkeypatch.setenv(name, value)
    yield ObstoreObjects("s3://bucket/prefix")
    server.shutdown()
    server.server_close()


async def test_an_s3_that_lets_nobody_list_says_so_and_a_file_waits(refused: ObstoreObjects) -> None:
    with pytest.raises(PermanentError, match="may not list"):
        [key async for key in refused.all_keys()]
    with pytest.raises(TransientError):
        await refused.put("0a1b", b"bytes")


@given(st.text())
def test_no_address_passes_for_a_key(text: str) -> None:
    try:
        key = checked_key(text)
    except ValueError:
        return
    assert key.isascii()
    assert not set(key) & set("@ +\\")
    assert ".." not in key.split("/")
