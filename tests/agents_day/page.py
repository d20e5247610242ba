"""The page of the day, written from what was done. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from tests.agents_day.diary import CLICK_S, HAND_S, KEY_S, POINT_S, Step, total
from tests.agents_day.zammad import Documented

BEGINS, ENDS = "<!-- the day: written by make agents-day -->\n", "<!-- end of the day -->"
HEAD: Final = "| step | keys | characters written | a person’s seconds | the machine’s |\n|---|--:|--:|--:|--:|"
_ROW: Final = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)


def render(steps: Sequence[Step], ways: Mapping[str, Documented], remarks: Sequence[str]) -> str:
    """Return the tables: every step, the sum, and what is compared with what another desk documents."""
    lines = [HEAD, *(_row(each) for each in steps), _row(total(steps, "**all**")), ""]
    lines += [f"- {each}" for each in remarks]
    return "\n".join([*lines, "", *_beside(steps, ways)])


def _row(step: Step) -> str:
    return f"| {step.name} | {step.acts} | {step.words} | {step.person_s:.1f} | {step.machine_s:.1f} |"


def _beside(steps: Sequence[Step], ways: Mapping[str, Documented]) -> list[str]:
    done = {each.name: each for each in steps}
    lines = [
        "| act, without the words that are written | here: keys | seconds | Zammad: clicks, hovers, keys | seconds | what its pages say |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for name, documented in ways.items():
        ours, way = done[name], documented.way
        where = ", ".join(f"[{address.rpartition('/')[2]}]({address})" for address in documented.pages)
        counts = f"{way.clicks}, {way.hovers}, {way.keys}"
        lines.append(
            f"| {name} | {ours.acts} | {ours.acts_s:.1f} | {counts} | {way.seconds:.1f} | {documented.said} ({where}) |"
        )
    method = (
        f"A key {KEY_S} s, pointing {POINT_S} s, a click {CLICK_S} s, a hand from keys to mouse {HAND_S} s "
        "(keystroke-level model)."
    )
    return [*lines, "", method]


def read_steps(page: str) -> list[Step]:
    """Return the steps that a page tells of, without the sum."""
    return [
        Step(name, int(acts), int(words), float(machine))
        for name, acts, words, _, machine in _ROW.findall(page)
        if not name.startswith("**")
    ]


def written(page: str, text: str) -> str:
    """Return the page with the text between its markers."""
    between = re.compile(f"{re.escape(BEGINS)}.*?{re.escape(ENDS)}", re.DOTALL)
    return between.sub(lambda _: f"{BEGINS}\n{text}\n\n{ENDS}", page, count=1)
