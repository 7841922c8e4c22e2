"""Prepares a new clone, or an older world, for its start: key, tables, owner, first objects, map.

Owns everything that is written before the first start; each step may run again and then changes nothing. Does not
run while the Server is running, because its object cache would not notice.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agents.kernel import location, randomness, settings
from agents.kernel.errors import FULL, Conflict, TimmyError
from server import locks, secret

STEP = "last_initial_setup_step"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """What `run` prints at its end. `password` is set only if it was just created, else ''."""

    owner: str
    password: str
    password_file: Path | None


def writable(folder: Path) -> None:
    """Create the folder and make sure that we can write to it, and others cannot. Raises TimmyError if not."""
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()
    except OSError as error:
        if error.errno in FULL:
            with contextlib.suppress(OSError):
                probe.unlink()
            raise TimmyError(
                f"The disk of {folder} is full: {error.strerror}. Free some space there, or set "
                f"TIMMY_STATE_DIR to a folder on another disk.",
                next=f"df -h {folder}",
            ) from error
        raise TimmyError(
            f"The folder {folder} cannot be written: {error.strerror}. Make it writable, or set "
            f"TIMMY_STATE_DIR to one that is.",
            next="timmy doctor",
        ) from error
    if folder.stat().st_mode & 0o022:
        raise TimmyError(
            f"Others can write to {folder}, so they could run their own code as you.", next=f"chmod go-w {folder}"
        )


def prepare(say: Say) -> Prepared:
    """Prepare everything. `say` gets each step. Raises TimmyError with what to do."""
    secret.keep_to_owner()
    ours = settings.current()
    writable(ours.state_dir)
    if pid := locks.holder(location.run_dir(), "server"):
        raise Conflict(f"The Server runs (pid {pid}); stop it before preparing.", next="timmy stop")
    secret.ensure_key(ours.state_dir)
    secret.key(ours.state_dir)
    os.environ["DJANGO_SETTINGS_MODULE"] = "server.conf.settings"
    import django

    django.setup()
    say("tables")
    _migrate()
    import evennia

    evennia._init()
    say("owner")
    prepared = _owner(ours)
    say("first objects and web files")
    _first_objects()
    say("map")
    from world.builder import ensure_world

    ensure_world()
    return prepared


def _migrate() -> None:
    """Bring the tables up to date. If they are, and the first start is over, nothing is called: Django would check
    every model's permissions and types, at every start, only to find that all exist.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.models.signals import post_migrate
    from evennia.server.models import ServerConfig
    from evennia.utils.idmapper import models

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()) or ServerConfig.objects.conf(STEP) != "done":
        post_migrate.disconnect(
            models.flush_cache
        )  # it collects garbage once for each app, with a cache that is still empty
        call_command("migrate", interactive=False, verbosity=0)


def _owner(ours: settings.Settings) -> Prepared:
    """The superuser is account #1, created once; a later change of the settings renames nobody."""
    from evennia.accounts.models import AccountDB

    kept = ours.state_dir / secret.PASSWORD
    account = AccountDB.objects.filter(id=1).first()
    if account is not None:
        return Prepared(account.username, "", kept if kept.exists() else None)
    password = ours.owner_password or randomness.secret()
    if not ours.owner_password:
        secret.keep(ours.state_dir, secret.PASSWORD, password)
    AccountDB.objects.create_superuser(ours.owner, "", password)
    return Prepared(ours.owner, "" if ours.owner_password else password, None if ours.owner_password else kept)


def _first_objects() -> None:
    """The engine's own initial setup without its last step, a restart, so that there is one boot."""
    from django.core.management import call_command
    from evennia.server import initial_setup
    from evennia.server.models import ServerConfig

    from agents.kernel.clock import SystemClock

    step = ServerConfig.objects.conf(STEP)
    if step != "done":
        if step is None:
            initial_setup.create_objects()
            ServerConfig.objects.conf(STEP, "create_objects")
        ServerConfig.objects.conf("server_epoch", SystemClock().now().timestamp())
    call_command("collectstatic", interactive=False, verbosity=0)
    ServerConfig.objects.conf(STEP, "done")


def main() -> int:
    """`python -m server.prepare`: for builders who want the world ready but not running."""
    try:
        prepared = prepare(lambda step: sys.stderr.write(f"preparing: {step}\n") and None)
    except TimmyError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"owner {prepared.owner}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
