"""A link's three values lead neither to each other nor to the secret, and open nothing but what is theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.errors import TamperedError
from guichet.privacy.follow_link import (
    SECRET_BYTES,
    FollowLink,
    QuestionLink,
    new_follow_link,
    read_follow_link,
    read_question_link,
)

links = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES).map(FollowLink)


@given(links)
def test_a_token_reads_back_and_fits_in_an_address(link: FollowLink) -> None:
    assert read_follow_link(link.token) == link
    assert len(link.token) == 32
    assert link.token.replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_no_link(text: str) -> None:
    link = read_follow_link(text)
    assert link is None or link.token == text


@pytest.mark.parametrize(
    "text", ["", "x", "é" * 32, "A" * 31, "A" * 33, "A" * 31 + "=", "A" * 31 + "/", "A" * 32 + "\n"]
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert read_follow_link(text) is None


@given(links, links)
def test_two_links_share_no_value(one: FollowLink, other: FollowLink) -> None:
    if one != other:
        assert one.lookup != other.lookup
        assert one.proof("c") != other.proof("c")
        assert not other.proves("c", one.proof("c"))


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_a_question_s_link_is_of_another_family(secret: bytes) -> None:
    follow, question = FollowLink(secret), QuestionLink(secret)
    assert read_question_link(question.token) == question
    assert follow.lookup != question.lookup
    assert not follow.proves("c", question.proof("c"))
    with pytest.raises(TamperedError):
        follow.open(question.seal(b"a form", "case"), "case")


@given(links, st.text(), st.text())
def test_a_proof_is_of_one_command(link: FollowLink, command: str, other: str) -> None:
    assert link.proves(command, link.proof(command))
    assert link.proves(other, link.proof(command)) is (command == other)


@given(links, st.text(max_size=40))
def test_no_value_is_part_of_another(link: FollowLink, command: str) -> None:
    values = [link.secret, bytes.fromhex(link.lookup), link.proof(command), link._derived("view")]
    assert len({value[:8] for value in values}) == len(values)


@given(links, links, st.binary(), st.text(), st.text())
def test_a_page_opens_by_its_link_and_beside_its_own_values_only(
    link: FollowLink, other: FollowLink, plain: bytes, case: str, another: str
) -> None:
    box = link.seal(plain, case, "1")
    assert link.open(box, case, "1") == plain
    for opener, bound in ((other, (case, "1")), (link, (another, "1")), (link, (case, "2")), (link, (case + "1",))):
        if opener == link and bound == (case, "1"):
            continue
        if opener == other == link:
            continue
        with pytest.raises(TamperedError):
            opener.open(box, *bound)


@given(links, st.binary(max_size=80))
def test_any_other_bytes_are_refused(link: FollowLink, box: bytes) -> None:
    with pytest.raises(TamperedError):
        link.open(box, "case", "1")


def test_links_are_random_and_show_no_secret() -> None:
    made = [new_follow_link() for _ in range(200)]
    assert len({link.secret for link in made}) == 200
    assert "secret" not in repr(made[0])
    assert made[0].token not in repr(made[0])
