"""Tuning the collector leaves it on, and what was there out of its way."""

import gc

from guichet.runtime.garbage import NEW_OBJECTS, tune_collector


def test_what_is_there_is_set_aside_and_collection_goes_on():
    before = gc.get_threshold()
    try:
        tune_collector()
        assert gc.get_freeze_count() > 0
        assert gc.isenabled()
        assert gc.get_threshold()[0] == NEW_OBJECTS
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
