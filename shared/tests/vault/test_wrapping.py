"""What is wrapped opens under its own key alone."""

import pytest

from guichet.errors import TamperedError
from guichet.vault.keys.wrapping import new_pair, new_parcel, open_parcel, public_half, unwrap_key, wrap_key

ONE, OTHER = bytes(32), bytes([1] * 32)


def test_a_wrapped_key_opens_under_its_own_key() -> None:
    assert unwrap_key(ONE, wrap_key(ONE, OTHER)) == OTHER
    with pytest.raises(TamperedError):
        unwrap_key(OTHER, wrap_key(ONE, OTHER))
    with pytest.raises(TamperedError):
        unwrap_key(ONE, b"cut short")


def test_a_parcel_opens_with_the_private_half() -> None:
    private, public = new_pair()
    assert public_half(private) == public
    parcel = new_parcel(public)
    assert open_parcel(private, parcel.sealed) == parcel.secret
    assert parcel.secret.hex() not in repr(parcel)
    for wrong in (parcel.sealed[:-1], parcel.sealed[:10], b""):
        with pytest.raises(TamperedError):
            open_parcel(private, wrong)
    with pytest.raises(TamperedError):
        open_parcel(new_pair()[0], parcel.sealed)


def test_two_parcels_have_nothing_in_common() -> None:
    _, public = new_pair()
    assert new_parcel(public).secret != new_parcel(public).secret
