"""Mails of 64 KB, made to be dear: by hand, and by chance from pieces that repeat."""

from collections.abc import Iterator
from random import Random
from typing import Final

BUDGET_BYTES: Final = 64 * 1024
HEAD: Final = b"From: a@b.example\r\n"
HTML: Final = HEAD + b"Content-Type: text/html\r\n\r\n"
CALENDAR: Final = HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"
BINARY: Final = b"Content-Transfer-Encoding: binary\r\n\r\n"
CMS: Final = HEAD + b"Content-Type: application/pkcs7-mime\r\n" + BINARY
WINMAIL: Final = HEAD + b"Content-Type: application/ms-tnef\r\n" + BINARY + bytes.fromhex("789f3e22 0100")
MULTIPART: Final = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"

THEMES: Final = {
    "css": (HTML, [b'<p style="padding-left:99999em">', b"<div style='display:none'>", b"x</div>", b"<style>p{}", b"<br>"]),
    "tables": (HTML, [b"<table>", b"<tr>", b"<td>", b"</td>", b"<table><tr><td>", b"x ", b"</table>", b"<i></b>"]),
    "headers": (HEAD, [b"Cc: a@b,", b"Subject: =?x?q?a?=", b"\r\n", b"Content-Type: a/b;", b';a="', b"\r\n ", b"References: <a@b>", b"("]),
    "nesting": (
        HEAD,
        [b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--b\r\n", b"--b\n", b"\n", b"Content-Type: message/rfc822\r\n\r\n"],
    ),
    "addresses": (HEAD + b"From: ", [b"@", b"a@", b",", b"<", b">", b'"', b"(", b"a.", b":;", b"[", b"\xe9"]),
    "encodings": (
        HEAD + b"Content-Type: text/html; charset=iso2022_jp\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 6 x\r\n",
        [b"\r\n", b"!!", b"=", b"\x1b$B", b"M#", b"\xe9"],
    ),
    "calendars": (
        CALENDAR,
        [b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VTIMEZONE\r\n", b"END:VTIMEZONE\r\n", b"RRULE:FREQ=SECONDLY\r\n",
         b"BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n", b"TZID:x\r\n", b"DTSTART;TZID=x:20260101T000000\r\n", b" x\r\n", b";a=b"],
    ),
    "cms": (CMS, [b"\x30\x80", b"\x24\x80", b"\xa0\x80", b"\0\0", b"\x04\x01a", bytes.fromhex("06092a864886f70d010702"), b"\x05\0"]),
    "winmail": (
        WINMAIL,
        [bytes.fromhex(each) for each in (
            "0102900600000000000000", "0103900600040000000ff0ff0f0000", "02059006002000000001000000021001000000ffff", "ffffffff",
            "1e10010000", "00",
        )],
    ),
    "pgp": (
        HEAD + b"\r\n",
        [b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"-----BEGIN PGP SIGNATURE-----\n", b"-----END PGP SIGNATURE-----\n",
         b"-----BEGIN PGP MESSAGE-----\n", b"- ", b"\n\n"],
    ),
}  # fmt: skip


def filled(head: bytes, line: bytes, most: int = BUDGET_BYTES) -> bytes:
    """Repeat a line up to so many bytes."""
    return head + line * ((most - len(head)) // len(line))


def nested(levels: int) -> bytes:
    """Return multiparts, each in another and none closed."""
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))


def deep(levels: int, end: bytes, most: int = BUDGET_BYTES) -> bytes:
    """Return such multiparts, and lines that each must be held against all of them."""
    return filled(HEAD + nested(levels) + b"\r\n", end, most)


WORST: Final = {
    "cells": filled(HTML, b"<td>"),
    "end tags of nothing": filled(HTML, b"<i></b>"),
    "authors": filled(HEAD[:-2] + b" ", b"@"),
    "addressees": filled(HEAD + b"Cc: ", b"@"),
    "levels and lines": deep(14, b"\n"),
    "css": filled(HTML, b'<p style="padding-left:99999em">x<br>\n'),
    "uuencoded lines": filled(HTML.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: uuencode\r\n\r\nbegin 6 x\r\n"), b"\n"),
    "css margins": filled(HTML, b'<div style="margin-top:99999em">x</div>'),
    "wide table": HTML + b"<table><tr><td>" + b"x" * 30_000 + b"</td></tr>" + b"<tr><td>x</td></tr>" * 1700,
    "nested tables": filled(HTML, b"<table><tr><td>"),
    "nested lists": filled(HTML, b"<ul><li>x"),
    "attributes": HTML + b"<p " + b" ".join(b"a%d=1" % i for i in range(8000)) + b">x",
    "end tags": HTML + b"<b>" * 10_000 + b"</i>" * 8_000,
    "entities": filled(HTML, b"&lt;"),
    "addresses": HEAD + b"Cc: " + b"a." * 30_000 + b"@\r\n\r\nx",
    "crooked addresses": HEAD + filled(b"Cc: ", b"a@b,<c"),
    "many crooked headers": filled(HEAD, b"Cc: a@b, <c\r\n"),
    "comments": HEAD + filled(b"From: ", b"("),
    "parameters": HEAD + filled(b"Content-Type: text/plain", b";"),
    "quoted parameters": HEAD + filled(b"Content-Type: text/plain", b';a="'),
    "continued parameters": HEAD + filled(b"Content-Disposition: x", b";filename*0*=x"),
    "charsets": HEAD + b"Subject: " + b" ".join(b"=?x%d?q?a?=" % i for i in range(4700)) + b"\r\n\r\n",
    "encoded words": filled(HEAD + b"Subject: ", b"=?utf-8?q?a"),
    "parts": filled(MULTIPART, b"--b\r\n\r\n\r\n"),
    "crooked parts": filled(MULTIPART, b"--b\n\n\n"),
    "nesting": HEAD + nested(1100),
    "nesting and lines": HEAD + nested(500) + b"\n" * 32_000,
    "nested mails": filled(HEAD, b"Content-Type: message/rfc822\r\n\r\n"),
    "headers of a forwarded mail": filled(HEAD + b"Content-Type: message/rfc822\r\n\r\n", b"a: b\r\n"),
    "headers": filled(HEAD, b"a:\r\n"),
    "clocks": filled(CALENDAR + b"BEGIN:VTIMEZONE\r\nTZID:x\r\n", b"RRULE:FREQ=SECONDLY\r\n"),
    "calendar lines": filled(CALENDAR, b"A:1\r\n"),
    "events": filled(CALENDAR, b"BEGIN:VEVENT\r\n"),
    "calendars": filled(MULTIPART, b"--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    "elements": filled(CMS, b"\x30\x80"),
    "properties": WINMAIL + bytes.fromhex("0103900600040000000ffffffff0ff"),
    "objects": filled(WINMAIL, bytes.fromhex("0102900600000000000000")),
    "armour": filled(HEAD + b"\r\n", b"-----BEGIN PGP SIGNED MESSAGE-----\n"),
    "pictures": filled(HTML, b"<img src=data:image/png;base64,>"),
    "percents": HEAD + filled(b"Content-Disposition: x; filename*=", b"%"),
    "flowed": filled(HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n", b"> x \r\n"),
    "date": HEAD + filled(b"Date: ", b"1 "),
}  # fmt: skip


def by_chance(theme: str, seed: int) -> bytes:
    """Return a mail of the theme: the same for the same seed."""
    chance = Random(f"{theme} {seed}")
    head, pieces = THEMES[theme]
    return filled(head, b"".join(chance.choices(pieces, k=chance.randint(1, 6))))


def chances(seeds: int) -> Iterator[tuple[str, bytes]]:
    """Yield so many of each theme, with what to make it again from."""
    for theme in THEMES:
        for seed in range(seeds):
            yield f"{theme} {seed}", by_chance(theme, seed)
