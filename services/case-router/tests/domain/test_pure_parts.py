"""The small decisions: routing, subjects, names, marks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_router.domain.choose_department import RoutingRules
from case_router.domain.subject import LONGEST_BEGINNING, LONGEST_SUBJECT, choose_subject
from case_router.domain.thread_marks import QUOTED_AT_MOST, is_of_town, read_marks
from case_router.domain.who_wrote import who_is_named
from guichet.contracts.inbound_content import MailThread
from guichet.privacy.pseudonyms import mail_anchor, own_anchor
from guichet.store.messages.document import Direction, MessageDocument
from guichet.town.organisation import MailboxEntry, Rule
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.channels import FACTS
from guichet_testing.builders.inbound import mail_content

CONTACT, CCAS = "contact@mairie.example", "ccas@mairie.example"


@pytest.mark.parametrize(
    ("accounts", "subject", "text", "department", "rule"),
    [
        ((CONTACT,), "NID DE POULE", "", "voirie", "voirie"),
        ((CONTACT,), None, "Un nid-de-poule devant l’École", "scolaire", "scolaire"),  # the town's order decides
        ((CONTACT,), None, "Les trottoirs sont sales", "voirie", "voirie"),  # trottoir*
        ((CONTACT,), None, "Le panneau STOP est tombé", "voirie", "voirie"),
        ((CONTACT,), None, "Patrouille", "accueil", "fallback"),  # “trou” is in it, not as a word
        ((CCAS,), None, "Un trou dans la chaussée", "ccas", "boite-ccas"),
        ((CONTACT, CCAS), None, "Bonjour", "ccas", "boite-ccas"),
        ((CONTACT,), None, "", "accueil", "fallback"),
        ((CONTACT,), "Acte", "de naissance", "etat-civil", "acte-etat-civil"),
    ],
)
def test_a_message_goes_where_the_town_says(town, accounts, subject, text, department, rule):
    routing = RoutingRules(town).choose(accounts, subject, text)
    assert (routing.department, routing.reason.rule) == (department, rule)


@pytest.mark.parametrize(
    ("text", "procedure"),
    [("Un nid de poule", "signalement-voirie"), ("Une aide sociale", "aide-sociale"), ("Bonjour", None)],
)
def test_a_rule_says_what_is_asked_for(town, text, procedure):
    assert RoutingRules(town).choose((CONTACT,), None, text).procedure == procedure


def test_a_mailbox_of_a_department_decides_where_no_rule_does(town):
    mailboxes = {"sports@mairie.example": MailboxEntry(department="vie-associative")}
    routing = RoutingRules(replace(town, mailboxes=mailboxes)).choose(("sports@mairie.example",), None, "Bonjour")
    assert (routing.department, routing.reason.kind) == ("vie-associative", "mailbox")


@pytest.mark.parametrize(
    ("keyword", "text"), [("eau", "Fuite d’EAU"), ("à*", "L’âge"), ("a b", "a, b"), ("ru*", "Rue")]
)
def test_short_keywords_and_open_ones_are_found_too(town, keyword, text):
    rules = (Rule(id="short", keywords=(keyword,), department="ccas"),)
    assert RoutingRules(replace(town, rules=rules)).choose((CONTACT,), None, text).reason.rule == "short"


@given(st.text(max_size=400), st.none() | st.text(max_size=400))
def test_any_words_go_somewhere(town, text, subject):
    assert RoutingRules(town).choose((CONTACT,), subject, text).department in town.departments


@pytest.mark.parametrize(
    ("subject", "text", "chosen"),
    [
        ("Bruit", "Bonjour", "Bruit"),
        (" \n ", "Bonjour à vous", "Bonjour à vous"),
        (None, "a\0b\r\nc", "a b c"),
        (None, "", ""),
        (None, "mot " * 40, f"{'mot ' * 19}mot…"),
        (None, "x" * 200, "x" * 79 + "…"),
    ],
)
def test_a_case_is_called_by_its_subject_or_its_first_words(subject, text, chosen):
    assert choose_subject(subject, text) == chosen


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("/nouvelle Le panneau STOP est tombé", "Le panneau STOP est tombé"),
        (" /NOUVELLE : trottoir cassé", "trottoir cassé"),
        ("Nouvelle  demande", "Nouvelle demande"),  # two blanks: not the town's words
        ("Nouve\u0301lle demande – bruit", "bruit"),
        ("/nouvelle", "/nouvelle"),
        ("/nouvelles du quartier", "/nouvelles du quartier"),
        ("Une /nouvelle", "Une /nouvelle"),
    ],
)
def test_the_word_that_opens_a_case_is_no_part_of_its_subject(text, chosen):
    assert choose_subject(None, text, ["NOUVELLE DEMANDE", "/nouvelle"]) == chosen


@given(st.none() | st.text(), st.text())
def test_a_subject_is_one_short_line(subject, text):
    chosen = choose_subject(subject, text)
    assert len(chosen) <= (LONGEST_SUBJECT if subject and subject.strip() else LONGEST_BEGINNING)
    assert not set(chosen) & {"\n", "\r", "\0", "\t"}


@pytest.mark.parametrize(
    ("display_name", "named"),
    [
        ("Marie Dupont", "marie"),
        ("DUPONT Marie (travail)", "marie"),
        ("Dupont", None),
        ("Marie Jean Dupont", None),  # both
        (None, None),
        ("", None),
    ],
)
def test_a_name_tells_exactly_one_or_nobody(display_name, named):
    assert who_is_named(display_name, {"marie": "Marie Dupont", "jean": "Jean Dupont", "blank": ""}) == named


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        (CONTACT, True),
        ("Contact+2026-7f3k-29q.abc@MAIRIE.example", True),
        ("petite+enfance@mairie.example", True),
        ("petite+enfance+2026-7f3k-29q.abc@mairie.example", True),
        ("contact@ailleurs.example", False),
    ],
)
def test_the_town_s_own_addresses_are_known_tags_included(address, ours):
    assert is_of_town(address, {CONTACT, "petite+enfance@mairie.example"}) is ours


def marks_of(world_keys, **said):
    said = {"message_id": "own@x.example"} | said
    message = MessageDocument.model_validate(
        {
            "_id": "m1",
            "direction": Direction.INBOUND,
            "channel": "email",
            "accounts": (CONTACT,),
            "at": ARRIVED,
            "content": {"key_id": "k", "box": b"AAAA"},
        }
    )
    return read_marks(message, mail_content("alice@courriel.example", **said), FACTS["email"], world_keys, {CONTACT})


def test_anchors_are_claimed_oldest_first_and_looked_up_nearest_first(world):
    key = world.keys.thread
    root, middle, nearest, own = (
        mail_anchor(key, f"{each}@x.example") for each in ("root", "middle", "nearest", "own")
    )
    marks = marks_of(world.keys, references=["root@x.example", "middle@x.example"], in_reply_to=["nearest@x.example"])
    assert marks.oldest_first == (root, middle, nearest, own)
    assert marks.nearest_first == (nearest, middle, root)


def test_a_mail_that_quotes_itself_quotes_nothing(world):
    marks = marks_of(world.keys, references=["own@x.example"], in_reply_to=["own@x.example"])
    assert marks.oldest_first == (marks.own,)
    assert marks.nearest_first == ()


def test_a_mail_without_message_id_is_its_own_anchor(world):
    assert marks_of(world.keys, message_id=None).own == own_anchor(world.keys.thread, "m1")


def test_endless_references_are_cut_and_keep_both_ends(world):
    references = [f"{number}@x.example" for number in range(500)]
    marks = marks_of(world.keys, references=references)
    assert len(marks.oldest_first) == QUOTED_AT_MOST + 1
    assert marks.oldest_first[0] == mail_anchor(world.keys.thread, references[0])
    assert marks.nearest_first[0] == mail_anchor(world.keys.thread, references[-1])


def test_nobody_is_added_by_an_empty_thread():
    assert MailThread().to_addresses == ()


@pytest.mark.parametrize(
    ("procedure", "department", "kind"),
    [("aide-sociale", "ccas", "agent"), (None, "voirie", "keyword"), ("abolished", "voirie", "keyword")],
)
def test_what_an_agent_took_down_goes_to_who_treats_its_procedure(town, procedure, department, kind):
    routing = RoutingRules(town).entered(procedure, (CONTACT,), None, "Un nid de poule")
    assert (routing.department, routing.reason.kind) == (department, kind)
