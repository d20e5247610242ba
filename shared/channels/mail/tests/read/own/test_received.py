from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet_mail.read.own.received import MOST_CHARS, PRIVATE, date_of, read_hop

POSTFIX = "from a (b.example [192.0.2.7])\tby mx.mairie.example (Postfix) with ESMTPS id A\tfor <c@d>; "


@pytest.mark.parametrize(
    ("value", "by", "protocol", "addresses"),
    [
        (POSTFIX, "mx.mairie.example", "esmtps", ["192.0.2.7"]),
        ("from a (b [IPv6:2001:db8::7]) (using TLSv1.3 with cipher X (256/256 bits)) by M.example with ESMTP; x", "m.example", "esmtp", ["2001:db8::7"]),
        ("by 2002:a05:6402:0:b0:5d9:0:0 with SMTP id s9; x", "2002:a05:6402:0:b0:5d9:0:0", "smtp", []),
        ("from A (2603:10a6:4:3f::44) by B.PROD.OUTLOOK.COM with HTTPS via C; x", "b.prod.outlook.com", "https", ["2603:10a6:4:3f::44"]),
        ("from m (LHLO m) (203.0.113.5) by s.example with LMTP; x", "s.example", "lmtp", ["203.0.113.5"]),
        ("from localhost (HELO queue) (127.0.0.1) by localhost with SMTP; x", "localhost", "smtp", ["127.0.0.1"]),
    ],
)  # fmt: skip
def test_what_servers_write_is_read(value: str, by: str, protocol: str, addresses: list[str]) -> None:
    hop = read_hop(value)
    assert hop is not None
    assert (hop.by, hop.protocol, [str(each) for each in hop.taken_from]) == (by, protocol, addresses)


@pytest.mark.parametrize(
    "value",
    [
        "", "from a", "from a by", "by by b", "from x by y (a [192.0.2.1]) by z with SMTP; x",
        "(qmail 3944 invoked by alias); 20 Aug 2017 19:08:13 -0000", f"by {'x' * MOST_CHARS}",
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_or_in_none_is_not_read(value: str) -> None:
    assert read_hop(value) is None


def test_a_client_is_within_only_where_every_address_says_so() -> None:
    def came_from_within(value: str) -> bool:
        hop = read_hop(value)
        return hop is not None and hop.came_from(PRIVATE)

    assert came_from_within("from localhost (localhost [127.0.0.1]) by mx with ESMTP; x")
    assert came_from_within("from m (LHLO m) (203.0.113.5) by s with LMTP; x")
    assert not came_from_within("from [127.0.0.1] (b.example [192.0.2.7]) by mx with ESMTP; x")
    assert not came_from_within("from unknown by mx with ESMTP; x")
    assert not came_from_within("by mx (Postfix, from userid 33) id A; x")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tue,  1 Dec 2026 08:39:33 +0100 (CET)", datetime(2026, 12, 1, 7, 39, 33, tzinfo=UTC)),
        ("Tue, 01 Dec 2026 03:05:29 -0800 (PST)", datetime(2026, 12, 1, 11, 5, 29, tzinfo=UTC)),
        ("1 Dec 2026 19:23:46 +0200", datetime(2026, 12, 1, 17, 23, 46, tzinfo=UTC)),
        ("Tue, 1 Dec\t2026 07:58:23 +0000", datetime(2026, 12, 1, 7, 58, 23, tzinfo=UTC)),
        ("Tue, 1 Dec 2026 08:39:33", None),
        ("Tue, 1 Dec 2026 08:39:33 CET", None),
        ("Tue, 1 Déc 2026 08:39:33 +0100", None),
        ("Tue, 31 Feb 2026 08:39:33 +0100", None),
        ("Tue, 1 Dec 2026 25:39:33 +0100", None),
        ("Tue, 1 Dec 2026 08:39:60 +0100", None),
        ("Tue, 1 Dec 0000 08:39:33 +0100", None),
        ("Sat, 1 Jan 0001 00:00:00 +0100", None),
        ("Tue, 1 Dec 2026 08:39:33 +9900", None),
        ("Tue, 1 Dec ２０２６ 08:39:33 +0100", None),
        ("yesterday; Tue, 1 Dec 2026 08:39:33 +0100 or so", None),
        ("", None),
    ],
)
def test_a_date_is_read_where_it_is_one(written: str, read: datetime | None) -> None:
    assert date_of(POSTFIX + written) == read


@given(st.text(max_size=300))
def test_whatever_stands_there_raises_nothing(value: str) -> None:
    assert date_of(value) is None or date_of(value).tzinfo is UTC  # type: ignore[union-attr]
    hop = read_hop(value)
    assert hop is None or hop.came_from(PRIVATE) in {True, False}


@pytest.mark.parametrize("piece", ["(", "()", "by ", "a", "1.", "::1 ", "(x", "; 1 Dec ", "\t", "[127.0.0.1] ", "é"])
def test_reading_the_longest_takes_no_time(piece: str) -> None:
    started = process_time()
    for value in (piece * (MOST_CHARS // len(piece)), piece * 30_000):
        read_hop(value)
        date_of(value)
    assert process_time() - started < 0.1
