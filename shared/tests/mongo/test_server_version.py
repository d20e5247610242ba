"""Which MongoDB servers are worked on, and what an operator is told of the others."""

import pytest

from guichet.errors import SettingsError
from guichet.mongo import server_version
from guichet.mongo.server_version import is_patched, require_patched_servers
from guichet.runtime.settings import MongoSettings, VaultSettings
from guichet_local.mongod.server import MongoServer

# From which patch on each series is free of a hole that reaches us, as its record says (cve.org). None: never mended.
HOLES = {
    "CVE-2025-14847": {"4.4": 30, "5.0": 32, "6.0": 27, "7.0": 28, "8.0": 17, "8.2": 3},
    "CVE-2026-6914": {"7.0": 32, "8.0": 21, "8.1": None, "8.2": None},
    "CVE-2026-9740": {"7.0": 35, "8.0": 24, "8.2": 10, "8.3": 3},
}


@pytest.mark.parametrize(
    ("hole", "series", "mended"), [(hole, *each) for hole, series in HOLES.items() for each in series.items()]
)
def test_no_server_with_one_of_these_holes_is_taken(hole, series, mended):
    with_it = range(100 if mended is None else mended)
    assert [patch for patch in with_it if is_patched(f"{series}.{patch}")] == []


@pytest.mark.parametrize(("series", "least"), [("7.0", 35), ("8.0", 24), ("8.3", 3)])
def test_every_living_series_has_a_least_patch_of_its_own(series, least):
    assert [is_patched(f"{series}.{patch}") for patch in (least - 1, least, least + 1)] == [False, True, True]


@pytest.mark.parametrize(
    "version",
    ["3.6.23", "4.4.30", "5.0.33", "6.0.5", "6.0.28", "7.3.4", "8.1.3", "8.2.10", "", "unknown", "8.0", "7.0.35x"],
)
def test_an_ended_series_or_an_unknown_version_is_not_taken(version):
    assert not is_patched(version)


@pytest.mark.parametrize("version", ["8.0.24-ent", "8.0.100", "8.3.10", "8.4.0", "9.0.0", "10.1.2"])
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


@pytest.mark.parametrize(("address", "asked"), [("mongodb://vault.test:27017", 2), (None, 1)])
async def test_the_vaults_own_server_is_asked_as_well_and_a_shared_one_once(monkeypatch, address, asked):
    versions = []

    async def the_vaults_is_old(database):
        versions.append("6.0.5" if asked == len(versions) + 1 else "8.0.24")
        return versions[-1]

    monkeypatch.setattr(server_version, "_version", the_vaults_is_old)
    store = MongoSettings(mongodb_uri="mongodb://store.test:27017", mongodb_old_server="refused")
    with pytest.raises(SettingsError, match=r"version 6\.0\.5"):
        await require_patched_servers(store, VaultSettings(vault_mongodb_uri=address, mongodb_old_server="refused"))
    assert len(versions) == asked
