"""What the tests' Dovecot is told."""

from pathlib import Path
from typing import Final

from guichet_local.machine.certificates import SERVER
from guichet_local.machine.ports import HOST
from guichet_testing.real.mail_servers import SPOOL

KEY_FILE: Final = Path("keys", "default", "ES256", "default")
OAUTH: Final = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
"""
# Refusals are answered as fast as it can: it keeps them for half a second, and others who try and fail do not wait.
# Its sockets are named as the namespace sees them: from outside their names may be longer than a socket's can be.
CONFIGURATION: Final = """\
base_dir = {spool}/run
state_dir = {folder}/state
log_path = /dev/stderr
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {user}
protocols = imap
listen = {host}
ssl = yes
ssl_cert = <{folder}/tls/{certificate}
ssl_key = <{folder}/tls/{certificate}
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
mailbox_idle_check_interval = 1s
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2 oauthbearer
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
passdb {{
  driver = passwd-file
  deny = yes
  args = username_format=%u {folder}/switched-off/%u
}}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = username_format=%u {folder}/users/%u
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users/%u
}}
"""

# Mail comes in by LMTP, and what a user's Sieve writes (RFC 5228, 5230) leaves by a relay, at once and each time.
DELIVERING: Final = """\
protocols = imap lmtp
postmaster_address = postmaster@localhost
submission_host = {host}:{relay_port}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/{sieve}
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
}}
"""
SIEVE_FILE: Final = ".dovecot.sieve"  # in a user's home


def write_configuration(
    folder: Path, user: str, ports: tuple[int, int], public_key: bytes, delivering: tuple[int, int] | None = None
) -> None:
    """Write it into the server's folder. user: under whom all runs. ports: IMAP's, and IMAP's over TLS.

    public_key: PEM, of who signs tokens. delivering: LMTP's port, and the relay's; None: it takes no mail in.
    """
    key_file = folder / KEY_FILE
    key_file.parent.mkdir(parents=True)
    key_file.write_bytes(public_key)
    values = {"folder": folder, "spool": SPOOL, "user": user, "host": HOST, "certificate": SERVER}
    values |= {"port": ports[0], "tls_port": ports[1]}
    (folder / "oauth2.conf").write_text(OAUTH.format_map(values))
    configuration = CONFIGURATION
    if delivering is not None:
        configuration += DELIVERING
        values |= {"lmtp_port": delivering[0], "relay_port": delivering[1], "sieve": SIEVE_FILE}
    (folder / "dovecot.conf").write_text(configuration.format_map(values))
