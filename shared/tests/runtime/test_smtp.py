from pydantic import SecretStr

from guichet.runtime.settings import SmtpSettings
from guichet.runtime.smtp import relay_options


def test_a_client_is_told_where_the_relay_is_over_what_and_as_whom():
    smtp = SmtpSettings(
        smtp_host="relay", smtp_port=465, smtp_security="tls", smtp_username="ville", smtp_password=SecretStr("s3cret")
    )
    assert relay_options(smtp) == {
        "hostname": "relay",
        "port": 465,
        "username": "ville",
        "password": "s3cret",
        "use_tls": True,
        "start_tls": False,
    }


def test_nobody_signs_in_with_a_blank_name():
    options = relay_options(SmtpSettings(smtp_host="relay", smtp_username="", smtp_password=SecretStr("")))
    assert (options["username"], options["password"], options["start_tls"]) == (None, None, True)
