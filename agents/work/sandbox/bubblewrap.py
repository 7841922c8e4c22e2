"""The bubblewrap sandbox: new namespaces, a view built from scratch, no privileges.

Owns the translation of a view into bubblewrap's options. The launcher sets kernel limits first, except that on
processes, which is set inside, where only the job's own processes count (from Linux 5.14; before that, the user's
others count, too).

The launcher prepares what is shown of the host (see `layers`), and bubblewrap binds it from there.

As root the launcher first enters a user namespace (see there) and the command really becomes user 61000. So a
writable folder is lent to that user while the job runs and returned afterwards.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict

from agents.work.sandbox import process, seccomp, view
from agents.work.sandbox.job import Job
from agents.work.sandbox.launched import Launched

STAGE = "/sys"
"""Where the launcher's `layers` puts things, in mounts that only it sees."""
_ISOLATE = shlex.split(
    "--clearenv --unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup-try "
    "--hostname sandbox --die-with-parent --new-session --cap-drop ALL"
)
_AS_ROOT = shlex.split("--cap-add CAP_SETUID --cap-add CAP_SETGID --cap-add CAP_SETPCAP --cap-add CAP_DAC_READ_SEARCH")
_AS_USER = shlex.split(f"--unshare-user --disable-userns --uid {view.USER} --gid {view.USER}")
_READER = "-all,+dac_read_search"
_BECOME = shlex.split(
    f"setpriv --reuid {view.USER} --regid {view.USER} --clear-groups --inh-caps {_READER} "
    f"--ambient-caps {_READER} --bounding-set {_READER} --securebits +no_setuid_fixup --"
)
# Without that secure bit access(2), which git calls before it reads, would ignore the capability.


class Bubblewrap(Launched):
    """Runs jobs with `bwrap`."""

    name = "bubblewrap"

    def _command(self, job: Job, mounts: Sequence[view.Mount], root: bool) -> Callable[[int], Sequence[str]]:
        options = [*_ISOLATE, *(_AS_ROOT if root else _AS_USER)]
        for number, mount in enumerate(mounts):
            options += _option(mount, f"{STAGE}/{number}")
        for path in ("/dev", "/"):
            options += ["--remount-ro", path]
        for name, value in view.environment(job).items():
            options += ["--setenv", name, value]
        options += ["--chdir", str(view.folder(job))]
        inside = ["prlimit", f"--nproc={process.most_processes(job)}", "--", *(_BECOME if root else ()), *job.argv]

        def command(status: int) -> Sequence[str]:
            bwrap = ["bwrap", *options, "--json-status-fd", str(status), "--", *inside]
            return process.launch(
                job, bwrap, identity=root, mounts=[asdict(m) for m in mounts], user=view.USER, filter=seccomp.program()
            )

        return command


def _option(mount: view.Mount, ready: str) -> list[str]:
    """`mount` as options for bubblewrap; what it shows of the host is at `ready`."""
    match mount.kind:
        case "read":
            return ["--ro-bind", ready, mount.path]
        case "write":
            return ["--bind", ready, mount.path]
        case "private":
            return ["--perms", "1777", "--size", str(mount.size), "--tmpfs", mount.path]
        case "folder":
            return ["--perms", "0777", "--dir", mount.path]
        case "link":
            return ["--symlink", mount.source, mount.path]
        case "cover" if os.path.isdir(mount.path):
            return ["--perms", "0555", "--size", "4096", "--tmpfs", mount.path]
        case "cover":
            return ["--ro-bind", "/dev/null", mount.path]
        case "proc" | "dev":
            return [f"--{mount.kind}", mount.path]
