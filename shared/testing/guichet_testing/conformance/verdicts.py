"""Run the suite outside of pytest: which promises an adapter breaks, each with its sentence."""

from collections.abc import AsyncIterator

from guichet_testing.conformance.suite import AdapterConformance


async def broken_promises(suite: AdapterConformance) -> dict[str, str]:
    """Return test name → sentence for each promise that the adapter does not keep; empty for a good one."""
    return {name: sentence async for name, sentence in _broken(suite)}


async def is_seen(suite: AdapterConformance, words: str) -> bool:
    """Return whether a promise is broken whose sentence says `words`; what is tried after it is not asked."""
    async for _, sentence in _broken(suite):
        if words in sentence:
            return True
    return False


async def _broken(suite: AdapterConformance) -> AsyncIterator[tuple[str, str]]:
    for name in dir(suite):
        if name.startswith("test_"):
            try:
                await getattr(suite, name)()
            except AssertionError as failure:
                yield name, str(failure).partition("\n")[0]
            except Exception as crash:
                yield name, f"the adapter crashed: {type(crash).__name__}: {crash}"
