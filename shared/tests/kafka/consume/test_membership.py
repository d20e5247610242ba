import os
import socket

from guichet.kafka.consume.membership import member_name


def test_two_processes_of_a_group_bear_different_names() -> None:
    assert member_name("case-router") == f"case-router@{socket.gethostname()}:{os.getpid()}"
