"""All questions, in the order in which they are asked; what comes depends on what was answered. Pure."""

from collections.abc import Iterator
from datetime import date

from guichet.contracts.channels import KnownChannels
from guichet_cli.town.questions.of_agents import of_agents
from guichet_cli.town.questions.of_channels import of_channels, takes_mail
from guichet_cli.town.questions.of_costs import of_costs
from guichet_cli.town.questions.of_departments import of_departments
from guichet_cli.town.questions.of_intake import of_intake, of_relay
from guichet_cli.town.questions.of_town import of_addresses, of_responsibility, of_town
from guichet_cli.town.questions.question import Given, Question


def questions(given: Given, known: KnownChannels, today: date) -> Iterator[Question]:
    """Yield them. Each must be answered in `given` before the next one is asked for."""
    yield from of_town(given)
    yield from of_departments(given)
    yield from of_agents(given)
    yield from of_channels(given, known)
    yield from of_costs(given, known)
    if takes_mail(given, known):
        yield from of_intake(given, today)
    yield from of_relay(given)
    yield from of_responsibility(given)
    yield from of_addresses(given)
