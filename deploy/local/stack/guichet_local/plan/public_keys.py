"""The public halves of the doors' signing keys, in a folder that the stack alone writes."""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from guichet.privacy.signing.public_keys import SUFFIX, PublicKey, read_key
from guichet.privacy.signing.records import Signer
from guichet_local.machine.private_file import write_private
from guichet_topology.secrets import DOORS, Secrets, signing_key_name

PUBLIC_KEYS: Final = "public-keys"


def lay_public_keys(folder: Path, secrets: Secrets, hosts: Iterable[str] = ()) -> None:
    """Write the public half of each door's key, beside those that are there: what an older key signed stays true.

    hosts: of the town's third parties, who sign too; of one that it has no more, the keys go. What waits becomes dead
    letters then, and is taken once it is enabled again: its seed stays in the file of secrets.
    """
    folder.mkdir(exist_ok=True, mode=0o700)
    doors = (*DOORS, *hosts)
    for file in folder.glob(f"*{SUFFIX}"):
        producer = read_key(file).producer
        if producer.startswith("ingest-") and producer not in doors:
            file.unlink()
    for door in doors:
        signer = Signer(base64.b64decode(secrets[signing_key_name(door)]))
        file = folder / f"{door}-{signer.key_id}{SUFFIX}"
        if not file.exists():
            key = PublicKey(producer=door, public_key=signer.public_key)
            write_private(file, key.model_dump_json(exclude_none=True))
