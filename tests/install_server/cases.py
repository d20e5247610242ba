"""Put into the machine and run there by root: how many cases and messages there are, as JSON."""

import json
import sys
from pathlib import Path

from pymongo import MongoClient

if __name__ == "__main__":
    store = MongoClient(Path("/etc/guichet/secrets/mongodb-admin-uri").read_text())["guichet"]
    found = {
        "references": sorted(each["reference"] for each in store["cases"].find({}, {"reference": 1})),
        "messages": store["messages"].count_documents({"direction": "inbound"}),
        "unfiled": store["messages"].count_documents({"direction": "inbound", "filed": None}),
        "migrated": store["cases"].count_documents({"of_the_next_version": True}),
    }
    sys.stdout.write(json.dumps(found))
