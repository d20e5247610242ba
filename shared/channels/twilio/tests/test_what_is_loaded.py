"""Who sends loads nothing of what takes in, and opens nothing; who takes in loads no sender."""

import subprocess
import sys

SETTINGS = (
    "TwilioSettings(twilio_account_sid='AC1', twilio_auth_token='t', twilio_number='+33',"
    " twilio_public_url='https://sms.mairie.example')"
)
NEVER = ("guichet.vault", "guichet.store", "guichet.kafka", "guichet.mongo", "guichet.data_subject")
LIBRARIES = ("motor", "pymongo", "aiokafka", "faust", "fastapi", "telegram", "aiosmtplib")


def loaded_by(act: str) -> list[str]:
    code = f"import sys; from guichet_twilio.channel import *; from guichet_twilio.settings import *; {act}"
    command = [sys.executable, "-c", f"{code}; print(*sys.modules)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_a_sender_loads_neither_what_opens_nor_what_takes_in() -> None:
    modules = loaded_by(f"TWILIO.outbound.open({SETTINGS})")
    assert "guichet_twilio.send.sender" in modules
    assert "guichet_twilio.webhooks" not in modules
    assert [each for each in modules if each.startswith(NEVER) or each.partition(".")[0] in LIBRARIES] == []


def test_who_takes_in_loads_no_sender() -> None:
    modules = loaded_by(f"MESSAGES.open({SETTINGS}, None)")
    assert "guichet_twilio.webhooks" in modules
    assert [each for each in modules if each.startswith(("guichet_twilio.send", "twilio.rest"))] == []
