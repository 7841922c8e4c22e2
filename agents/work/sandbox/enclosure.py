"""Builds the sandbox without bubblewrap: namespaces, a view from scratch, Landlock.

Part of the launcher (only the standard library). Does what bubblewrap does elsewhere, with the kernel's newer mount
calls and what `layers` holds of the host. Adds a second barrier that bubblewrap lacks: Landlock rules that allow
reading and writing only where the view has something to read or write. Does not start the command if any of it
fails.
"""

from __future__ import annotations

import _socket  # `socket` takes long to import
import fcntl
import os
import resource
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agents.work.sandbox import layers
    from agents.work.sandbox import syscalls as kernel
    from agents.work.sandbox.layers import Held
else:
    import layers  # beside this file: the launcher runs alone
    import syscalls as kernel

_ROOT = layers.STAGE
_READ = kernel.READ_FILE | kernel.READ_DIR | kernel.EXECUTE
_PLAIN = kernel.NO_SUID | kernel.NO_DEVICES
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_STANDARD = {"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
_IFF_UP_RUNNING, _SIOCSIFFLAGS = 0x41, 0x8914


def become_init(spec: dict[str, Any], held: list[Held], root: bool) -> None:
    """As process 1: create the view, the limits and the rules, and drop all privileges."""
    kernel.die_with_parent()
    os.setsid()
    _loopback()
    _socket.sethostname("sandbox")
    _show(spec["mounts"], held)
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")
    kept = (kernel.DAC_READ_SEARCH,) if root else ()
    kernel.drop_capabilities(*kept)
    if root:
        os.setgroups([])
        os.setresgid(*(spec["user"],) * 3)
        os.setresuid(*(spec["user"],) * 3)
    kernel.keep_capabilities(*kept)
    kernel.landlock(_rules(spec["mounts"]))
    resource.setrlimit(resource.RLIMIT_NPROC, (spec["processes"],) * 2)
    kernel.die_with_parent()
    kernel.filter_calls(spec["filter"])


def run(command: list[str], spec: dict[str, Any]) -> int:
    """Start `command`, act as process 1 for it and its orphans, and return its exit code."""
    child = os.fork()
    if child == 0:
        try:
            os.chdir(spec["cwd"])
            os.execvpe(command[0], command, spec["environment"])  # noqa: S606
        except OSError as error:
            os.write(2, f"{error}\n".encode(errors="surrogateescape"))
        os._exit(127)
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _loopback() -> None:
    """Bring up the namespace's own loopback interface, the only network there is."""
    any_socket = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP_RUNNING))
    any_socket.close()


def _show(mounts: list[dict[str, Any]], held: list[Held]) -> None:
    """Build the view under a new root folder and enter it; the old one is gone."""
    kernel.make_mounts_private()
    # Open everything of the host first: the new root may hide where it comes from.
    null, *devices = [(name, _device(name)) for name in ("null", *_DEVICES)]
    kernel.mount("tmpfs", _ROOT, _PLAIN, "mode=0755,size=1m")
    os.umask(0o022)
    for mount, trees in zip(mounts, held, strict=True):
        _place(mount, trees, devices, null[1])
    for mount in mounts:
        if mount["kind"] == "cover" or mount["path"] == "/dev":
            kernel.set_flags(_ROOT + mount["path"], kernel.READ_ONLY)
    kernel.become_root_folder(_ROOT)
    kernel.set_flags("/", kernel.READ_ONLY)


def _device(name: str) -> int:
    """A descriptor of the host's device, unattached."""
    at = os.open(f"/dev/{name}", os.O_PATH | os.O_CLOEXEC)
    try:
        return kernel.clone_mount(at, kernel.NO_SUID | kernel.NO_EXEC)
    finally:
        os.close(at)


def _place(mount: dict[str, Any], trees: Held, devices: list[tuple[str, int]], null: int) -> None:
    kind, path = mount["kind"], _ROOT + mount["path"]
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    if kind == "link":
        os.symlink(mount["source"], path)
    elif kind in ("read", "write"):
        for below, tree in trees:
            layers.attach(tree, path + below)
    elif kind == "folder":
        os.mkdir(path)
        os.chmod(path, 0o777)  # noqa: S103 - in a file system that is private to the job
    elif kind == "cover" and not os.path.isdir(path):
        layers.attach(kernel.clone_mount(null, _PLAIN | kernel.READ_ONLY), path)
    else:
        os.makedirs(path, mode=0o755, exist_ok=True)
        if kind == "proc":
            kernel.mount("proc", path, _PLAIN | kernel.NO_EXEC)
        elif kind == "dev":
            _devices(path, devices)
        else:
            mode, size = ("1777", mount["size"]) if kind == "private" else ("0555", 4096)
            kernel.mount("tmpfs", path, _PLAIN, f"mode={mode},size={size}")


def _devices(path: str, devices: list[tuple[str, int]]) -> None:
    """A /dev with the harmless devices and its own terminals."""
    kernel.mount("tmpfs", path, kernel.NO_SUID | kernel.NO_EXEC, "mode=0755,size=64k")
    for name, tree in devices:
        layers.attach(tree, f"{path}/{name}")
    for name, target in _STANDARD.items():
        os.symlink(f"/proc/self/{target}", f"{path}/{name}")
    os.mkdir(f"{path}/pts", 0o755)
    kernel.mount("devpts", f"{path}/pts", kernel.NO_SUID | kernel.NO_EXEC, "newinstance,ptmxmode=0666,mode=620")
    os.symlink("pts/ptmx", f"{path}/ptmx")


def _rules(mounts: list[dict[str, Any]]) -> dict[str, int]:
    """What Landlock allows at each path of the view."""
    rules = {"/": kernel.READ_DIR}
    for mount in mounts:
        if mount["kind"] in ("read", "proc"):
            rules[mount["path"]] = _READ
        elif mount["kind"] in ("write", "private", "dev"):
            rules[mount["path"]] = 0
    return rules
