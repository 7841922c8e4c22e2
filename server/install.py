"""Makes the project runnable in a new clone: `python3 server/install.py`.

Owns the checks of Python, folder and system tools, and the creation of `.venv`, with every file verified by its
hash, from `requirements-dev.lock`; with `--run` from `requirements.lock`, which lacks what tests and measurements
need, unless the former is already installed. `--python NAME` uses that Python, which the environment then keeps;
`--oldest` uses the machine's oldest, in `.venv-oldest`. Standard library only, readable by any Python from 3.7 on.
Leaves nothing half done: the environment is built under another name and moved into place when it is complete.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys

import pythons

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV, OLD_VENV = os.path.join(PROJECT, ".venv"), os.path.join(PROJECT, ".venv-oldest")
LOCK = os.path.join(PROJECT, "requirements.lock")
DEV_LOCK = os.path.join(PROJECT, "requirements-dev.lock")
STAMP = "installed-from"

# What the world uses of the system: program, whether it can do without, package, what for.
TOOLS = (
    ("git", False, "git", "agents keep their work in repositories"),
    ("bwrap", True, "bubblewrap", "the best sandbox for agents' tools; without it Landlock is tried"),
)
MANAGERS = (
    ("apt-get", ["apt-get", "install", "-y", "--no-install-recommends"]),
    ("dnf", ["dnf", "install", "-y"]),
    ("pacman", ["pacman", "-S", "--noconfirm", "--needed"]),
    ("apk", ["apk", "add"]),
    ("brew", ["brew", "install"]),
)


class Failed(Exception):
    """Installation cannot continue; the text says why and what to do."""


def say(text):
    """Progress, to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def run(command, what, env=None):
    """Run a command quietly; raises Failed with the end of its output."""
    done = subprocess.run(
        command, cwd=PROJECT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        tail = "\n".join("  " + line for line in done.stdout.decode(errors="replace").splitlines()[-15:])
        raise Failed("{} failed (exit code {}):\n{}".format(what, done.returncode, tail))


def choose_python(asked, oldest):
    """((major, minor), path) of the Python to install with: the requested one, that of the existing environment, or
    the machine's newest (oldest). Raises Failed if none is suitable.
    """
    if asked:
        found = pythons.looked_at(shutil.which(asked) or asked)
        if found and pythons.fits(found[0]):
            return found
        what = "is {}.{}".format(*found[0]) if found else "does not start, or has no sqlite3, ssl or venv module"
        raise Failed("{} is needed; {} {}.".format(pythons.RANGE, asked, what))
    there = None if oldest else pythons.looked_at(os.path.join(VENV, "bin", "python"))
    if there and pythons.fits(there[0]):
        return there
    found = pythons.fitting() or list(filter(None, [pythons.fetch()]))
    if not found:
        raise Failed("{} is needed, and none was found here. {}".format(pythons.RANGE, pythons.advice()))
    return found[-1 if oldest else 0]


def manager():
    """The host's package manager and its install command, or None."""
    return next(((name, command) for name, command in MANAGERS if shutil.which(name)), None)


def may_install(name):
    """The words to put before an install command, or None if we may not install."""
    if name == "brew" or os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        allowed = subprocess.run(
            ["sudo", "-n", "true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if allowed.returncode == 0:
            return ["sudo", "-n"]
    return None


def install_packages(packages):
    """Install system packages; returns '' or why that failed, with the command to run."""
    found = manager()
    if not found:
        return "no known package manager was found: install {} by hand".format(" and ".join(packages))
    name, command = found
    by_hand = " ".join((["sudo"] if name != "brew" and os.geteuid() else []) + command + packages)
    before = may_install(name)
    if before is None:
        return "run: " + by_hand
    say("installing system packages: {}".format(" ".join(packages)))
    try:
        if name == "apt-get":
            run(before + ["apt-get", "update", "-q"], "apt-get update")
        run(before + command + packages, by_hand, env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"))
    except Failed as failure:
        return "{}\nrun: {}".format(failure, by_hand)
    return ""


def system_tools():
    """Make sure that git and bubblewrap are there. Raises Failed if a required one is missing."""
    tools = [t for t in TOOLS if not (sys.platform == "darwin" and t[0] == "bwrap")]
    missing = [t for t in tools if not shutil.which(t[0])]
    if not missing:
        return
    why = install_packages([t[2] for t in missing])
    for program, optional, package, use in missing:
        if shutil.which(program):
            continue
        text = "{} is missing ({}): {}".format(package, use, why or "it was installed but cannot be found")
        if not optional:
            raise Failed(text)
        say("note: " + text)


def writable():
    """Raises Failed if the project's folder cannot be written."""
    probe = os.path.join(PROJECT, ".writable")
    try:
        with open(probe, "wb") as handle:
            handle.write(b"\0" * 4096)
        os.remove(probe)
    except OSError as error:
        raise Failed("The folder {} cannot be written: {}.".format(PROJECT, error.strerror))


def wanted(version, lock):
    """The mark of an environment made from `lock`: the lock file, project description, Python, location."""
    digest = hashlib.sha256()
    for path in dict.fromkeys((LOCK, lock, os.path.join(PROJECT, "pyproject.toml"))):
        with open(path, "rb") as handle:
            digest.update(handle.read())
    return "{} {}.{} {}".format(digest.hexdigest(), version[0], version[1], PROJECT)


def installed(venv):
    """The mark of the existing environment, or ''; also '' if its Python does not start."""
    try:
        with open(os.path.join(venv, STAMP)) as handle:
            mark = handle.read()
    except OSError:
        return ""
    programs = os.path.join(venv, "bin")
    whole = os.path.exists(os.path.join(programs, "timmy")) and pythons.looked_at(os.path.join(programs, "python"))
    return mark if whole else ""


def make_environment(venv, python, version, lock):
    """Build `venv` beside its location and move it there when it is complete."""
    building, name = venv + ".new", os.path.basename(venv)
    shutil.rmtree(building, ignore_errors=True)
    say("making {} with Python {}.{}".format(name, *version))
    uv = shutil.which("uv")
    inside = os.path.join(building, "bin", "python")
    # Scripts contain the folder they are run from, so that the environment can be moved there.
    try:
        if uv:
            run([uv, "venv", "-q", "--relocatable", "--python", python, building], "making " + name)
            pip = [uv, "pip", "install", "-q", "--python", inside]
        else:
            make_with_venv(python, version, building, name)
            pip = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
        say("installing the locked libraries (a minute or two the first time)")
        # The list is complete, so no dependencies are resolved: an older pip takes a library's extras for others that
        # are not pinned.
        run(pip + ["--require-hashes", "--no-deps", "-r", lock], "installing the libraries")
        say("installing the project")
        run(pip + ["--no-build-isolation", "--no-deps", "-e", PROJECT], "installing the project")
        relocate(building, venv)
        with open(os.path.join(building, STAMP), "w") as handle:
            handle.write(wanted(version, lock))
        old = venv + ".old"
        shutil.rmtree(old, ignore_errors=True)
        if os.path.exists(venv):
            os.rename(venv, old)
        os.rename(building, venv)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def make_with_venv(python, version, folder, name):
    """An environment from Python's own module, which on Debian may be a separate package."""
    command = [python, "-m", "venv", "--prompt", name, folder]
    try:
        run(command, "making " + name)
    except Failed as failure:
        package = "python{}.{}-venv".format(*version)
        found = manager()
        if not found or found[0] != "apt-get":
            raise
        why = install_packages([package])
        if why:
            raise Failed("{}\nPython's venv module is incomplete: {}".format(failure, why))
        shutil.rmtree(folder, ignore_errors=True)
        run(command, "making " + name)


def relocate(folder, place):
    """Make the first lines of the environment's scripts refer to `place`, its final location."""
    programs = os.path.join(folder, "bin")
    for name in os.listdir(programs):
        path = os.path.join(programs, name)
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as handle:
            text = handle.read()
        if text.startswith(b"#!") or b"VIRTUAL_ENV" in text[:4000]:
            fresh = text.replace(folder.encode(), place.encode())
            if fresh != text:
                with open(path, "wb") as handle:
                    handle.write(fresh)


def main():
    """Install; returns exit code 0 for done, 1 if something is missing or failed."""
    parser = argparse.ArgumentParser(description="Makes the project runnable in a fresh clone.")
    parser.add_argument("--run", action="store_true", help="only what a world runs on")
    parser.add_argument("--python", default="", metavar="NAME", help="the Python to take")
    parser.add_argument("--oldest", action="store_true", help="the oldest Python of this machine, in .venv-oldest")
    asked = parser.parse_args()
    venv = OLD_VENV if asked.oldest else VENV
    try:
        version, python = choose_python(asked.python, asked.oldest)
        if asked.oldest and installed(VENV).split(" ")[1:2] == ["{}.{}".format(*version)]:
            shutil.rmtree(OLD_VENV, ignore_errors=True)
            say("the oldest Python here is {}.{}, that of .venv".format(*version))
            return 0
        writable()
        system_tools()
        locks = [LOCK, DEV_LOCK] if asked.run else [DEV_LOCK]
        there = installed(venv)
        for lock in locks:
            if there == wanted(version, lock):
                say("installed already: {} is what {} says".format(os.path.basename(venv), os.path.basename(lock)))
                return 0
        make_environment(venv, python, version, locks[0])
    except Failed as failure:
        say("Not installed. {}".format(failure))
        return 1
    except OSError as error:
        say("Not installed. The system refused: {}".format(error))
        return 1
    say("installed: {}/bin/timmy".format(os.path.basename(venv)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
