"""Read all that a restore has put back, as the services will find it."""

from guichet.errors import PermanentError
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.dump import BATCH
from guichet.store.objects import ObjectStore
from guichet.store.setup.restore import data_collections
from guichet_cli.backup.document_forms import FORMS
from guichet_cli.backup.examine import AbsentKeys, Examination, Found
from guichet_cli.console.progress import Progress


@translate_errors
async def check_store(database: Database, objects: ObjectStore, absent_keys: AbsentKeys, progress: Progress) -> Found:
    """Read every document, ask for every key, fetch every file that a message names. Raises TransientError."""

    async def has_file(key: str) -> bool:
        try:
            await objects.get(key)
        except PermanentError as exc:
            if exc.reason != "no-such-object":
                raise
            return False
        return True

    examination = Examination(FORMS, absent_keys, has_file)
    for name in data_collections():
        batch = []
        async for document in database[name].find({}, batch_size=BATCH):
            batch.append(document)
            if len(batch) == BATCH:
                await examination.read(name, batch)
                batch = []
        await examination.read(name, batch)
        await progress.beat(name, 0)
    progress.end()
    return examination.found
