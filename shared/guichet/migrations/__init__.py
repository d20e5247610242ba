"""What changes stored documents when their form changes: numbered, in order, forward only.

A migration is a module of this package with one coroutine, and a row of guichet.store.setup.migration_table:

    async def run(context: MigrationContext, steps: Steps) -> None:
        async for batch in steps.batches("cases", context.database["cases"], {"participants": {"$exists": True}}):
            ...                                       # one bulk_write for the batch

It can be killed anywhere and is run again from the last batch that was noted: each batch must be right when it is done
twice. docs/decisions/0017-migrations.md says why, CONTRIBUTING.md how to write one.
"""
