"""Run the suite outside of pytest: which promises an adapter breaks, each with its sentence."""

from guichet_testing.conformance.suite import AdapterConformance


async def broken_promises(suite: AdapterConformance) -> dict[str, str]:
    """Return test name → sentence for each promise that the adapter does not keep; empty for a good one."""
    broken = {}
    for name in dir(suite):
        if name.startswith("test_"):
            try:
                await getattr(suite, name)()
            except AssertionError as failure:
                broken[name] = str(failure).partition("\n")[0]
            except Exception as crash:
                broken[name] = f"the adapter crashed: {type(crash).__name__}: {crash}"
    return broken
