"""`guichet-server apply`: make the machine be as the town's files and settings say. Run again it changes nothing."""

import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path

from guichet_local.mongod.access import MongodAccess
from guichet_server.apply.public_keys import lay_for_everybody
from guichet_server.apply.report import report
from guichet_server.apply.town_files import town_files
from guichet_server.apply.write import note, others, remove_others, write_files
from guichet_server.installation import Installation, read_installation
from guichet_server.layout import MONGODB_KEY
from guichet_server.processes import Numbers, own_servers
from guichet_server.render.errands import SOCKET as ERRANDS
from guichet_server.render.everything import JOURNAL, SYSUSERS, TMPFILES, UNITS, File, files_of
from guichet_server.render.mail import handed_over_by, not_coming_in
from guichet_server.render.service_units import NOTIFIER
from guichet_server.render.unit import TARGET
from guichet_server.users import MONGOD, OPERATOR_USER, user_of


def apply() -> list[str]:
    """Write everything and tell systemd; return sentences for whoever ran it. Raises SettingsError, OSError."""
    here = read_installation()
    _make_users(here)
    _make_keys(here)
    files = files_of(here.town, here.settings, here.secrets, numbers=_numbers(here))
    files |= town_files(here.folder)
    note(files)
    changed = write_files(files)
    _stop_what_others_had(files)
    removed = remove_others(files)
    _run("systemd-tmpfiles", "--create", TMPFILES)
    _run("systemctl", "daemon-reload")
    if JOURNAL in changed:
        _run("systemctl", "try-restart", "systemd-journald")
    _run("systemctl", "enable", "--quiet", TARGET)
    _run("systemctl", "start", ERRANDS)  # operators' commands go on while services are stopped
    return [*report(changed, removed, is_running=_is_running()), *_not_coming_in(here)]


def _stop_what_others_had(files: Mapping[str, File]) -> None:
    """A process whose unit goes would run on until the next start of the machine."""
    if gone := [path.rpartition("/")[2] for path in others(files) if path.startswith(UNITS)]:
        _run("systemctl", "stop", *gone)


def _make_users(here: Installation) -> None:
    """First: a file that names the notifier's number needs it."""
    files = files_of(here.town, here.settings, here.secrets)
    write_files({SYSUSERS: files[SYSUSERS]})
    _run("systemd-sysusers", SYSUSERS)


def _numbers(here: Installation) -> Numbers:
    """Operators hand in what could not be read before. A mail server's user who is not here yet is found next time."""
    notifier = pwd.getpwnam(user_of(NOTIFIER)).pw_uid
    names = {"root", OPERATOR_USER, *handed_over_by(here.settings)}
    return Numbers(notifier, {each.pw_uid for each in pwd.getpwall() if each.pw_name in names})


def _make_keys(here: Installation) -> None:
    """Public halves for everybody to read, and the key by which MongoDB's members know each other."""
    lay_for_everybody(here)
    if MONGOD in own_servers(here.settings):
        MongodAccess(Path(MONGODB_KEY), "").make_key_file()


def _not_coming_in(here: Installation) -> list[str]:
    return not_coming_in(here.town.mailboxes, here.town.read_by_imap, here.settings)


def _is_running() -> bool:
    return subprocess.run(("systemctl", "is-active", "--quiet", TARGET), check=False).returncode == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
