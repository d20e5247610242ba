from guichet.channel.remembered import AT_MOST, Remembered


def test_what_is_remembered_is_bounded() -> None:
    names = Remembered()
    for number in range(AT_MOST + 2):
        names.add(str(number))
    assert "1" not in names
    assert "2" in names
