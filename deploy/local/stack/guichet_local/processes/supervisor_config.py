"""The configuration of supervisord. Pure: programs in, text out."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from guichet_local.errors import StartFailedError

# 75: the service stopped itself for a person to look at (too many dead letters, offset out of range).
NOT_RESTARTED: Final = "0,75"
STEADY_AFTER_S: Final = 10  # of who is mistrusted: one that ended sooner did not start
RETRIES: Final = 10  # supervisord waits 1, 2, 3 … seconds before each: about a minute in all
HEAD: Final = """\
[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
pidfile={folder}/supervisord.pid
umask=077

[unix_http_server]
file={socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM: Final = """
[program:{name}]
command={command}
directory={directory}
environment={environment}
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
redirect_stderr=true
autostart=false
autorestart=unexpected
exitcodes={exitcodes}
startsecs={startsecs}
startretries={retries}
stopasgroup=true
killasgroup=true
stopwaitsecs={patience}
priority={priority}
"""


@dataclass(frozen=True)
class Program:
    """One process that supervisord keeps alive. Lower `priority`: started earlier, stopped later.

    patience: seconds from SIGTERM to SIGKILL. is_mistrusted: where it ends again and again it is started after longer
    and longer pauses, and then no more; else at once, for ever.
    """

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    priority: int = 100
    patience: int = 20
    is_mistrusted: bool = False


def render(programs: Iterable[Program], folder: Path, socket: Path) -> str:
    """The whole file. It holds the services' secrets: write it for its owner's eyes only."""
    head = HEAD.format(folder=_literal(str(folder)), socket=_literal(str(socket)))
    return head + "".join(_program(program, folder) for program in programs)


def _program(program: Program, directory: Path) -> str:
    return PROGRAM.format(
        name=program.name,
        command=_literal(shlex.join(program.command)),
        directory=_literal(str(directory)),
        environment=",".join(f"{name}={_quoted(name, value)}" for name, value in program.environment.items()),
        log=_literal(str(program.log)),
        exitcodes=NOT_RESTARTED,
        startsecs=STEADY_AFTER_S if program.is_mistrusted else 0,
        retries=RETRIES,
        priority=program.priority,
        patience=program.patience,
    )


def _quoted(name: str, value: str) -> str:
    """Quote one value as supervisor's reader takes it: no escapes, so a value with both quotes has no form."""
    quote = "'" if '"' in value else '"'
    if quote in value or "\n" in value or value.strip("'\"") != value:
        raise StartFailedError(f"{name} cannot be handed on: no line break, no quote at its ends, one kind of quote.")
    return quote + _literal(value) + quote


def _literal(text: str) -> str:
    """Keep supervisor from expanding `%` and from taking ` ;` for a comment."""
    if " ;" in text:
        raise StartFailedError(f"A space before a semicolon cannot be written for supervisord: {text}")
    return text.replace("%", "%%")
