"""The doors: limits count attempts from when they begin, addresses take turns, nothing waits without bound."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password

from agents.kernel.errors import NotAllowed, Unavailable
from commands import doors as module
from commands.doors import NOBODY, Checked, Doors, Hashed, neighbourhood
from commands.throttle import Failures

RIGHT = "pass-word-1"
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Checks begin, and do not end before this is set; `verify_password` is the true one."""
    go, verify = threading.Event(), module.verify_password

    def waiting(password: str, encoded: str) -> tuple[bool, bool]:
        assert go.wait(60)
        return verify(password, encoded)

    monkeypatch.setattr(module, "verify_password", waiting)
    yield go
    go.set()


@pytest.fixture
def opened(clock: Clock) -> Iterator[Callable[..., Doors]]:
    made: list[Doors] = []

    def open_(**changed: Any) -> Doors:
        settings = {"failures": 5, "name_failures": 20, "minutes": 5, "waiting": 100, "threads": 2} | changed
        made.append(Doors(**settings, monotonic=clock))
        return made[-1]

    yield open_
    for one in made:
        one.close()


def outcomes(asked: list[Future[Checked]]) -> list[Any]:
    """True, False, or the class of what was raised."""
    return [type(error) if (error := one.exception(60)) else one.result().right for one in asked]


def test_right_wrong_and_nobody(opened: Callable[..., Doors]) -> None:
    doors, encoded = opened(), make_password(RIGHT)
    assert outcomes([doors.check("ana", RIGHT, encoded, HERE)]) == [True]
    assert outcomes([doors.check("ana", "guess", encoded, HERE), doors.check("eve", RIGHT, NOBODY, HERE)]) == [
        False,
        False,
    ]


def test_fifty_guesses_at_once_are_no_better_than_five_in_a_row(
    opened: Callable[..., Doors], held: threading.Event
) -> None:
    doors, encoded = opened(threads=4), make_password(RIGHT)
    asked = [doors.check("ana", f"guess {n}", encoded, HERE) for n in range(49)] + [
        doors.check("ana", RIGHT, encoded, HERE)
    ]
    held.set()
    assert outcomes(asked) == [False] * 5 + [NotAllowed] * 45


def test_fifty_who_know_their_passwords_all_come_in(opened: Callable[..., Doors], held: threading.Event) -> None:
    doors, encoded = opened(threads=4), make_password(RIGHT)
    asked = [doors.check(f"n{n}", RIGHT if n % 13 else "guess", encoded, HERE) for n in range(50)]
    held.set()
    assert outcomes(asked) == [bool(n % 13) for n in range(50)]


def test_what_is_begun_counts_already(opened: Callable[..., Doors], held: threading.Event) -> None:
    doors, encoded = opened(threads=4, failures=2), make_password(RIGHT)
    first = [doors.check("ana", "guess", encoded, HERE) for _ in range(3)]
    other = doors.check("ana", RIGHT, encoded, THERE)
    assert [one.running() for one in (*first, other)] == [True, True, False, True]
    held.set()
    assert outcomes([*first, other]) == [False, False, NotAllowed, True]


def test_a_name_is_guarded_from_many_addresses_but_open_where_it_is_at_home(
    opened: Callable[..., Doors], clock: Clock
) -> None:
    doors, encoded = opened(name_failures=3), make_password(RIGHT)
    assert outcomes([doors.check("Ana", RIGHT, encoded, HERE)]) == [True]
    for n in range(3):
        assert outcomes([doors.check("ANA", "guess", encoded, f"198.51.100.{n}")]) == [False]
    assert outcomes([doors.check("ana", RIGHT, encoded, "198.51.100.9")]) == [NotAllowed]
    assert outcomes([doors.check("ana", RIGHT, encoded, HERE)]) == [True]
    assert outcomes([doors.check("eve", "guess", NOBODY, f"198.51.100.{n}") for n in range(20, 24)]) == [False] * 3 + [
        NotAllowed
    ]
    clock.now += 301
    assert outcomes([doors.check("ana", RIGHT, encoded, "198.51.100.9")]) == [True]


def test_addresses_take_turns(
    opened: Callable[..., Doors], held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors, order = opened(threads=1, failures=100), []
    monkeypatch.setattr(module, "make_password", lambda password: order.append(password) or "x")
    first = doors.check("ana", "guess", NOBODY, "203.0.113.9")  # holds the one thread
    asked = [doors.hashed(f"a{n}", HERE) for n in range(4)] + [doors.hashed(f"b{n}", THERE) for n in range(2)]
    held.set()
    for one in (first, *asked):
        one.result(60)
    assert [name for name in order if name[0] in "ab" and len(name) == 2] == ["a0", "b0", "a1", "b1", "a2", "a3"]


def test_a_full_queue_refuses_in_words_and_one_address_has_half_of_it(
    opened: Callable[..., Doors], held: threading.Event
) -> None:
    doors = opened(threads=1, waiting=10)
    asked = [doors.check(f"n{n}", RIGHT, NOBODY, HERE) for n in range(8)]
    assert [one.done() for one in asked] == [False] * 6 + [True] * 2  # one is begun, five wait
    assert isinstance(asked[-1].exception(), Unavailable)
    assert "try again" in str(asked[-1].exception())
    others = [doors.check("x", RIGHT, NOBODY, f"198.51.100.{n}") for n in range(6)]
    assert [one.done() for one in others] == [False] * 5 + [True]
    assert doors.ahead() == 11


def test_who_leaves_costs_and_counts_nothing(opened: Callable[..., Doors], held: threading.Event) -> None:
    doors, encoded = opened(threads=1, failures=2), make_password(RIGHT)
    first, *gone, last = [doors.check("ana", "guess", encoded, HERE) for _ in range(5)] + [
        doors.check("ana", RIGHT, encoded, HERE)
    ]
    assert all(one.cancel() for one in gone)
    assert not first.cancel(), "it had begun, and counts"
    held.set()
    assert outcomes([first, last]) == [False, True]


def test_closed_doors_answer_everybody(opened: Callable[..., Doors], held: threading.Event) -> None:
    doors = opened(threads=1)
    asked = [doors.check("ana", "guess", NOBODY, HERE) for _ in range(3)]
    doors.close()
    assert outcomes([*asked, doors.check("ana", RIGHT, NOBODY, THERE)]) == [Unavailable] * 4


def test_an_outdated_hash_is_renewed_when_the_password_fits(opened: Callable[..., Doors], settings: Any) -> None:
    old = make_password(RIGHT, hasher="md5")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    doors = opened()
    right, wrong = doors.check("ana", RIGHT, old, HERE).result(60), doors.check("ana", "guess", old, HERE).result(60)
    assert right.renewed.startswith("scrypt$")
    assert check_password(RIGHT, right.renewed)
    assert wrong == Checked(False, old)


def test_nobody_takes_as_much_work_as_somebody(
    opened: Callable[..., Doors], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: the same function of the same hasher is called once for both."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 2)
    encoded, worked, encode = make_password(RIGHT), [], PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher,
        "encode",
        lambda self, p, salt, iterations=None: (
            worked.append(iterations or self.iterations) or encode(self, p, salt, iterations)
        ),
    )
    doors = opened()
    assert outcomes([doors.check("ana", "guess", encoded, HERE)]) == [False]
    known = worked[:]
    worked.clear()
    assert outcomes([doors.check("eve", "guess", NOBODY, HERE)]) == [False]
    assert worked == known == [2]


def test_a_password_with_its_hash(opened: Callable[..., Doors]) -> None:
    made = opened().hashed(RIGHT).result(60)
    assert isinstance(made, Hashed)
    assert made == RIGHT
    assert check_password(RIGHT, made.encoded)


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(address: str, counts_as: str) -> None:
    assert neighbourhood(address) == counts_as


def test_failures_are_counted_for_a_while_and_kept_for_so_many() -> None:
    failures = Failures(3, 60, kept=2)
    for now in (0, 10, 20, 30):
        failures.note("a", now)
    assert [failures.count("a", now) for now in (30, 69, 70, 89, 90)] == [3, 3, 2, 1, 0]
    for key in ("b", "c"):
        failures.note(key, 100)
    assert [failures.count(key, 100) for key in "abc"] == [0, 1, 1]
