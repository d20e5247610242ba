"""What belongs to a person, and taking it away. Used by gdpr-worker, `guichet erase` and a restore.

personal_data      what is somebody's: ids, keys, files, counts. Values only
bonds, finder      from a person to their documents, along the data map
senders            whose a sealed message is
topics             what topics and dead letters still hold of them (dead_letters, dead_letter_owner)
erase              divert, destroy keys, delete; each may be killed and called again
reapply            what was erased since a backup, once it is restored
authority          who asked; ownership: whether ids are a person's; assemble: all of it on the real stores
"""
