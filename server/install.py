"""Makes the project runnable in a fresh clone: `python3 server/install.py`.

Owns the checks of Python, folder and system tools, and the making of `.venv` from
`requirements.lock`, every file by its hash; with `--run` from `requirements-run.lock`, which
lacks the planners that measurements compare with, unless they are there already. Standard library only, readable by any Python 3.7,
since it may be started by an old one to say so. Refuses to leave anything half done: the
environment is built under another name and put in place when it is whole.
"""

import hashlib
import os
import shutil
import subprocess
import sys

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(PROJECT, ".venv")
LOCK = os.path.join(PROJECT, "requirements.lock")
RUN_LOCK = os.path.join(PROJECT, "requirements-run.lock")
STAMP = "installed-from"
OLDEST, NEWEST = (3, 11), (3, 13)

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
    """Installation cannot go on; the text says why and what to do."""


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


def version_of(python):
    """(major, minor) of an interpreter that really starts and can make environments, else None."""
    probe = "import sys, ssl, sqlite3, venv; print(*sys.version_info[:2])"
    try:
        done = subprocess.run(
            [python, "-c", probe], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
        major, minor = done.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def find_python():
    """The path of a Python that fits, this one first. Raises Failed when there is none."""
    names = [sys.executable] + ["python3.{}".format(n) for n in range(NEWEST[1], OLDEST[1] - 1, -1)] + ["python3", "python"]
    seen = []
    for name in names:
        path = shutil.which(name)
        version = path and version_of(path)
        if version and OLDEST <= version <= NEWEST:
            return path
        if version:
            seen.append("{} is {}.{}".format(path, *version))
    raise Failed(
        "Python {}.{} to {}.{} is needed, with its sqlite3, ssl and venv modules. {}.\n"
        "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13) "
        "and try again.".format(*OLDEST, *NEWEST, "; ".join(seen) or "None was found")
    )


def manager():
    """The host's package manager and its installing command, or None."""
    return next(((name, command) for name, command in MANAGERS if shutil.which(name)), None)


def may_install(name):
    """The words to put before an installing command, or None when we may not install."""
    if name == "brew" or os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        allowed = subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if allowed.returncode == 0:
            return ["sudo", "-n"]
    return None


def install_packages(packages):
    """Install system packages; returns '' or why they could not be, with the command to run."""
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
    """See to git and bubblewrap. Raises Failed when one the world cannot do without is missing."""
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
    """Raises Failed when the project's folder cannot be written."""
    probe = os.path.join(PROJECT, ".writable")
    try:
        with open(probe, "wb") as handle:
            handle.write(b"\0" * 4096)
        os.remove(probe)
    except OSError as error:
        raise Failed("The folder {} cannot be written: {}.".format(PROJECT, error.strerror))


def wanted(version, lock):
    """The mark of the environment made from `lock`: its text, project description, Python, place."""
    digest = hashlib.sha256()
    for path in (lock, os.path.join(PROJECT, "pyproject.toml")):
        with open(path, "rb") as handle:
            digest.update(handle.read())
    return "{} {}.{} {}".format(digest.hexdigest(), version[0], version[1], PROJECT)


def installed():
    """The mark of the environment that is there, or ''; '' too when its Python does not start."""
    try:
        with open(os.path.join(VENV, STAMP)) as handle:
            mark = handle.read()
    except OSError:
        return ""
    works = os.path.exists(os.path.join(VENV, "bin", "timmy")) and version_of(os.path.join(VENV, "bin", "python"))
    return mark if works else ""


def make_environment(python, version, lock):
    """Build `.venv` beside its place and put it there whole."""
    building = VENV + ".new"
    shutil.rmtree(building, ignore_errors=True)
    say("making .venv with Python {}.{}".format(*version))
    uv = shutil.which("uv")
    inside = os.path.join(building, "bin", "python")
    # Scripts name the folder they are run from, so that the environment may be moved there.
    try:
        if uv:
            run([uv, "venv", "-q", "--relocatable", "--python", python, building], "making .venv")
            pip = [uv, "pip", "install", "-q", "--python", inside]
        else:
            make_with_venv(python, building)
            pip = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
        say("installing the locked libraries (a minute or two the first time)")
        run(pip + ["--require-hashes", "-r", lock], "installing the libraries")
        say("installing the project")
        run(pip + ["--no-build-isolation", "--no-deps", "-e", PROJECT], "installing the project")
        relocate(building)
        with open(os.path.join(building, STAMP), "w") as handle:
            handle.write(wanted(version, lock))
        old = VENV + ".old"
        shutil.rmtree(old, ignore_errors=True)
        if os.path.exists(VENV):
            os.rename(VENV, old)
        os.rename(building, VENV)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def make_with_venv(python, folder):
    """An environment by Python's own module; on Debian that may be a package of its own."""
    try:
        run([python, "-m", "venv", "--prompt", ".venv", folder], "making .venv")
    except Failed as failure:
        version = version_of(python)
        package = "python{}.{}-venv".format(*version)
        found = manager()
        if not found or found[0] != "apt-get":
            raise
        why = install_packages([package])
        if why:
            raise Failed("{}\nPython's venv module is not whole: {}".format(failure, why))
        shutil.rmtree(folder, ignore_errors=True)
        run([python, "-m", "venv", "--prompt", ".venv", folder], "making .venv")


def relocate(folder):
    """Point the first lines of the environment's scripts at its final place."""
    programs = os.path.join(folder, "bin")
    for name in os.listdir(programs):
        path = os.path.join(programs, name)
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as handle:
            text = handle.read()
        if text.startswith(b"#!") or b"VIRTUAL_ENV" in text[:4000]:
            fresh = text.replace(folder.encode(), VENV.encode())
            if fresh != text:
                with open(path, "wb") as handle:
                    handle.write(fresh)


def main():
    """Install; exit code 0 done, 1 something is missing or failed."""
    try:
        python = find_python()
        version = version_of(python)
        writable()
        system_tools()
        locks = [LOCK] if "--run" not in sys.argv[1:] else [RUN_LOCK, LOCK]
        there = installed()
        for lock in locks:
            if there == wanted(version, lock):
                say("installed already: .venv is what {} says".format(os.path.basename(lock)))
                return 0
        make_environment(python, version, locks[0])
    except Failed as failure:
        say("Not installed. {}".format(failure))
        return 1
    except OSError as error:
        say("Not installed. The system refused: {}".format(error))
        return 1
    say("installed: .venv/bin/timmy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
