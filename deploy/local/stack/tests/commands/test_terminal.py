import io
from pathlib import Path

from rich.console import Console

from guichet.town.third_parties import ThirdParty
from guichet_local.commands.status import PartStatus
from guichet_local.commands.terminal import Terminal, sign_in_names
from guichet_local.plan.addresses import addresses_of, titles_of
from guichet_local.plan.ports import fixed_plan
from guichet_testing.town.services import ACCOUNTS
from guichet_topology.ports import PORTS


def shown(act) -> str:
    out = io.StringIO()
    act(Terminal(Console(file=out, width=120, markup=False, highlight=False)))
    return out.getvalue()


def test_the_table_names_every_door() -> None:
    text = shown(lambda terminal: terminal.addresses(addresses_of(dict(PORTS), {}), titles_of(ACCOUNTS)))
    assert "SMS and WhatsApp webhooks" in text
    assert "Telegram webhooks" in text
    assert "App webhook webhooks" not in text
    for address in ("http://127.0.0.1:8000", "http://127.0.0.1:8003", "127.0.0.1:8024", "127.0.0.1:9092"):
        assert address in text


def test_the_table_names_the_webhook_of_another_package_s_channel() -> None:
    parties = [
        ThirdParty("pigeon", ("pigeon",), takes_in=True, sends=True),
        ThirdParty("fax", ("fax",), takes_in=False, sends=True),
    ]
    ports = fixed_plan({}, [*ACCOUNTS, *parties])
    addresses, titles = addresses_of(ports, {}), titles_of([*ACCOUNTS, *parties])
    text = shown(lambda terminal: terminal.addresses(addresses, titles))
    [row] = [line for line in text.splitlines() if "pigeon webhooks (another package's)" in line]
    assert f"http://127.0.0.1:{ports['ingest-pigeon']} " in row
    assert "fax" not in text


def test_the_users_own_server_is_shown_without_its_password() -> None:
    own = {"GUICHET_MONGODB_URI": "mongodb://guichet:geheim@db.mairie.example/?replicaSet=rs0"}
    assert "geheim" not in str(addresses_of(dict(PORTS), own))
    assert addresses_of(dict(PORTS), own)["mongodb"] == "db.mairie.example"


def test_agents_are_named_and_their_passwords_are_not(tmp_path: Path) -> None:
    file = tmp_path / "agents.txt"
    file.write_text("# sign-in name, password\na.petit geheim-1\nb.roux geheim-2\n")
    text = shown(lambda terminal: terminal.agents(file))
    assert "a.petit, b.roux" in text
    assert str(file) in text
    assert "geheim" not in text
    assert "docs/profiles-and-sign-in.md" in text


def test_an_error_is_shown_as_it_is() -> None:
    assert "[Errno 28] full" in shown(lambda terminal: terminal.error("[Errno 28] full"))


def test_comments_and_blank_lines_are_no_names() -> None:
    assert sign_in_names("# who\n\na.petit x\n") == ["a.petit"]


def test_the_status_of_a_part_fits_a_narrow_terminal() -> None:
    part = PartStatus("citizen-sandbox", "exited (status 75)", "no", "18:32:07", "http://127.0.0.1:8003")
    out = io.StringIO()
    Terminal(Console(file=out, width=80)).parts([part], Path("/srv/logs"))
    for text in ("citizen-sandbox", "exited (status 75)", "http://127.0.0.1:8003", "/srv/logs/<part>.log"):
        assert text in out.getvalue()
