"""How much comes to an invented town on which day of a year, by which channel, on what and from where. Pure.

The expected volume of a day, channel, category and district is a product of factors, written in `weight`; messages are
drawn from it, so that their number is exact and their days vary by chance. It follows the season of each category, the
weekday, opening hours, public holidays and August, a storm, two one-day outages of a channel, and an election week.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from tests.year.generator import paris

# Category: share of a year's messages, and how January to December differ (1 = the same all year).
CATEGORIES: dict[str, tuple[float, tuple[float, ...]]] = {
    "pothole": (8, (1.4, 1.6, 1.5, 1.2, 0.9, 0.8, 0.6, 0.5, 0.8, 0.9, 1.0, 1.2)),
    "street_light": (6, (1.6, 1.4, 1.1, 0.8, 0.6, 0.5, 0.4, 0.5, 0.8, 1.2, 1.6, 1.7)),
    "illegal_dumping": (14, (0.8, 0.8, 1.0, 1.1, 1.2, 1.3, 1.2, 1.0, 1.1, 1.0, 0.8, 0.8)),
    "graffiti": (4, (0.9, 0.9, 1.0, 1.0, 1.1, 1.1, 1.1, 0.9, 1.0, 1.1, 1.0, 0.9)),
    "tree": (5, (0.8, 0.9, 1.1, 1.2, 1.3, 1.2, 0.9, 0.8, 1.0, 1.2, 1.1, 0.7)),
    "drain": (5, (1.3, 1.2, 1.1, 0.9, 0.8, 0.7, 0.6, 0.7, 0.9, 1.2, 1.4, 1.3)),
    "civil_status": (14, (1.0, 1.0, 1.1, 1.1, 1.1, 1.2, 0.8, 0.6, 1.1, 1.0, 1.0, 0.9)),
    "identity_card": (14, (0.9, 1.1, 1.3, 1.4, 1.4, 1.2, 0.8, 0.5, 0.9, 0.8, 0.8, 0.8)),
    "school_meals": (10, (0.9, 0.8, 0.9, 0.9, 1.0, 1.6, 0.9, 1.2, 1.9, 0.8, 0.7, 0.6)),
    "social_aid": (8, (1.3, 1.2, 1.0, 0.9, 0.9, 0.9, 0.8, 0.7, 1.0, 1.1, 1.2, 1.2)),
    "bulky_waste": (7, (0.8, 0.8, 1.0, 1.2, 1.2, 1.3, 1.2, 1.0, 1.1, 0.9, 0.7, 0.7)),
    "noise": (4, (0.6, 0.6, 0.8, 1.0, 1.3, 1.6, 1.7, 1.5, 1.1, 0.8, 0.6, 0.7)),
    "elections": (1, (1.0,) * 12),
}
CHANNELS = {"email": 36, "portal": 20, "phone": 20, "sms": 6, "counter": 8, "letter": 5, "whatsapp": 3, "telegram": 2}
DISTRICTS = {
    "Les Hauts-Vents": 9, "La Lande": 8, "Beaulieu": 12, "Le Port": 13, "Centre-Bourg": 20, "Les Tilleuls": 13,
    "Saint-Guénolin": 7, "La Saline": 10, "Les Grands-Prés": 8,
}  # fmt: skip
"""Inhabitants, in share."""
AUGUST = 0.7  # people are away between 1 and 20 August, whatever they would ask for

STORM_CATEGORY, STORM_FACTOR = "tree", 20.0
ELECTION_FACTORS = {"elections": 40.0, "civil_status": 1.8, "identity_card": 2.2}
AFTER_OUTAGE = 1.5  # those who could not write come back the next day


@dataclass(frozen=True)
class Events:
    """What happens on which day."""

    storm: date
    storm_district: str
    outages: dict[date, str]  # day: channel
    election_days: frozenset[date]


def plan(rng: random.Random, year: int) -> Events:
    """Choose the days of the year on which something happens, no two on one day."""
    vote = second_sunday(year, rng.choice((3, 6)))
    week = frozenset(vote - timedelta(days=days) for days in range(7))
    storm = date(year, 1, 1)
    while paris.is_off(storm):
        storm = date(year, rng.choice((1, 2, 11, 12)), rng.randint(2, 27))
    taken = {storm} | week
    outages: dict[date, str] = {}
    for channel in ("email", "portal"):
        day = storm
        while day in taken or paris.is_off(day) or day.weekday() > 3:
            day = date(year, rng.randint(4, 10), rng.randint(1, 28))
        outages[day] = channel
        taken |= {day, day + timedelta(days=1)}
    return Events(storm, rng.choice(list(DISTRICTS)), outages, week)


def second_sunday(year: int, month: int) -> date:
    """The second Sunday of a month, on which France likes to vote."""
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7)


def weight(day: date, channel: str, category: str, district: str, events: Events) -> float:
    """Expected volume, up to a constant, of a day, a channel, a category and a district."""
    if events.outages.get(day) == channel:
        return 0.0
    share, months = CATEGORIES[category]
    volume = share * months[day.month - 1] * CHANNELS[channel] * DISTRICTS[district] * paris.day_weight(channel, day)
    if day.month == 8 and day.day <= 20:
        volume *= AUGUST
    if day == events.storm and category == STORM_CATEGORY and district == events.storm_district:
        volume *= STORM_FACTOR
    if day in events.election_days:
        volume *= ELECTION_FACTORS.get(category, 1.0)
    if events.outages.get(day - timedelta(days=1)) == channel:
        volume *= AFTER_OUTAGE
    return volume


Cell = tuple[date, str, str, str]  # day, channel, category, district


def draw(rng: random.Random, messages: int, year: int, events: Events) -> list[tuple[datetime, str, str, str]]:
    """Draw (at, channel, category, district) for each message, in order of time."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    cells: list[Cell] = [(d, ch, ca, di) for d in days for ch in CHANNELS for ca in CATEGORIES for di in DISTRICTS]
    totals = list(accumulate(weight(*cell, events) for cell in cells))
    drawn = rng.choices(cells, cum_weights=totals, k=messages)
    return sorted((paris.moment_on(rng, ch, day), ch, ca, di) for day, ch, ca, di in drawn)
