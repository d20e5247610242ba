"""A file of frames: what a power cut breaks at its end is cut off, what is broken before is damage."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.errors import PermanentError
from guichet.vault.copy.frames import FrameFile, cut_torn_end, read_frames

CONTENTS = [b"first", b"", b"GVC1 in the words of a third", bytes(9)]


def written(path: Path) -> bytes:
    file = FrameFile(path)
    for content in CONTENTS:
        file.append(content)
    file.close()
    return path.read_bytes()


def test_what_was_added_is_read_in_order(tmp_path: Path) -> None:
    written(tmp_path / "f")
    assert list(read_frames(tmp_path / "f")) == CONTENTS


def test_after_any_power_cut_what_came_before_is_read_and_more_can_be_added(tmp_path: Path) -> None:
    whole = written(tmp_path / "f")
    for length in range(len(whole) + 1):
        (tmp_path / "torn").write_bytes(whole[:length])
        before = list(read_frames(tmp_path / "torn"))
        assert before == CONTENTS[: len(before)]
        cut_torn_end(tmp_path / "torn")
        file = FrameFile(tmp_path / "torn")
        file.append(b"after")
        file.close()
        assert list(read_frames(tmp_path / "torn")) == [*before, b"after"]


@settings(max_examples=30)
@given(st.data())
def test_a_frame_that_was_changed_before_others_is_damage(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("frames") / "f"
    whole = bytearray(written(path))
    last = len(whole) - 16 - len(CONTENTS[-1])
    at = data.draw(st.integers(0, last - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole)
    with pytest.raises(PermanentError, match="damaged"):
        list(read_frames(path))
    with pytest.raises(PermanentError, match="damaged"):
        cut_torn_end(path)


@pytest.mark.parametrize("magic", [b"GVC1", b"GVC2"])
def test_a_frame_in_the_words_of_a_third_party_is_none_when_a_power_cut_leaves_it(tmp_path: Path, magic: bytes) -> None:
    """Any adapter may insert among the keys, and what a disk keeps of a frame that it had not held yet is any part."""
    planted = magic + struct.pack(">II", 1, zlib.crc32(b"x")) + b"x"
    written(tmp_path / "f")
    before = (tmp_path / "f").stat().st_size
    file = FrameFile(tmp_path / "f")
    file.append(b"a key of " + planted + b" and more")
    file.close()
    whole = (tmp_path / "f").read_bytes()
    torn = (whole[:-1], whole[:before] + bytes(20) + whole[before + 20 :])
    for left in torn:
        (tmp_path / "torn").write_bytes(left)
        cut_torn_end(tmp_path / "torn")
        assert list(read_frames(tmp_path / "torn")) == CONTENTS


def test_frames_of_a_file_that_is_none_are_damage(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"GVC1" + bytes(40))
    with pytest.raises(PermanentError, match="damaged"):
        list(read_frames(tmp_path / "f"))


def test_zeros_that_a_file_system_left_at_the_end_are_cut_off(tmp_path: Path) -> None:
    whole = written(tmp_path / "f")
    (tmp_path / "f").write_bytes(whole + bytes(4096))
    cut_torn_end(tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == whole
