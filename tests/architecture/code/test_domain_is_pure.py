"""What a service decides is pure, and what a channel reads: a domain imports nothing that reaches a server, a file or a browser.

Values and ports of the store are allowed, and so are pure libraries.
"""

from typing import Final

import grimp
import pytest

DOMAINS: Final = (
    "agent_desk.domain",
    "case_router.domain",
    "citizen_portal.domain",
    "gdpr_worker.domain",
    "guichet_mail.read",
    "guichet_telegram.read",
    "guichet_twilio.read",
    "notifier.domain",
    "ops_console.domain",
)
DRIVERS: Final = {"aiokafka", "aiosmtplib", "fastapi", "faust", "httpx", "motor", "pymongo", "starlette"}
ROOMS: Final = ("guichet.kafka", "guichet.mongo", "guichet.vault.mongo_vault", "guichet.runtime.settings")


def graph_of(domain: str) -> grimp.ImportGraph:
    return grimp.build_graph(domain.partition(".")[0], "guichet", include_external_packages=True, cache_dir=None)


def impure(graph: grimp.ImportGraph, domain: str) -> set[tuple[str, str]]:
    """Return which file of the domain imports what it must not."""
    return {
        (importer, imported)
        for importer in graph.find_descendants(domain)
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported in DRIVERS or imported.startswith(ROOMS)
    }


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_reaches_no_server(domain: str) -> None:
    graph = graph_of(domain)
    assert graph.find_descendants(domain)
    assert impure(graph, domain) == set()


def test_an_import_that_reaches_one_is_found() -> None:
    graph = graph_of("agent_desk.domain")
    for imported in ("motor", "guichet.mongo.client", "guichet.kafka.produce.publisher"):
        graph.add_import(importer="agent_desk.domain.cases.abuse", imported=imported)
    assert {imported for _, imported in impure(graph, "agent_desk.domain")} == {
        "motor",
        "guichet.mongo.client",
        "guichet.kafka.produce.publisher",
    }
