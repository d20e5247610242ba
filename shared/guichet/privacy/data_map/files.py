"""What of a person rests in files beside the databases, the topics and the object store."""

from datetime import timedelta
from typing import Final

from guichet.privacy.data_map.entry import (
    PUBLIC_TASK,
    SECURITY,
    Belonging,
    Bond,
    DataMapEntry,
    Erasure,
    Form,
    PersonalField,
)
from guichet.privacy.data_map.retention import Executor, KeptFor, Phrase, Until, days

JOURNAL_KEPT: Final = timedelta(days=35)  # as long as a backup is: none that is put back forgets more

DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="file",
        name="logs",
        purpose="find out what a service did, and why it failed",
        legal_basis=SECURITY,
        whose="citizens and agents, by ids",
        retention=(
            Until(
                what=Phrase("on the local stack", "sur la pile locale"),
                event=Phrase("later lines take its place", "des lignes plus récentes prennent sa place"),
                by=Executor.LOG_ROTATION,
            ),
            Until(
                what=Phrase("elsewhere", "ailleurs"),
                event=Phrase(
                    "the town's own rotation of what services write to stderr takes it",
                    "la rotation des journaux de la collectivité l’emporte",
                ),
                by=Executor.NOBODY_YET,
            ),
        ),
        on_erasure=Erasure.NOT_CONCERNED,  # ids only, and they lead nowhere once the documents are gone
        fields=(PersonalField("line", Form.PSEUDONYM, "ids of cases, messages and agents; never a name or a word"),),
    ),
    DataMapEntry(
        place="file",
        name="backups",
        purpose="give back what a broken disk or a mistake took",
        legal_basis=PUBLIC_TASK,
        whose="whoever the collections and files are about",
        retention=(
            Until(
                what=Phrase("the vault's own", "celle du coffre"),
                event=Phrase("two newer ones are made", "deux plus récentes soient faites"),
                by=Executor.ROTATION,
            ),
            KeptFor(
                what=Phrase("of everything else", "celle de tout le reste"),
                period=days(35),
                since=Phrase("it was made", "la sauvegarde"),
                because=Phrase(
                    "what certificates promise: `GUICHET_BACKUPS_KEPT_FOR`",
                    "ce que promettent les certificats : `GUICHET_BACKUPS_KEPT_FOR`",
                ),
                by=Executor.BACKUP,
            ),
        ),
        on_erasure=Erasure.KEY_DESTROYED,  # the vault's rotation: old copies of keys open nothing any more
        fields=(PersonalField("copies", Form.SEALED, "what the collections and files hold, as it rests there"),),
        belongs=(Belonging(Bond.KEY, "copies"),),
    ),
    DataMapEntry(
        place="file",
        name="sending journal",
        purpose="send nothing twice after a backup was put back",
        legal_basis=PUBLIC_TASK,
        whose="citizens who were written to, by ids of letters",
        retention=(
            KeptFor(
                what=Phrase("a letter's id", "le numéro d’un envoi"),
                period=days(JOURNAL_KEPT.days),
                since=Phrase("it left", "l’envoi"),
                because=Phrase("so long a backup may be put back", "une sauvegarde peut être remise aussi longtemps"),
                by=Executor.JOURNAL,
            ),
        ),
        on_erasure=Erasure.EXPIRES,  # ids of letters, which lead nowhere once their documents are gone
        fields=(PersonalField("id", Form.PSEUDONYM, "ids of letters; never an address or a word"),),
    ),
    DataMapEntry(
        place="file",
        name="search files",
        purpose="find a case by a word, a name, an address or a place",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town, people they write about, agents who answer",
        retention=(
            Until(
                event=Phrase("what it is found by leaves the store", "ce qu’il désigne quitte la base"),
                by=Executor.SEARCH_FILES,
            ),
        ),
        on_erasure=Erasure.KEY_DESTROYED,  # at the rotation that ends it: a copy without these words, under another key
        fields=(
            PersonalField(
                "words",
                Form.SEALED,
                "stems of what was written, names, addresses, places; no text; under the file's own key",
            ),
            PersonalField("citizen", Form.PSEUDONYM, "the sector's own id of the citizen"),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"), Belonging(Bond.SECTOR_CITIZEN, "citizen")),
    ),
    DataMapEntry(
        place="file",
        name="town-exports",
        purpose="give the town everything that is its own, to leave with or to keep",
        legal_basis=PUBLIC_TASK,
        whose="whoever the collections and files are about",
        retention=(
            Until(
                event=Phrase(
                    "the person of the town whom it was made for deletes it",
                    "la personne de la collectivité à qui elle est destinée la supprime",
                ),
                by=Executor.NOBODY_YET,
            ),
        ),
        # No later erasure reaches it: who took it is told whom to erase from it (docs/leaving.md).
        on_erasure=Erasure.NOT_CONCERNED,
        fields=(
            PersonalField(
                "file", Form.SEALED, "everything in clear, encrypted to a key that the town alone has", keyed=False
            ),
        ),
    ),
)
