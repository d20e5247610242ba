"""What the agent desk reads from the environment, once, in `__main__`."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationInfo, field_validator

from agent_desk.domain.sign_in.openid.provider import is_safe
from guichet.runtime.settings import (
    EdgeSettings,
    HttpSettings,
    KafkaSettings,
    MongoSettings,
    ObjectSettings,
    OpeningSettings,
    ProbingSettings,
    SecretKey,
    ServiceSettings,
    SigningSettings,
    TownSettings,
)

T = TypeVar("T")


class DeskSettings(ServiceSettings, TownSettings, ObjectSettings, SigningSettings):
    """edge: the keys that name what agents take down. sector_key: leads from a sector's citizen id to the registry.

    session_key: names sessions and guards forms, and seals searches in addresses.

    search_files: the folder of search-indexer's files, which the desk reads.

    clamav_url: ClamAV's daemon, asked before a citizen's file is given out; None: nobody is, and pages say so.
    tesseract: the program that reads what stands on scanned letters; where there is none, agents type all of it.
    desk_url: as the agents' browsers see the desk; under https their cookies travel over https only.
    portal_url: as citizens' browsers see the portal, for letters on paper that ask by a form; None: they say only how
    one answers by post.
    desk_second_factor: whether an agent sees cases without one.
    desk_undo_seconds: for how long an answer may be taken back before it leaves; 0: it leaves at once.

    By which provider agents sign in, too; without an issuer by none. desk_oidc_issuer: its name, to the letter.
    desk_oidc_client_id, desk_oidc_client_secret: who the desk is there. desk_oidc_label: what agents call it.
    desk_oidc_scope: what is asked for of them. desk_oidc_acr: the values of `acr` that stand for two factors, separated
    by spaces; blank: none does. desk_oidc_help: whom to tell who is not let in.
    """

    kafka: KafkaSettings
    mongo: MongoSettings
    vault: OpeningSettings
    probing: ProbingSettings
    http: HttpSettings
    edge: EdgeSettings
    sector_key: SecretKey
    session_key: SecretKey
    desk_url: AnyHttpUrl
    portal_url: AnyHttpUrl | None = None
    search_files: Path
    desk_second_factor: Literal["required", "optional"] = "required"
    desk_undo_seconds: int = Field(default=10, ge=0, le=120)
    clamav_url: str | None = None
    tesseract: str = "/usr/bin/tesseract"  # where Debian puts it
    desk_oidc_issuer: str | None = Field(default=None, max_length=500)
    desk_oidc_client_id: str | None = Field(default=None, validate_default=True)
    desk_oidc_client_secret: SecretStr | None = Field(default=None, validate_default=True)
    desk_oidc_label: str = Field(default="ProConnect", min_length=1, max_length=60)
    desk_oidc_scope: str = "openid given_name usual_name email uid siret organizational_unit"
    desk_oidc_acr: str = ""
    desk_oidc_help: str = Field(default="votre service informatique", min_length=1, max_length=200)

    @field_validator("desk_oidc_issuer")
    @classmethod
    def _safe(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and not is_safe(value):
            raise ValueError("an identity provider is reached by https (or on this very machine)")
        if value and not is_safe(str(info.data.get("desk_url", ""))):
            raise ValueError("it sends agents back to GUICHET_DESK_URL, which must be https for that")
        return value or None

    @field_validator("desk_oidc_client_id", "desk_oidc_client_secret")
    @classmethod
    def _needed_there(cls, value: T, info: ValidationInfo) -> T:
        if not value and info.data.get("desk_oidc_issuer"):
            raise ValueError("needed, since GUICHET_DESK_OIDC_ISSUER is set")
        return value

    @field_validator("desk_oidc_scope")
    @classmethod
    def _is_of_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("openid must be among them")
        return value
