"""Bounces of letters of ours, as mail systems write them; hosts and people invented."""

from typing import Final

TOWN: Final = "mairie.example"
CONTACT: Final = f"contact@{TOWN}"
OUTBOUND: Final = "0f0c6d31a5f24c5d9b1c2d3e4f5a6b7c"
CITIZEN: Final = "zoe@exemple.test"
OWN_ID: Final = f"<{OUTBOUND}@{TOWN}>"
LETTER: Final = f"""\
Return-Path: <contact+2026-7F3K-29Q@{TOWN}>
From: Mairie <{CONTACT}>
To: {CITIZEN}
Subject: Votre demande
References: <a1@exemple.test>
Message-ID: {OWN_ID}

Bonjour
"""
POSTFIX: Final = """\
From: MAILER-DAEMON@mx.exemple.test (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: contact@mairie.example
Message-ID: <1@mx.exemple.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system at host mx.exemple.test.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemple.test

{fields}

--b
Content-Type: {returned_type}

{returned}
--b--
"""
QMAIL: Final = """\
From: MAILER-DAEMON@mx.exemple.test
To: contact@mairie.example
Subject: failure notice

Hi. This is the qmail-send program at mx.exemple.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{citizen}>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 User unknown
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

{letter}"""


def postfix(
    action: str = "failed",
    status: str = "5.1.1",
    *,
    final: str = CITIZEN,
    original: str | None = None,
    diagnostic: str = "smtp; 550 no",
    returned_type: str = "message/rfc822",
    letter: str = LETTER,
) -> bytes:
    """Return a standard report, with CRLF."""
    fields = [
        *([f"Original-Recipient: rfc822;{original}"] if original else []),
        f"Final-Recipient: rfc822; {final}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: {diagnostic}",
    ]
    return wire(POSTFIX.format(fields="\n".join(fields), returned_type=returned_type, returned=letter))


def qmail(citizen: str = CITIZEN, letter: str = LETTER) -> bytes:
    """Return a bounce in plain text, with CRLF."""
    return wire(QMAIL.format(citizen=citizen, letter=letter))


def wire(mail: str) -> bytes:
    """Return a mail as it comes over the wire."""
    return mail.replace("\n", "\r\n").encode()
