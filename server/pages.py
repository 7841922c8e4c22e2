"""Pages of the documentation that are generated from the code: `make pages` writes them, tests compare them.

Owns their list. Contains no text itself.
"""

from __future__ import annotations

from agents.kernel.location import PROJECT


def write() -> None:
    """All of them. The engine must have been set up."""
    from agents.events import page as events
    from agents.kernel import page as settings
    from commands import ranks_told

    (PROJECT / "docs" / "events.md").write_text(events.page(), encoding="utf-8")
    (PROJECT / "docs" / "settings.md").write_text(settings.page(), encoding="utf-8")
    ranks_told.write()


if __name__ == "__main__":
    import django

    django.setup()
    import evennia

    evennia._init()
    write()
