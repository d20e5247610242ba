from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor.options import ServerOptions

from guichet_local.errors import StartFailedError
from guichet_local.processes.supervisor import LONGEST_SOCKET_PATH, socket_path
from guichet_local.processes.supervisor_config import Program, render

VALUES = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=60)


def read_by_supervisor(folder: Path, text: str) -> dict[str, str]:
    file = folder / "supervisord.conf"
    file.write_text(text)
    options = ServerOptions()
    options.realize(args=["-c", str(file)])
    return options.process_group_configs[0].process_configs[0].environment


@given(value=VALUES)
def test_a_value_arrives_as_it_was_or_is_refused(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    program = Program("a", ["/bin/true"], folder / "a.log", {"KEY": value, "NEXT": "kept"})
    try:
        text = render([program], folder, folder / "s.sock")
    except StartFailedError:
        assert any(character in value for character in "'\";")
        return
    assert read_by_supervisor(folder, text) == {"KEY": value, "NEXT": "kept"}


def test_a_base64_key_and_a_uri_are_written() -> None:
    values = {"KEY": "ab+/cd==", "URI": "mongodb://127.0.0.1:1/?replicaSet=rs0&w=majority", "FILE": "file:///a%20b"}
    text = render([Program("a", ["x"], Path("/l"), values)], Path("/f"), Path("/f/s"))
    assert 'KEY="ab+/cd==",URI="mongodb://127.0.0.1:1/?replicaSet=rs0&w=majority",FILE="file:///a%%20b"' in text


def test_the_socket_moves_where_a_path_is_too_long() -> None:
    assert socket_path(Path("/srv/guichet")) == Path("/srv/guichet/supervisord.sock")
    assert len(str(socket_path(Path("/") / ("a" * 150)))) <= LONGEST_SOCKET_PATH
    assert socket_path(Path("/") / ("a" * 150)) != socket_path(Path("/") / ("b" * 150))
