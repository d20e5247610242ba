"""mail.yaml of the town's folder: by which ways its mail comes in, and what its own mail system says of each. Pure.

    lmtp: { preset: postfix, authserv_id: mx.mairie.example }
    imap:
      contact:                             # the account's name, in logs, alarms and variables
        preset: ovhcloud
        user: contact@mairie.example
        since: 2026-12-01

Nothing in it is secret: passwords and tokens are variables, GUICHET_IMAP_<NAME>_… (guichet_mail.imap_secrets).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AnyHttpUrl, Field, model_validator

from guichet.channel.envelope import LMTP
from guichet.errors import SettingsError
from guichet.law.calendar import PARIS
from guichet.town.values import Mailbox, TownModel
from guichet.town.yaml_file import YamlFile, read_yaml
from guichet_mail.account_values import AccountName, Afterwards, FirstDay, FlagIt, MoveIt, unsaid
from guichet_mail.imap_presets import IMAP_PRESETS, ImapPreset, SignIn
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.own.own_system_file import OwnSystemFile

NAME: Final = "mail.yaml"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def _sealed_on_the_way(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.scheme != "https" and url.host not in LOOPBACK:
        raise ValueError("a secret is sent there: https:// alone.")
    return url


class OAuth(TownModel):
    """How tokens are got. token_url, scope: the preset's, unless said. secret_expires: when the secret ends."""

    token_url: Annotated[AnyHttpUrl, AfterValidator(_sealed_on_the_way)] | None = None
    client_id: str
    scope: str | None = None
    grant: Literal["client-credentials", "refresh-token"] = "client-credentials"
    secret_expires: date | None = None


class ImapAccount(OwnSystemFile):
    """One mailbox that is read by IMAP, and the mail system of the town's behind it.

    mailboxes: the town's addresses that arrive here, the first by default; unless said, `user`. since: no mail that the
    mailbox took before that day, in the town's time, is taken in. afterwards: what becomes of a mail taken in.
    """

    host: str | None = None
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str
    mailboxes: tuple[Mailbox, ...] = ()
    folder: str = "INBOX"
    since: FirstDay = Field(default_factory=unsaid)  # which is refused, with a sentence that says what day it is
    afterwards: Afterwards = "leave"
    sign_in: SignIn | None = None
    oauth: OAuth | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "ImapAccount":
        if reason := next(self._missing(), None):
            raise ValueError(reason)
        return self

    def _missing(self) -> Iterator[str]:
        if not self.address[0]:
            yield "host: no preset says where this mailbox is; name its server."
        if self.security == "none" and self.address[0] not in LOOPBACK:
            yield "security: only a mailbox of this machine may be read without TLS."
        if self.signs_in_by == "password":
            if self.oauth is not None:
                yield "oauth: this account signs in by password; set sign_in to xoauth2 or oauthbearer."
        elif self.oauth is None:
            yield (
                f"oauth: {self.signs_in_by} needs this block, with its fields token_url, client_id and scope (the first"
                " and the last unless the preset says them) and grant (client-credentials, unless refresh-token)."
            )
        elif not self.token_url:
            yield "oauth.token_url: no preset says where tokens are given; name the address."

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host or self._preset.host or "", self.port

    @property
    def signs_in_by(self) -> SignIn:
        """How."""
        return self.sign_in or self._preset.sign_in

    @property
    def token_url(self) -> str:
        """Where tokens are given; blank where none are asked for."""
        said = self.oauth and self.oauth.token_url
        return str(said or self._preset.token_url or "") if self.oauth else ""

    @property
    def scope(self) -> str | None:
        """What tokens are asked for."""
        return (self.oauth and self.oauth.scope) or self._preset.scope

    @property
    def addresses(self) -> tuple[str, ...]:
        """The town's addresses that arrive here, the first by default."""
        return self.mailboxes or (self.user.lower(),)

    @property
    def begins(self) -> datetime:
        """The first moment whose mails are taken in (aware)."""
        return datetime.combine(self.since, time(), PARIS)

    @property
    def flag(self) -> str | None:
        """What a mail taken in is marked with, if it is."""
        if isinstance(self.afterwards, FlagIt):
            return self.afterwards.flag
        return "\\Flagged" if self.afterwards == "flag" else None

    @property
    def moved_to(self) -> str | None:
        """The folder that a mail taken in goes to, if it goes."""
        return self.afterwards.move if isinstance(self.afterwards, MoveIt) else None

    @property
    def may_be_tried(self) -> bool:
        """Whether signing in leaves what signs in as it was: some providers take a refresh token once."""
        by_refresh_token = self.oauth is not None and self.oauth.grant == "refresh-token"
        return not by_refresh_token or self._preset.keeps_refresh_tokens

    @property
    def _preset(self) -> ImapPreset:
        return IMAP_PRESETS.get(self.preset or "", ImapPreset())


class MailFile(TownModel):
    """mail.yaml. lmtp: the mail system that hands over by LMTP."""

    lmtp: OwnSystemFile = OwnSystemFile()
    imap: dict[AccountName, ImapAccount] = Field(default_factory=dict)

    def own_systems(self, lmtp_authserv_id: str | None) -> dict[str, OwnSystem]:
        """Return the town's own mail system by each way that a mail may come (`Envelope.way`).

        Raises SettingsError where a preset needs its server's name, and nothing says it.
        """
        by_imap = {f"imap:{name}": account.system() for name, account in self.imap.items()}
        try:
            return {LMTP: self.lmtp.system(lmtp_authserv_id), **by_imap}
        except SettingsError as exc:
            raise SettingsError(f"{NAME}: lmtp: {exc}") from exc


def read_mail_file(town: Path | None, mailboxes: Iterable[str]) -> MailFile:
    """Return what the town's folder says; nothing, where there is none or it has no such file.

    mailboxes: the town's, in lower case. Raises SettingsError with a line per mistake: file, line, account, field, and
    what to do.
    """
    if town is None or not (town / NAME).exists():
        return MailFile()
    file = read_yaml(town / NAME)
    said = file.parse(MailFile)
    wrong = [*_not_the_towns(file, said.imap, frozenset(mailboxes)), *_without_a_name(file, said.imap)]
    if wrong:
        raise SettingsError("\n".join(wrong))
    return said


def _not_the_towns(file: YamlFile, accounts: Mapping[str, ImapAccount], ours: frozenset[str]) -> Iterator[str]:
    for name, account in accounts.items():
        field = "mailboxes" if account.mailboxes else "user"
        for address in account.addresses:
            if address not in ours:
                said = f"{address} is no mailbox of town.yaml; list under `mailboxes` those that arrive here."
                yield file.complaint(("imap", name, field), said)


def _without_a_name(file: YamlFile, accounts: Mapping[str, ImapAccount]) -> Iterator[str]:
    for name, account in accounts.items():
        try:
            account.system()
        except SettingsError as exc:
            yield file.complaint(("imap", name, "preset"), str(exc))
