"""Put into the machine and run there: a citizen's mail to one of the town's mailboxes, by the town's Postfix."""

import smtplib
import sys
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

CITIZEN = "perrine@courriel.example"


def write(to: str, subject: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Perrine Vauquelin <{CITIZEN}>", to, subject
    mail["Message-ID"], mail["Date"] = make_msgid(domain="courriel.example"), formatdate(time.time())
    mail.set_content("Bonjour,\n\nLe lampadaire devant chez moi est en panne.\n\nPerrine Vauquelin")
    with smtplib.SMTP("127.0.0.1", 25) as postfix:
        postfix.send_message(mail, CITIZEN, [to])


if __name__ == "__main__":
    write(*sys.argv[1:])
