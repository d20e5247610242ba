"""A Debian that is booted in systemd-nspawn, on a network of its own, where commands are run as its root would type them."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

BOOT_S = 60


class Machine:
    """root: its file system, thrown away by the caller. binds: HOST:INSIDE."""

    def __init__(self, root: Path, log: Path, binds: Sequence[str] = ()) -> None:
        self.root = root
        self._log = log
        self._binds = binds
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> Self:
        command = ["systemd-nspawn", "-D", str(self.root), "--boot", "--private-network", "--register=no"]
        command += [
            "--keep-unit",
            "--console=pipe",
            "--hostname=guichet",
            "--resolv-conf=off",
            "-M",
            f"guichet-{os.getpid()}",
        ]
        command += ["--system-call-filter=@memlock"]  # MongoDB keeps passwords out of the swap; nspawn alone forbids it
        command += [f"--bind={each}" for each in self._binds]
        with self._log.open("wb") as log:
            self._nspawn = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait_for_boot()
        return self

    def __exit__(self, *_: object) -> None:
        if self._nspawn is None or self._nspawn.poll() is not None:
            return
        if self._leader:
            os.kill(self._leader, signal.SIGRTMIN + 4)  # systemd(1): power off
        try:
            self._nspawn.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self._nspawn.pid, signal.SIGKILL)
            self._nspawn.wait()

    def run(self, command: str, *, timeout: float = 900, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a shell's line inside. Raises AssertionError with what it said where it fails."""
        inside = [
            "nsenter",
            "--target",
            str(self._leader),
            *("--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"),
        ]
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LANG": "C.UTF-8",
        }
        done = subprocess.run(
            [
                *inside,
                "/bin/bash",
                "-euo",
                "pipefail",
                "-c",
                f"source /etc/profile.d/proof.sh 2>/dev/null || true\n{command}",
            ],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{command}\nended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            )
        return done

    def says(self, command: str) -> str:
        """Return what a command that may fail prints."""
        return self.run(command, check=False).stdout

    def wait_for(self, command: str, within: float = 60) -> float:
        """Return after how many seconds a command succeeded."""
        began = time.monotonic()
        while self.run(command, check=False).returncode:
            if time.monotonic() - began > within:
                raise AssertionError(f"not within {within:.0f} s: {command}")
            time.sleep(0.5)
        return time.monotonic() - began

    def _wait_for_boot(self) -> None:
        assert self._nspawn is not None
        deadline = time.monotonic() + BOOT_S
        while time.monotonic() < deadline:
            children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
            if children:
                self._leader = int(children[0])
                state = self.says("systemctl is-system-running --wait")
                if state.strip() in {"running", "degraded"}:
                    return
            time.sleep(0.3)
        raise AssertionError(f"the machine did not boot: {self._log}")


def copy_of(base: Path, root: Path) -> Path:
    """Return a fresh copy of a base system."""
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(root)], check=True)
    return root
