"""Which mails are one, brought by two routes of which one added a banner; and which only look so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.route_copies import LONGEST_TAG, MOST_ADDED, AddedLines, added_lines, are_copies
from guichet_testing.builders.inbound import mail_content

WORDS = "Bonjour,\n\nle lampadaire de la rue des Lilas est éteint.\n\nMerci,\nAlice"
BANNER = "ATTENTION : ce courriel vient de l'extérieur.\nNe cliquez sur aucun lien."
WRITTEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LINES = st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30), max_size=6)


def mail(text: str = WORDS, **said: Any) -> InboundContent:
    said = {"message_id": "m@courriel.example", "written_at": WRITTEN, "display_name": "Alice"} | said
    return mail_content("alice@courriel.example", text=text, **said)


@pytest.mark.parametrize(
    ("longer", "added"),
    [
        (f"{BANNER}\n\n{WORDS}", AddedLines(tuple(BANNER.splitlines()))),
        (f"{WORDS}\n--\n{BANNER}", AddedLines((), ("--", *BANNER.splitlines()))),
        (f"[EXT]\n{WORDS}\n[EXT]", AddedLines(("[EXT]",), ("[EXT]",))),
        (WORDS, AddedLines()),
        (WORDS.replace("\n", "\r\n\r\n ").replace("rue des", "rue\r\ndes"), AddedLines()),
    ],
)
def test_what_one_has_more_is_told_line_by_line(longer: str, added: AddedLines) -> None:
    assert added_lines(longer, WORDS) == added
    assert are_copies(mail(longer), mail())
    assert are_copies(mail(), mail(longer))


@pytest.mark.parametrize(
    "other",
    [
        WORDS.replace("Lilas", "Roses"),
        WORDS.replace("est éteint", "n'est pas éteint"),  # in the middle
        f"Je retire ceci : {WORDS}",  # no whole line
        f"{WORDS} Non.",
        WORDS.partition("Merci")[0],  # too short, but contained: see below
        "x" * (MOST_ADDED + 1) + "\n" + WORDS,
    ],
)
def test_other_words_are_another_mail(other: str) -> None:
    kept = other in WORDS
    assert are_copies(mail(other), mail()) is kept
    assert are_copies(mail(), mail(other)) is kept


@pytest.mark.parametrize(
    "said",
    [
        {"message_id": "n@courriel.example"},
        {"written_at": WRITTEN + timedelta(seconds=1)},
        {"reply_to": "mallory@ailleurs.example"},
        {"references": ["a@courriel.example"]},
        {"in_reply_to": ["a@courriel.example"]},
        {"display_name": "Mallory"},
        {"files_digest": "f" * 64},
        {"attachment_names": {"f": "scan.pdf"}},  # of before files had a digest
        {"subject": "x" * (LONGEST_TAG + 1) + "Question"},
        {"subject": "Réponse"},
    ],
)
def test_another_head_subject_or_file_is_another_mail(said: dict[str, Any]) -> None:
    assert are_copies(mail(), mail())
    assert not are_copies(mail(), mail(**said))
    assert not are_copies(mail(**said), mail())


@pytest.mark.parametrize("subject", ["[EXTERNE] Question", "*** SPAM ***  Question", "Question [EXT]"])
def test_a_tag_in_the_subject_makes_no_other_mail(subject: str) -> None:
    assert are_copies(mail(subject=subject), mail(f"{BANNER}\n{WORDS}"))


def test_mails_without_words_are_one_only_by_their_files() -> None:
    assert not are_copies(mail(""), mail(""))
    assert not are_copies(mail(BANNER), mail(""))
    files = {"attachment_names": {"f": "photo.jpg"}, "files_digest": "f" * 64}
    assert are_copies(mail(BANNER, **files), mail("", **files))


@given(words=LINES, before=LINES, after=LINES)
def test_whole_lines_around_all_words_are_found(words: list[str], before: list[str], after: list[str]) -> None:
    longer = "\n".join((*before, *words, *after))
    found = added_lines(longer, "\n".join(words))
    assert found is not None
    assert "".join((*found.before, *words, *found.after)) == longer.replace("\n", "")
    assert sum(map(len, found.all)) == sum(map(len, (*before, *after)))


@given(longer=st.text(max_size=60), shorter=st.text(max_size=60))
def test_nothing_of_the_shorter_is_ever_missing(longer: str, shorter: str) -> None:
    found = added_lines(longer, shorter)
    if found is not None:
        bare = ["".join("".join(part).split()) for part in (found.before, (shorter,), found.after)]
        assert "".join(bare) == "".join(longer.split())


def test_a_text_made_to_cost_costs_little() -> None:
    many = "a\n" * 500_000
    begun = datetime.now(UTC)
    assert added_lines(many + "b\n" * 2 + "a\n" * 500, many + "b\n" * 3) is None
    assert datetime.now(UTC) - begun < timedelta(seconds=5)
