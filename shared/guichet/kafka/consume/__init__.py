"""A worker reads its topics, and nothing is lost or done twice that an event does not allow.

worker, pipeline           what a service builds; one `read`: reader → poller → agent → loop, with its watchdog
reader, membership         one group's member: takes records, keeps what is finished, commits it
poller, batch              one batch in work; polling goes on meanwhile
loop, backoff              the only try/except around handlers: again, narrower, or a dead letter
dispatch                   from one handler an event type to a handler of batches
progress, offset_tracker   what is finished, and how Kafka keeps it
watchdog, idle_timer       a consumer that hangs ends its process
faust_app                  Faust, in one file (docs/decisions/0001)
"""
