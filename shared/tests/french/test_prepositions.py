"""How a letter names a town behind « de »."""

import pytest

from guichet.french.prepositions import of_town


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Saint-Aubin-des-Prés", "de Saint-Aubin-des-Prés"),
        ("Le Havre", "du Havre"),
        ("Les Sables-d’Olonne", "des Sables-d’Olonne"),
        ("La Rochelle", "de La Rochelle"),
        ("L’Haÿ-les-Roses", "de L’Haÿ-les-Roses"),
        ("Lens", "de Lens"),
        ("Lesquin", "de Lesquin"),
        ("Arles", "d’Arles"),
        ("Évreux", "d’Évreux"),
        ("E\N{COMBINING ACUTE ACCENT}vreux", "d’E\N{COMBINING ACUTE ACCENT}vreux"),
        ("Œting", "d’Œting"),
        ("Yvetot", "d’Yvetot"),
        ("Yutz", "de Yutz"),
        ("Y", "de Y"),
        ("Honfleur", "de Honfleur"),
        ("", "de "),
    ],
)
def test_the_preposition_goes_with_the_name(name: str, said: str):
    assert of_town(name) == said
