"""The mails that are planted: as people's programs write them, bounced, and broken. Pure."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, make_msgid

from guichet_canary.writing.cast import Person, plain_word

CONTACT = "contact@mairie.example"


def letter(writer: Person, other: Person) -> bytes:
    """Return a mail with a value in every place that a mail has: headers, both bodies, an attachment, its own id."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((writer.name.value, writer.email.value))
    mail["Reply-To"] = formataddr((writer.name.value, writer.email.value))
    mail["To"] = formataddr((writer.name.value, CONTACT))  # as an address book would: under the writer's own name
    mail["Cc"] = formataddr((other.name.value, other.email.value))
    mail["Subject"] = writer.subject.value
    mail["Message-ID"] = make_msgid(plain_word(writer.name.value), writer.email.value.partition("@")[2])
    mail["In-Reply-To"] = f"<{writer.email.value}>"
    mail["X-Originating-Client"] = writer.text.value.split()[0].encode("ascii", "replace").decode()
    body = f"Bonjour,\n{writer.text.value}\nJ’habite {writer.address.value}, mon numéro : {writer.phone.value}"
    mail.set_content(body, cte="quoted-printable")
    mail.add_alternative(f"<p>Bonjour,</p><p>{writer.text.value}</p>", subtype="html", cte="base64")
    mail.add_attachment(
        file_of(writer),
        maintype="application",
        subtype=f"x-{plain_word(writer.text.value)}",
        filename=writer.file_name.value,
    )
    return mail.as_bytes()


def plain_letter(writer: Person, addition: str = "") -> bytes:
    """Return a mail with subject and text alone. addition: what it says too."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((writer.name.value, writer.email.value))
    mail["To"] = CONTACT
    mail["Subject"] = writer.subject.value
    mail["Message-ID"] = make_msgid(domain="courriel.example")
    mail.set_content(f"{writer.text.value}\n{addition}")
    return mail.as_bytes()


def bounce(writer: Person) -> bytes:
    """Return a mail server's report (RFC 3464) that quotes whom it could not reach, why, and what was sent."""
    return f"""\
From: Mail Delivery System <MAILER-DAEMON@{writer.email.value.partition("@")[2]}>
To: {CONTACT}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <{plain_word("bounce")}@{writer.email.value.partition("@")[2]}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="BORDER"

--BORDER
Content-Type: text/plain; charset=utf-8

<{writer.email.value}>: {writer.name.value} has no mailbox here ({writer.text.value})

--BORDER
Content-Type: message/delivery-status

Reporting-MTA: dns; {writer.email.value.partition("@")[2]}

Final-Recipient: rfc822; {writer.email.value}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{writer.email.value}>: {writer.name.value} unknown

--BORDER
Content-Type: message/rfc822

From: {CONTACT}
To: {writer.email.value}
Subject: {writer.subject.value}

{writer.text.value}
--BORDER--
""".encode()


def broken(writer: Person) -> bytes:
    """Return bytes that pretend to be a mail: headers cut off, an unknown charset, base64 that is none, no end."""
    return (
        f"From: =?utf-8?b?{writer.name.value}?= <{writer.email.value}\r\n"
        f"To: {CONTACT}\r\nSubject: =?x-nowhere?q?{writer.subject.value}?=\r\nDate: {writer.address.value}\r\n"
        f"Content-Type: multipart/mixed; boundary={writer.file_name.value}\r\n"
        f"Content-Transfer-Encoding: {writer.text.value}\r\n\r\n"
        f"--{writer.file_name.value}\r\nContent-Type: text/plain; charset={writer.file_text.value}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n!{writer.text.value}!\r\n"
    ).encode() + b"\xff\xfe\x00"


def file_of(writer: Person) -> bytes:
    """Return the content of a person's file."""
    return b"%PDF-1.7\n" + writer.file_text.value.encode() + b"\n%%EOF"
