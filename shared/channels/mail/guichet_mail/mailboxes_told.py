"""What mail.yaml says, for a command that runs none of this: which mailboxes are read, and what opens each."""

from guichet.errors import SettingsError
from guichet.runtime.settings import read_settings
from guichet.town import load_town
from guichet_mail.imap_secrets import needed_by, variable_of
from guichet_mail.mail_file import read_mail_file
from guichet_mail.settings import MailSettings, TownFolder


def mailboxes_told() -> list[str]:
    """Return a line for each mailbox that is read: its name, the variable that opens it, its first address.

    Raises SettingsError with a line per mistake.
    """
    folder = read_settings(TownFolder).town
    if folder is None:
        raise SettingsError("GUICHET_TOWN is not set: mail.yaml lies in that folder.")
    file = read_mail_file(folder, load_town(folder).mailboxes)
    file.own_systems(read_settings(MailSettings).lmtp_authserv_id)
    return [f"{name} {variable_of(name, needed_by(each))} {each.addresses[0]}" for name, each in file.imap.items()]
