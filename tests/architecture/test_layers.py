"""Inside a service imports run one way: __main__ → app → entry → handlers → domain.

A service in folders says by the folder which layer a file is of; in a flat one handlers import all other files.
"""

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
    "ingest_sms.handlers.catch_up",
}
HANDLERS_BY_OTHER_NAMES = {
    "agent_desk.changing_password",
    "agent_desk.enrolling",
    "agent_desk.reading",
    "agent_desk.second_step",
    "agent_desk.signing_in",
    "citizen_portal.following",
    "citizen_portal.readings",
    "notifier.handlers.announce_changes",
    "notifier.handlers.end_links",
    "notifier.entry.lane",
    "notifier.handlers.watch_deliveries",
}
MAIN, APP, ENTRY, HANDLERS, REST = range(5)
FOLDERS = {"entry": ENTRY, "handlers": HANDLERS, "domain": REST}
IN_FOLDERS = {  # and what lies at the root beside the folders
    "case_router": {"__main__", "app", "settings", *FOLDERS},
    "gdpr_worker": {"__main__", "app", "settings", *FOLDERS},
}


def layer_of(module: str) -> int:
    service, *path = module.split(".")
    name = path[-1] if path else ""
    if service in IN_FOLDERS and path and path[0] in FOLDERS:
        return FOLDERS[path[0]]
    if service in IN_FOLDERS and name == "settings":  # passed down, in parts
        return APP
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


@pytest.mark.parametrize(
    ("importer", "imported"),
    [("domain.keys", "handlers.gather"), ("handlers.gather", "entry.agents"), ("entry.agents", "settings")],
)
def test_an_import_from_a_folder_above_is_found(importer: str, imported: str) -> None:
    graph = grimp.build_graph("case_router", cache_dir=None)
    graph.add_import(importer=f"case_router.{importer}", imported=f"case_router.{imported}")
    assert imports_upwards(graph) == [f"case_router.{importer} imports case_router.{imported}"]


@pytest.mark.parametrize("service", IN_FOLDERS)
def test_nothing_else_lies_beside_the_folders(service: str) -> None:
    graph = grimp.build_graph(service, cache_dir=None)
    assert {child.rpartition(".")[2] for child in graph.find_children(service)} == IN_FOLDERS[service]


def test_every_service_is_looked_at_and_every_named_file_is_there() -> None:
    modules = {module for service in SERVICES for module in grimp.build_graph(service, cache_dir=None).modules}
    assert modules >= ENTRIES_BY_OTHER_NAMES | HANDLERS_BY_OTHER_NAMES
    unnamed = {module for module in modules if module.endswith("_pages")} - ENTRIES_BY_OTHER_NAMES
    assert unnamed == set()
