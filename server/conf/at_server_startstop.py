"""The engine's hooks at the Server's start and end; the work is in `server.composition`.

Kept without imports on purpose: the engine skips, without a word, a hook module that fails
to import, while a hook that raises stops the start and is seen.
"""


def at_server_start() -> None:
    """Assemble the parts of the world and start them."""
    from server import composition

    composition.start()


def at_server_stop() -> None:
    """Pause them, before a reload as well as before the end."""
    from server import composition

    composition.stop()
