"""Shared fixtures. The engine is initialised once, before collection, inside the test database."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.test.utils import get_runner  # noqa: F401  (fails early when Django is missing)


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
def _forget_objects(request: pytest.FixtureRequest) -> Iterator[None]:
    """Neither the engine's object cache nor our index of places, which no signal tells of a transaction
    that is undone, may carry one test's objects into the next's database.
    """
    yield
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        from tests.support import built

        built.forget()
