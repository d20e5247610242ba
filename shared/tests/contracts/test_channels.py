"""What the product knows of each channel: none is left out without a word."""

import time

import pytest
from pydantic import ValidationError

from guichet.contracts.channels import LONGEST_ADDRESS, AddressKind, ChannelFacts, Form, KnownChannels
from guichet.contracts.topics import INBOUND_THIRD_PARTY
from guichet_testing.builders.channels import FACTS

BY_VOICE_OR_PAPER = {"phone", "letter", "counter"}
ON_PAPER = {"name": "pigeon", "title": {"fr": "Pigeon", "en": "Pigeon"}, "icon": "M0 0", "provider": "pigeon"}
KIND = {"name": "ring", "title": {"fr": "Bague", "en": "Ring"}, "example": "FR-1"}


def test_a_channel_is_electronic_unless_it_is_by_voice_or_on_paper():
    assert {channel for channel, facts in FACTS.items() if not facts.is_electronic} == BY_VOICE_OR_PAPER


def test_what_can_be_answered_has_all_that_an_answer_needs():
    for channel, facts in FACTS.items():
        if facts.is_electronic:
            assert facts.kind is not None, channel
            assert facts.lane, channel
            assert FACTS[facts.answered_on].answered_on == facts.answered_on, (
                f"{channel} is answered on another's channel"
            )


def test_who_spoke_or_wrote_on_paper_is_answered_by_mail_and_owed_no_receipt():
    assert {FACTS.reaching(channel).name for channel in BY_VOICE_OR_PAPER} == {"email"}
    assert all(FACTS.reaching(channel).name == channel for channel, facts in FACTS.items() if facts.is_electronic)
    assert FACTS.reaching("never-heard-of").answered_on is None


def test_no_channel_of_guichet_comes_in_where_third_parties_write():
    assert "telegram" in FACTS
    assert INBOUND_THIRD_PARTY.name not in {facts.topic for facts in FACTS.values()}


def test_short_messages_alone_have_a_limit():
    assert {facts.form for facts in FACTS.values() if facts.longest is not None} == {Form.SHORT}
    assert all(facts.longest for facts in FACTS.values() if facts.form is Form.SHORT)


def test_a_channel_that_nobody_knows_has_no_electronic_way_back():
    unknown = KnownChannels({})["pigeon"]
    assert (unknown.title.fr, unknown.is_electronic, unknown.lane) == ("pigeon", False, None)


@pytest.mark.parametrize("of_pigeon", [True, False])
def test_guichets_own_words_for_a_kind_of_address_win(of_pigeon):
    told = ChannelFacts.model_validate(ON_PAPER | {"kind": KIND | {"name": "email"}})
    order = {"pigeon": told, **FACTS} if of_pigeon else {**FACTS, "pigeon": told}
    assert KnownChannels(order, ["pigeon"]).kinds == FACTS.kinds


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"answered_on": "pigeon"}, "needs the kind of address"),
        ({"answered_on": "pigeon", "kind": KIND}, "the form of a letter"),
        ({"answered_on": "pigeon", "kind": KIND, "form": "short"}, "needs `longest`"),
        ({"answered_on": "pigeon", "kind": KIND, "form": "mail", "longest": 500}, "only a short one has it"),
        ({"name": "Pigeon Voyageur"}, "pattern"),
        ({"colour": "grey"}, "Extra inputs"),
        ({"account": {"local": {"GUICHET_ROOT_KEY_FILE": "/tmp/key"}}}, "no variable of its provider's"),
        ({"account": {"sender_reads": ["GUICHET_KAFKA_"]}}, "no variable of its provider's"),
        ({"account": {"local": {"GUICHET_PIGEON_TOKEN": "{moon}"}}}, "pattern"),
        ({"account": {"local": {"GUICHET_PIGEON_TOKEN": "{hex:32}@{host}"}}}, "pattern"),
        ({"sending": {"per_second": 1e-20}}, "per_second"),
        ({"sending": {"per_recipient": 1e-20}}, "per_recipient"),
        ({"sending": {"burst": 10**9}}, "burst"),
        ({"sending": {"settle_after": "P999999999D"}}, "settle_after"),
        ({"sending": {"settle_after": "-PT1S"}}, "settle_after"),
        ({"failures": {"Too Far": {"fr": "loin", "en": "far"}}}, "pattern"),
        ({"kind": KIND | {"name": "email"}, "vouched_by": "provider"}, "no provider vouches for a mailbox"),
    ],
)
def test_what_a_channel_leaves_out_or_invents_is_a_mistake(more, why):
    with pytest.raises(ValidationError, match=why):
        ChannelFacts.model_validate(ON_PAPER | more)


def a_kind(pattern: str) -> AddressKind:
    return AddressKind.model_validate(
        {"name": "pigeon", "title": {"fr": "bague", "en": "ring"}, "pattern": pattern, "example": "x"}
    )


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "unclosed group"),
        ("a)|(b", "unopened group"),
        ("(?=a)b", "look-around"),
        (r"(a)\1", "backreferences are not supported"),
        ("((a{1,100}){1,100}){1,100}", "exceeds size limit"),
        ("a" * 201, "at most 200 characters"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_where_it_is_written(pattern, why):
    with pytest.raises(ValidationError, match=why):
        a_kind(pattern)


@pytest.mark.parametrize("pattern", ["([a-z]+)+!", "(a|aa)+!", "(a|a?)+!", "(.*a){20}!"])
def test_no_pattern_runs_away(pattern):
    """Python's own engine takes 11 seconds for 24 letters of the first, and twice as long for each more."""
    kind, began = a_kind(pattern), time.process_time()
    assert not kind.matches("a" * LONGEST_ADDRESS)
    assert time.process_time() - began < 1


def test_an_address_is_matched_whole_and_no_longer_than_one_is():
    kind = a_kind("[a-z]+|[0-9]+")
    assert kind.matches("perrine")
    assert kind.matches("a" * LONGEST_ADDRESS)
    for wrong in ("perrine7", "7perrine", "perrine\n", "\nperrine", "a" * (LONGEST_ADDRESS + 1), ""):
        assert not kind.matches(wrong), wrong
