"""Shared fixtures. The engine is initialised once, before collection, inside the test database."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import hypothesis
import pytest
from django.test.utils import get_runner  # noqa: F401  (fails early when Django is missing)

# No test passes or fails by the clock: not for the time an example takes, nor for that of drawing it on a busy machine.
hypothesis.settings.register_profile("calm", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("calm")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Evennia's API must exist before any typeclass is imported."""
    from pytest_django.plugin import blocking_manager_key

    manager = session.config.stash[blocking_manager_key]
    with manager.unblock():
        import evennia
        from django.db.models.signals import post_migrate

        evennia._init()
        from evennia.utils.idmapper.models import flush_cache

        # Django tells of tables that were made after every test that commits, once for each app, and the engine then
        # collects garbage each time: seconds a test. What it remembers of objects is let go of below.
        assert post_migrate.disconnect(flush_cache)


def pytest_collection_finish() -> None:
    """All that was loaded lives as long as the process: take it out of the collector's sight."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _close_tables() -> Iterator[None]:
    """The tables of cascades that a test has made are let go of with it."""
    yield
    if scripted := sys.modules.get("tests.support.scripted"):
        scripted.close_tables()


@pytest.fixture(autouse=True)
def _forget_objects(request: pytest.FixtureRequest) -> Iterator[None]:
    """Neither the engine's object cache nor our index of places, which no signal tells of a transaction
    that is undone, may carry one test's objects into the next's database, nor may a connection.
    """
    yield
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        from evennia.server.sessionhandler import SESSION_HANDLER

        from tests.support import built

        built.forget()
        SESSION_HANDLER.clear()  # who is left connected would be whoever has the account's number next
