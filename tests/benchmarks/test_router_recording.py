"""What the router's benchmark makes of a recording, and the traffic that it sends."""

import pytest

from guichet_bench.router.recording import Renewal, Write
from guichet_bench.router.traffic import Traffic

A, B = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
KEY = b"r" * 32


def test_ids_are_renewed_everywhere_alike_and_stay_where_they_lie_in_an_index():
    write = Write("guichet", "messages", "insert", False, [{"_id": A, "filed": B, "of": {A: 1}, "said": b"x"}])
    renewed = Renewal("one").write(write)
    [document] = renewed.entries
    assert document["_id"] != A
    assert document["_id"][:4] == A[:4]
    assert document["of"] == {document["_id"]: 1}
    assert document["filed"] != document["_id"]
    assert document["said"] == b"x"
    assert renewed.messages == 1


def test_two_renewals_share_no_id():
    assert Renewal("one").text(A) != Renewal("two").text(A)


@pytest.mark.parametrize("text", ["2026-7F3K-29Q", f'{{"case_id":"{A}","reference":"2026-7F3K-29Q"}}'])
def test_references_are_renewed_and_stay_references(text):
    renewed = Renewal("one").text(text)
    assert renewed != text
    assert len(renewed) == len(text)
    assert "2026-" in renewed


def test_traffic_is_the_same_each_time_and_a_third_answers_what_was_filed():
    earlier = Traffic("earlier", KEY).letters(300)
    traffic = [Traffic("now", KEY, earlier).letters(300) for _ in range(2)]
    assert [each.message_id for each in traffic[0]] == [each.message_id for each in traffic[1]]
    assert not {each.message_id for each in earlier} & {each.message_id for each in traffic[0]}
    mails = [each for each in traffic[0] if each.channel == "email"]
    answers = [each for each in mails if each.content.thread and each.content.thread.in_reply_to]
    assert 0.2 < len(answers) / len(mails) < 0.4
