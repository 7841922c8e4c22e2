"""Whether this machine allows user namespaces, which every sandbox needs; if not, what forbids them.

Containers, old kernels and strict ones refuse them with a misleading error ("No space left on device"). Owns the
trial, and what the kernel's settings say about the reason. Changes none of them.
"""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_TRIAL = """
import ctypes, os
user = os.geteuid()
made = ctypes.CDLL(None, use_errno=True).unshare(0x10000000)
error = ctypes.get_errno() if made else 0
if not error:
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except OSError as refused:
        error = refused.errno
print(error)
"""
LIMIT, CLONE = "user/max_user_namespaces", "kernel/unprivileged_userns_clone"
APPARMOR = "kernel/apparmor_restrict_unprivileged_userns"


class Refusal(NamedTuple):
    """Why there are none, and how to allow them."""

    said: str
    mend: str


def refusal() -> Refusal | None:
    """Why no user namespace can be created here; None if one can, or if this is not Linux."""
    if not sys.platform.startswith("linux"):
        return None
    words = [sys.executable, "-I", "-S", "-c", _TRIAL]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    code = int(done.stdout.strip() or errno.EPERM)
    return explained(code, setting) if code else None


def setting(name: str) -> str:
    """A setting of the kernel; '' if it does not exist."""
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""


def explained(code: int, setting: Callable[[str], str]) -> Refusal:
    """What the trial's error number `code` means under these kernel settings."""
    if setting(LIMIT) == "0":
        return Refusal(
            "this machine allows no user namespaces (user.max_user_namespaces is 0)",
            "as root, of the machine itself if this is a container: sysctl -w user.max_user_namespaces=15000",
        )
    if code == errno.ENOSPC:
        return Refusal(
            f"as many user namespaces are in use as this machine allows ({setting(LIMIT)}), or it is nested too deeply",
            "as root: sysctl -w user.max_user_namespaces=100000; or run the world outside of other sandboxes",
        )
    if setting(CLONE) == "0":
        return Refusal(
            "this machine allows user namespaces to root alone (kernel.unprivileged_userns_clone is 0)",
            "as root: sysctl -w kernel.unprivileged_userns_clone=1",
        )
    if setting(APPARMOR) == "1" and code in (errno.EPERM, errno.EACCES):
        return Refusal(
            "AppArmor allows user namespaces to chosen programs alone "
            "(kernel.apparmor_restrict_unprivileged_userns is 1)",
            "as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        )
    if code in (errno.EINVAL, errno.ENOSYS):
        return Refusal("this kernel is built without user namespaces", "run the world on a kernel that has them")
    return Refusal(
        "the container or service that the world runs in forbids user namespaces",
        "start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined; "
        "under systemd leave out RestrictNamespaces= and PrivateUsers=",
    )
