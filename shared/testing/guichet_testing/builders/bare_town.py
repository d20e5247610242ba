"""A town of one mailbox and one department, which lies in no folder: what a channel's tests need of a town."""

from datetime import timedelta
from pathlib import Path

import jinja2

from guichet.contracts.channels import ChannelFacts, KnownChannels
from guichet.ids import DepartmentId
from guichet.law.territories import Territory
from guichet.town.policies import ChannelPolicy
from guichet.town.privacy_notice import NoticeSection, PrivacyNotice
from guichet.town.staff.staff import Staff
from guichet.town.texts import TEMPLATES, Texts, TextTemplate
from guichet.town.town import Town
from guichet.town.town_texts import TownTexts


def bare_town(*channels: ChannelFacts) -> Town:
    """Return a town that switched these channels on."""
    return Town(
        name="Exemple",
        main_mailbox="mairie@exemple.test",
        dpo=None,
        mailboxes={},
        sectors={},
        departments={},
        fallback_department=DepartmentId("accueil"),
        staff=Staff(()),
        procedures={},
        rules=(),
        channels={each.name: ChannelPolicy() for each in channels},
        facts=KnownChannels({each.name: each for each in channels}),
        texts=TownTexts(Texts(**{name: _blank(name) for name in TEMPLATES})),
        privacy_notice=PrivacyNotice(title="Vos données", sections=(NoticeSection(title="Qui", paragraphs=("…",)),)),
        territory=Territory.METROPOLITAN,
        reopen_within=timedelta(days=90),
        follow_links_last=timedelta(days=90),
        abuse_lasts=timedelta(days=90),
        terms=None,
    )


def _blank(name: str) -> TextTemplate:  # type: ignore[type-arg]  # of any values: it names none
    return TextTemplate(Path(f"{name}.txt"), jinja2.Template(name))
