"""Which MongoDB servers are worked on, and what an operator is told of the others."""

import pytest

from guichet.errors import SettingsError
from guichet.runtime.settings import MongoSettings, VaultSettings
from guichet.store.patched_servers import is_patched
from guichet.store.server_version import require_patched_servers
from guichet_local.mongod import MongoServer


@pytest.mark.parametrize(
    "version",
    ["3.6.23", "6.0.5", "6.0.27", "7.0.31", "8.0.20", "8.1.2", "8.2.2", "7.3.4", "", "unknown", "8.0", "7.0.32x"],
)
def test_an_old_a_holed_or_an_unknown_version_is_not_taken(version):
    assert not is_patched(version)


@pytest.mark.parametrize("version", ["7.0.32", "8.0.21", "8.0.21-ent", "8.0.100", "8.2.3", "8.3.0", "9.0.0", "10.1.2"])
def test_a_patched_or_a_later_version_is_taken(version):
    assert is_patched(version)


@pytest.mark.real
@pytest.mark.parametrize("where", ["the store", "the vault"])
async def test_an_unpatched_server_is_refused_and_the_operator_told_what_to_do(mongo_server: MongoServer, where):
    uri, refused = mongo_server.uri, "refused"
    settings = (
        MongoSettings(mongodb_uri=uri, mongodb_old_server=refused)
        if where == "the store"
        else VaultSettings(vault_mongodb_uri=uri, mongodb_old_server=refused)
    )
    with pytest.raises(SettingsError, match=r"version 6\.0\.5.*Upgrade it.*GUICHET_MONGODB_OLD_SERVER=accepted"):
        await require_patched_servers(settings)


@pytest.mark.real
async def test_an_operator_may_accept_it(mongo_server: MongoServer):
    await require_patched_servers(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_old_server="accepted"))
