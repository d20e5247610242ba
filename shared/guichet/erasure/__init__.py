"""What belongs to a person, and taking it away. Used by gdpr-worker, `guichet erase` and a restore.

belongings   what is somebody's: ids, keys, files, counts                       values only
finder       PersonFinder: walks the data map from a person to their documents
removal      Removal: divert, destroy keys, delete; each may be killed and called again
log_pass     LogPass: what topics and dead letters still hold of them
"""
