"""The desk's settings of an identity provider: whole or not at all, and never in the clear on a network."""

import base64

import pytest

from agent_desk.app import client_of
from agent_desk.settings import DeskSettings
from guichet.errors import SettingsError
from guichet.runtime.settings import read_settings

KEY = base64.b64encode(b"k" * 32).decode()
NEEDED = {
    "GUICHET_TOWN": "/town",
    "GUICHET_OBJECTS_URL": "file:///objects",
    "GUICHET_ROOT_KEY_FILE": "/root.key",
    "GUICHET_SECTOR_KEY": KEY,
    "GUICHET_SESSION_KEY": KEY,
    "GUICHET_SIGNING_KEY": KEY,
    "GUICHET_MESSAGE_ID_KEY": KEY,
    "GUICHET_INGEST_PSEUDONYM_KEY": KEY,
    "GUICHET_SEARCH_FILES": "/search",
    "GUICHET_DESK_URL": "https://agents.mairie.example",
}
PROVIDER = {
    "GUICHET_DESK_OIDC_ISSUER": "https://identite.example/api/v2",
    "GUICHET_DESK_OIDC_CLIENT_ID": "guichet",
    "GUICHET_DESK_OIDC_CLIENT_SECRET": "a secret",
}


@pytest.fixture
def read(monkeypatch):
    def read(**more: str) -> DeskSettings:
        for name, value in (NEEDED | more).items():
            monkeypatch.setenv(name, value)
        return read_settings(DeskSettings)

    return read


def test_without_an_issuer_there_is_no_provider(read):
    assert client_of(read()) is None
    assert client_of(read(GUICHET_DESK_OIDC_ISSUER="")) is None


def test_what_follows_from_the_desks_own_address(read):
    client = client_of(read(**PROVIDER, GUICHET_DESK_OIDC_ACR="eidas2 eidas3"))
    assert client is not None
    assert client.redirect_uri == "https://agents.mairie.example/connexion/fournisseur/retour"
    assert client.after_sign_out == "https://agents.mairie.example/connexion"
    assert (client.strong, client.strong_required) == (("eidas2", "eidas3"), True)
    assert "a secret" not in repr(client)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"GUICHET_DESK_OIDC_CLIENT_SECRET": ""}, "GUICHET_DESK_OIDC_CLIENT_SECRET"),
        ({"GUICHET_DESK_OIDC_CLIENT_ID": ""}, "GUICHET_DESK_OIDC_CLIENT_ID"),
        ({"GUICHET_DESK_OIDC_ISSUER": "http://identite.example"}, "GUICHET_DESK_OIDC_ISSUER"),
        ({"GUICHET_DESK_OIDC_ISSUER": "identite.example"}, "GUICHET_DESK_OIDC_ISSUER"),
        ({"GUICHET_DESK_URL": "http://agents.mairie.example"}, "GUICHET_DESK_URL"),
        ({"GUICHET_DESK_OIDC_SCOPE": "profile"}, "GUICHET_DESK_OIDC_SCOPE"),
        ({"GUICHET_DESK_OIDC_LABEL": ""}, "GUICHET_DESK_OIDC_LABEL"),
    ],
)
def test_what_is_half_or_unsafe_is_refused_at_the_start(read, wrong, named):
    with pytest.raises(SettingsError, match=named) as refused:
        read(**PROVIDER | wrong)
    assert "a secret" not in str(refused.value).replace("is a secret, which is wrong", "")
