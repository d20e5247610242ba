"""Inside a service imports run one way: __main__ → app → entry → handlers → all other files."""

import grimp
import pytest

SERVICES = (
    "agent_desk",
    "case_router",
    "citizen_portal",
    "gdpr_worker",
    "ingest_email",
    "ingest_sms",
    "ingest_social",
    "notifier",
    "ops_console",
)
ENTRIES = {"agents", "webhook", "mailbox", "pages"}
ENTRIES_BY_OTHER_NAMES = {
    "agent_desk.case_pages",
    "agent_desk.code_pages",
    "agent_desk.command_pages",
    "agent_desk.door",
    "agent_desk.file_pages",
    "agent_desk.live_pages",
    "agent_desk.password_pages",
    "agent_desk.refusal_pages",
    "agent_desk.second_factor_pages",
    "agent_desk.sign_in_pages",
    "ingest_sms.catching_up",
}
HANDLERS_BY_OTHER_NAMES = {
    "agent_desk.changing_password",
    "agent_desk.enrolling",
    "agent_desk.reading",
    "agent_desk.second_step",
    "agent_desk.signing_in",
    "case_router.entry.sweeper",
    "citizen_portal.following",
    "citizen_portal.readings",
    "notifier.announcing",
    "notifier.ended_links",
    "notifier.lane",
    "notifier.outstanding",
}
MAIN, APP, ENTRY, HANDLERS, REST = range(5)


def layer_of(module: str) -> int:
    name = module.rpartition(".")[2]
    if name in ("__main__", "app"):
        return MAIN if name == "__main__" else APP
    if name in ENTRIES or module in ENTRIES_BY_OTHER_NAMES:
        return ENTRY
    return HANDLERS if name == "handlers" or module in HANDLERS_BY_OTHER_NAMES else REST


def imports_upwards(graph: grimp.ImportGraph) -> list[str]:
    return sorted(
        f"{importer} imports {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if layer_of(imported) < layer_of(importer)
    )


@pytest.mark.parametrize("service", SERVICES)
def test_no_file_imports_one_of_a_layer_above(service: str) -> None:
    assert imports_upwards(grimp.build_graph(service, cache_dir=None)) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("handlers", "agents"),
        ("intents", "handlers"),
        ("agents", "app"),
        ("wording", "outstanding"),
        ("app", "__main__"),
    ],
)
def test_an_import_upwards_is_found(importer: str, imported: str) -> None:
    graph = grimp.build_graph("notifier", cache_dir=None)
    graph.add_import(importer=f"notifier.{importer}", imported=f"notifier.{imported}")
    assert imports_upwards(graph) == [f"notifier.{importer} imports notifier.{imported}"]


def test_every_service_is_looked_at_and_every_named_file_is_there() -> None:
    modules = {module for service in SERVICES for module in grimp.build_graph(service, cache_dir=None).modules}
    assert modules >= ENTRIES_BY_OTHER_NAMES | HANDLERS_BY_OTHER_NAMES
    unnamed = {module for module in modules if module.endswith("_pages")} - ENTRIES_BY_OTHER_NAMES
    assert unnamed == set()
