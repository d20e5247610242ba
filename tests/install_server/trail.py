"""Put into the machine and run there by root: who stands in the audit trail."""

import sys
from pathlib import Path

from pymongo import MongoClient

if __name__ == "__main__":
    store = MongoClient(Path("/etc/guichet/secrets/mongodb-admin-uri").read_text())["guichet"]
    sys.stdout.writelines(
        f"{entry}\n" for name in store.list_collection_names() if "audit" in name for entry in store[name].find()
    )
