"""On which Pythons a world runs, and where this machine has one: `python3 server/pythons.py` prints the newest.

Owns the range, the search in PATH, pyenv and uv, and the message for a machine that has none. Standard library
only, readable by any Python from 3.7 on, because an old one may be started to find a newer. Installs nothing,
except that uv may be asked to download a Python.
"""

import glob
import os
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 12), (3, 14)
FETCHED = "3.13"
RANGE = "Python {}.{} to {}.{}".format(*OLDEST, *NEWEST)
# A suitable Python starts, is a final release with a global lock, has the modules for environments, and prints its
# version and location: a link of pyenv's or of an environment names another.
PROBE = """
import ssl, sqlite3, sys, sysconfig, venv
whole = sys.version_info[3] == "final" and sys.implementation.name == "cpython"
if whole and not sysconfig.get_config_var("Py_GIL_DISABLED"):
    print(*sys.version_info[:2], getattr(sys, "_base_executable", "") or sys.executable)
"""
# What installs one: program, its words.
OFFERS = (
    ("dnf", "dnf install python3.13"),
    ("pacman", "pacman -S python"),
    ("apk", "apk add python3"),
    ("brew", "brew install python@3.13"),
)
ELSEWHERE = "uv (https://docs.astral.sh/uv) and pyenv (https://github.com/pyenv/pyenv) can install another one"


def looked_at(python):
    """((major, minor), path) of an interpreter that really starts and can create environments, else None."""
    try:
        done = subprocess.run(
            [python, "-c", PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        major, minor, path = done.stdout.decode().strip().split(" ", 2)
        return (int(major), int(minor)), path
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def fits(version):
    """Whether a world runs on it."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def fitting():
    """[((major, minor), path)] of this machine's suitable Pythons, one of each version, the newest first."""
    found = {}
    for python in _candidates():
        seen = looked_at(python)
        if seen and fits(seen[0]):
            found.setdefault(*seen)
    return sorted(found.items(), reverse=True)


def _candidates():
    """Paths under which one may be, each once."""
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    names = ["python3.{}".format(minor) for minor in minors] + ["python3", "python"]
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    paths = [os.path.join(folder, name) for name in names for folder in folders]
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    uv = os.environ.get("UV_PYTHON_INSTALL_DIR") or os.path.join(
        os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "uv", "python"
    )
    for minor in minors:
        paths += glob.glob(os.path.join(pyenv, "versions", "3.{}.*".format(minor), "bin", "python"))
        paths += glob.glob(os.path.join(uv, "cpython-3.{}.*".format(minor), "bin", "python3"))
    return list(dict.fromkeys(path for path in paths + [sys.executable] if os.access(path, os.X_OK)))


def fetch():
    """((major, minor), path) of one that uv has downloaded, or None."""
    uv = shutil.which("uv")
    if not uv:
        return None
    try:
        subprocess.run([uv, "python", "install", "-q", FETCHED], stdin=subprocess.DEVNULL, timeout=600)
        found = subprocess.run(
            [uv, "python", "find", FETCHED], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return looked_at(found.stdout.decode().strip())


def advice():
    """What to do if there is none, on this system."""
    if shutil.which("apt-get"):
        offered = _offered_by_apt()
        if offered and fits(offered):
            return "Run: {}apt-get install python3 python3-venv".format(_sudo())
        if offered:
            return "apt-get offers Python {}.{}, which is not suitable; {}.".format(*offered, ELSEWHERE)
    for program, words in OFFERS:
        if shutil.which(program):
            return "Run: {}{}".format("" if program == "brew" else _sudo(), words)
    return "No known package manager was found; {}.".format(ELSEWHERE)


def _sudo():
    return "sudo " if os.geteuid() else ""


def _offered_by_apt():
    """(major, minor) of the python3 that apt-get would install, or None if it knows of none."""
    try:
        told = subprocess.run(
            ["apt-cache", "show", "--no-all-versions", "python3"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        lines = told.stdout.decode(errors="replace").splitlines()
        version = next(line.split(":", 1)[1] for line in lines if line.startswith("Version:"))
        return tuple(int(part) for part in version.split(".")[:2])
    except (OSError, ValueError, StopIteration, subprocess.TimeoutExpired):
        return None


if __name__ == "__main__":
    pythons = fitting()
    if not pythons:
        sys.exit("{} is required but was not found. {}".format(RANGE, advice()))
    sys.stdout.write(pythons[0][1] + "\n")
