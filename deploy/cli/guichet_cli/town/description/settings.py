"""The settings that a town's answers decide: variables for every service, without the secrets. Pure."""

from pathlib import Path

from guichet.contracts.channels import KnownChannels
from guichet_cli.town.questions.of_channels import asked_of
from guichet_cli.town.questions.of_intake import BY_LMTP, OTHER
from guichet_cli.town.questions.question import Given


def settings_of(given: Given, known: KnownChannels, town: Path) -> dict[str, str]:
    """Return variable → value. town: the folder that the services will read."""
    return {
        "GUICHET_TOWN": str(town),
        "GUICHET_PORTAL_URL": given["citizens_url"],
        "GUICHET_DESK_URL": given["agents_url"],
        "GUICHET_ONCALL_EMAIL": given["oncall"],
        "GUICHET_SMTP_HOST": given["relay_host"],
        "GUICHET_SMTP_PORT": given["relay_port"],
        "GUICHET_SMTP_SECURITY": given["relay_security"],
        **({"GUICHET_SMTP_USERNAME": user} if (user := given["relay_user"]) else {}),
        **_of_mail(given),
        **{each.variable: given[each.variable] for each in asked_of(given, known) if not each.is_secret},
    }


def _of_mail(given: Given) -> dict[str, str]:
    ca_file = {"GUICHET_IMAP_CA_FILE": given["imap_ca_file"]} if given.get("imap_ca_file") else {}
    is_unnamed = given.get("intake") == BY_LMTP and given["mail_system"] == OTHER and given["authserv_id"]
    return ca_file | ({"GUICHET_LMTP_AUTHSERV_ID": given["authserv_id"]} if is_unnamed else {})
