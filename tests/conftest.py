"""Shared fixtures. The engine is initialised once, before collection, inside the test database."""

from __future__ import annotations

import pytest
from django.test.utils import get_runner  # noqa: F401  (fails early when Django is missing)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Evennia's API must exist before any typeclass is imported."""
    from pytest_django.plugin import blocking_manager_key

    manager = session.config.stash[blocking_manager_key]
    with manager.unblock():
        import evennia

        evennia._init()
