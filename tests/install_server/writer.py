"""Put into the machine and run there: a citizen after the other writes to both mailboxes, until a file says stop.

writer.py WORD     notes each address in /root/written once Postfix has taken the mail
"""

import smtplib
import sys
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

MAILBOXES = ("contact@villiers.example", "ccas@villiers.example")
STOP, WRITTEN = Path("/root/stop"), Path("/root/written")
EVERY_S = 2


def write(sender: str, to: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Habitant <{sender}>", to, "Un lampadaire en panne"
    mail["Message-ID"], mail["Date"] = make_msgid(domain="courriel.example"), formatdate(time.time())
    mail.set_content("Bonjour,\n\nUn lampadaire est en panne.")
    with smtplib.SMTP("127.0.0.1", 25) as postfix:
        postfix.send_message(mail, sender, [to])
    with WRITTEN.open("a") as file:
        file.write(f"{sender}\n")


if __name__ == "__main__":
    number = 0
    while not STOP.exists():
        number += 1
        for mailbox in MAILBOXES:
            write(f"{sys.argv[1]}-{number}-{mailbox.partition('@')[0]}@courriel.example", mailbox)
        time.sleep(EVERY_S)
