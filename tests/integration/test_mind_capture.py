"""Unhandled errors become bug report tasks (S1)."""

from __future__ import annotations

import logging
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection
from twisted.logger import LogLevel
from twisted.python.failure import Failure

from agents.selfmod.capture import CONTEXT_LIMIT, ECHO, WINDOW, BugCapture, fingerprint
from agents.selfmod.models import BugReport
from agents.work.models import Task
from tests.support.light_house import house
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path):
    return house(tmp_path, LightWorld.founding(), [])


def fail(message: str = "lost", kind: type[Exception] = ValueError) -> Exception:
    try:
        raise kind(message)
    except Exception as error:
        return error


def other(message: str = "lost") -> Exception:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def test_an_error_becomes_a_task_and_a_notification(built):
    heard = []
    built.bus.subscribe("bug.filed", heard.append)
    built.bugs.capture(fail(), "the board")
    (bug,) = BugReport.objects.all()
    task = Task.objects.get(pk=bug.task)
    assert task.title == "Bug ValueError in the board"
    assert task.proposer == "system:world"
    assert "ValueError: lost" in task.description
    assert "in fail" in task.description
    (event,) = built.events.last(5, "bug.filed")
    assert (event.task, event.data["fingerprint"]) == (task.pk, bug.fingerprint)


def test_once_a_kind_in_five_minutes_with_repeats_counted(built):
    for n in range(7):
        built.bugs.capture(fail(f"message {n}"), "the board")
    built.bugs.capture(other(), "the board")
    built.bugs.capture(fail(kind=KeyError), "the board")
    assert sorted(BugReport.objects.values_list("count", flat=True)) == [1, 1, 7]
    assert Task.objects.count() == 3
    built.runtime.clock.advance(WINDOW.total_seconds() + 1)
    built.bugs.capture(fail(), "the board")
    assert Task.objects.count() == 4
    assert timedelta(minutes=5) == WINDOW


def test_the_kind_is_type_and_stack_not_message_nor_line():
    first, second = fail("one"), fail("two")
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first) != fingerprint(other())
    source = "def f():\n    raise ValueError('x')\n"
    found = []
    for text in (source, "\n\n\n" + source):
        space: dict = {}
        exec(compile(text, "/anywhere/pkg/sub/mod.py", "exec"), space)
        try:
            space["f"]()
        except ValueError as error:
            found.append(fingerprint(error))
    assert found[0] == found[1]


def test_the_context_is_clean_redacted_and_short(built):
    text = "token=abcdef0123456789 \x1b[31mred\x1b[0m \u202e " + "long " * 2000
    built.bugs.capture(fail(text), "the board")
    context = BugReport.objects.get().context
    assert len(context) <= CONTEXT_LIMIT
    assert "abcdef0123456789" not in context
    assert "[redacted]" in context
    assert "\x1b" not in context
    assert "\u202e" not in context
    assert "in fail" in context, "the end of the stack is kept"


def test_the_same_exception_is_filed_once_however_many_hooks_bring_it(built):
    error = fail()
    built.bugs.capture(error, "one")
    built.bugs.capture(error, "two")
    assert BugReport.objects.get().count == 1


def test_one_cause_that_several_parts_run_into_is_one_bug(built):
    def lose(message: str = "lost") -> None:
        raise ValueError(message)

    def board(message: str = "lost") -> None:
        lose(message)

    def mind() -> None:
        board()

    def wrap() -> None:
        try:
            lose()
        except ValueError as error:
            raise RuntimeError("could not") from error

    def caught(function, *given) -> Exception:
        try:
            function(*given)
        except Exception as error:
            return error
        raise AssertionError

    echoes = [caught(way) for way in (lose, board, mind, wrap)]
    assert len({fingerprint(error) for error in echoes}) == 4
    for error in echoes:
        built.bugs.capture(error, "a part")
    assert BugReport.objects.get().count == 4
    built.runtime.clock.advance(ECHO.total_seconds() + 1)
    built.bugs.capture(caught(mind), "a part")
    assert Task.objects.count() == 2, "long after, what comes by another way is a bug of its own"
    built.bugs.capture(caught(board, "another"), "a part")
    assert Task.objects.count() == 3, "other words tell of another cause"


def test_an_exception_that_wraps_a_filed_one_is_filed_already(built):
    first = fail()
    built.bugs.capture(first, "the inner part")
    outer = RuntimeError("could not")
    outer.__cause__ = first
    first.__cause__ = outer  # a ring does no harm
    built.bugs.capture(outer, "the outer part")
    assert BugReport.objects.get().title == "ValueError in the inner part"


def test_a_thread_files_nothing_itself(built):
    waiting = []
    bugs = BugCapture(built.runtime, built.events, built.work, waiting.append)
    thread = threading.Thread(target=bugs.capture, args=(fail(), "a thread"))
    thread.start()
    thread.join()
    assert BugReport.objects.count() == 0
    (file,) = waiting
    file()
    assert BugReport.objects.get().title == "ValueError in a thread"


def test_capture_never_raises_and_never_recurses(built, monkeypatch, caplog):
    calls = []

    def broken(*args, **kwargs):
        calls.append(1)
        built.bugs.capture(fail("inner"), "the filing")
        raise RuntimeError("the tables are gone")

    monkeypatch.setattr(built.work, "propose", broken)
    handler = built.bugs.handler()
    logging.getLogger().addHandler(handler)
    try:
        built.bugs.capture(fail(), "the board")
    finally:
        logging.getLogger().removeHandler(handler)
    assert calls == [1]
    assert BugReport.objects.count() == 0
    assert "could not be filed" in caplog.text
    monkeypatch.undo()
    built.bugs.capture(fail(), "the board")
    assert BugReport.objects.count() == 1


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_exception_without_words_is_filed_all_the_same(built):
    built.bugs.capture(fail("x", Unprintable), "the board")
    assert BugReport.objects.get().title == "Unprintable in the board"
    for one in (KeyboardInterrupt(), SystemExit(), GeneratorExit()):
        built.bugs.capture(one, "the board")
    assert BugReport.objects.count() == 1


def test_logged_exceptions_reach_it(built):
    log = logging.getLogger("some.part")
    handler = built.bugs.handler()
    log.addHandler(handler)
    try:
        log.error("only words")
        log.warning("handled", exc_info=fail("warned"))
        assert BugReport.objects.count() == 0
        log.error("broken", exc_info=fail())
    finally:
        log.removeHandler(handler)
    assert BugReport.objects.get().title == "ValueError in some.part"


def test_twisted_failures_and_the_engines_tracebacks_reach_it(built):
    built.bugs.observe({"log_level": LogLevel.critical, "log_failure": Failure(fail()), "log_namespace": "reactor"})
    assert BugReport.objects.get().title == "ValueError in reactor"
    built.bugs.observe({"log_level": LogLevel.error, "log_namespace": "engine"})
    assert BugReport.objects.count() == 1
    try:
        raise LookupError("in a command")
    except LookupError:
        for _ in range(3):  # the engine logs a traceback line by line
            built.bugs.observe({"log_level": LogLevel.error, "log_namespace": "engine"})
        built.bugs.observe({"log_level": LogLevel.info, "log_namespace": "engine"})
    assert sys.exc_info() == (None, None, None)
    assert BugReport.objects.get(title__startswith="LookupError").count == 1


def test_a_failing_transaction_of_the_caller_is_not_its_end(built):
    """In a Server the filing happens after the failing transaction; `defer` stands for that."""
    waiting = []
    built.bugs._defer = waiting.append
    built.bugs.capture(fail(), "the board")
    assert BugReport.objects.count() == 0
    waiting[0]()
    assert BugReport.objects.count() == 1
    assert connection.needs_rollback is False
