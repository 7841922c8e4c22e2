"""Passwords that are typed: `connect` and `create` at the login screen, `password` and `userpassword` inside.

Owns their words, and what is done on the world's thread before and after a password was checked or
hashed behind the doors (`commands.doors`). Refuses to say whether it was the name or the password that
is wrong, and lets one connection have one password at the doors at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any

from django.conf import settings
from evennia.accounts.accounts import CREATION_THROTTLE
from evennia.commands.default import account, admin, unloggedin
from evennia.utils import logger
from twisted.internet import reactor

from agents.house import house as houses
from agents.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from agents.kernel.text import shorten, visible
from commands import ahead, verbs
from commands.doors import NOBODY, Checked, Hashed, doors
from typeclasses.accounts import Account
from world import screen

WRONG = "That name and password do not match."
CONNECT, CREATE = "connect <name> <password>", "create <name> <password>"


def two(text: str) -> tuple[str, str]:
    """A name and a password as they are typed: two words, or either of them in double quotes; ("", "") when not."""
    parts = [part.strip() for part in text.split('"') if part.strip()]
    if len(parts) == 1:
        parts = parts[0].split(None, 1)
    return (parts[0], parts[1]) if len(parts) == 2 else ("", "")


def named(name: str) -> Account | None:
    """The account of that name, in whatever case."""
    found: Account | None = Account.objects.filter(username__iexact=name).first()
    return found


def checking(name: str, password: str, address: str) -> Future[Checked]:
    """Have a password checked. Raises NotAllowed for a name or an address that is banned."""
    if Account.is_banned(username=name, ip=address):
        raise NotAllowed("This name or address is banned here. If that is a mistake, write to the owner.")
    found = named(name)
    return doors().check(name, password, str(found.password) if found else NOBODY, address)


def admitted(name: str, address: str, checked: Checked) -> Account | None:
    """The account that a checked password opens; None, on the log, when it does not or has changed meanwhile."""
    found = named(name)
    if found is None or not checked.right or found.password != checked.encoded or not found.is_active:
        logger.log_sec(f"Authentication Failure: {visible(shorten(name, 40))} (IP: {address}).")
        return None
    if checked.renewed:
        found.password = checked.renewed
        found.save(update_fields=["password"])
    logger.log_sec(f"Authentication Success: {found} (IP: {address}).")
    return found


def at_the_doors(session: Any, verb: str, ask: Callable[[], Future[Any]], then: Callable[[Any], list[str]]) -> None:
    """Ask something of the doors for a connection; `then` is given what came of it, and what it says is shown.

    For a connection that has ended meanwhile nothing is done.
    """

    def begin() -> list[str]:
        if session.ndb.at_the_doors is not None:
            raise Conflict("Your last password is still being checked. One moment.")
        ahead = doors().ahead()
        session.ndb.at_the_doors = asked = ask()
        asked.add_done_callback(lambda done: reactor.callFromThread(told, done))  # type: ignore[attr-defined]
        return [f"One moment: {ahead} {'is' if ahead == 1 else 'are'} before you."] if ahead else []

    def told(done: Future[Any]) -> None:
        session.ndb.at_the_doors = None
        if not done.cancelled() and session.sessionhandler.get(session.sessid) is session:
            answer(lambda: then(done.result()))
        ahead.taken(session)  # where nobody came in they are nobody's, and may hold a password

    def answer(work: Callable[[], list[str]]) -> None:
        screen.show(session, verbs.guarded(houses.current(), verb, lambda: verbs.Reply(work())).lines)

    answer(begin)


class Connect(unloggedin.CmdUnconnectedConnect):
    """Enter the world.

    Usage:
      connect <name> <password>
      connect "<name>" "<password>"
    """

    def func(self) -> None:
        """Have the password checked, then log in."""
        session, address = self.caller, str(self.caller.address)
        name, password = two(self.args)

        def ask() -> Future[Checked]:
            if not password:
                raise BadInput("A name and a password are needed.", next=CONNECT)
            return checking(name, password, address)

        def enter(checked: Checked) -> list[str]:
            account = admitted(name, address, checked)
            if account is None:
                raise NotAllowed(WRONG, next=CONNECT)
            session.sessionhandler.login(session, account)
            for line in ahead.taken(session):
                session.execute_cmd(line)
            return []

        at_the_doors(session, self.key, ask, enter)


class Create(unloggedin.CmdUnconnectedCreate):
    """Make an account, where the owner lets strangers do so.

    Usage:
      create <name> <password>
      create "<name>" "<password>"
    """

    def at_pre_cmd(self) -> bool:
        """Whether it ends here: where strangers make no accounts, it is said who does."""
        if settings.NEW_ACCOUNT_REGISTRATION_ENABLED:
            return bool(super().at_pre_cmd())
        closed = NotAllowed("The owner of this world creates the accounts.", next=CONNECT)
        screen.show(self.caller, verbs.refusal(closed).lines)
        return True

    def func(self) -> None:
        """Have the password hashed, then make the account: the engine says what is wrong with either."""
        session, address = self.caller, str(self.caller.address)
        name, password = two(self.args)
        name = Account.normalize_username(name)

        def ask() -> Future[Hashed]:
            if not password:
                raise BadInput("A name and a password are needed.", next=CREATE)
            if CREATION_THROTTLE.check(address):
                raise NotAllowed(
                    "Too many accounts have been created from your address for now. Log in to one of them.",
                    next=CONNECT,
                )
            return doors().hashed(password, address)

        def make(hashed: Hashed) -> list[str]:
            account, errors = Account.create(username=name, password=hashed, ip=address)
            if account is None:
                raise BadInput(" ".join(flat(errors)), next=CREATE)
            return [f"{visible(name)} is now your account.", f"Try: {screen.paint('key', CONNECT)}"]

        at_the_doors(session, self.key, ask, make)


FORCED = "Nobody can be forced to change a password. The owner can set a new one with userpassword."


class Password(account.CmdPassword):
    """Change your password.

    Usage:
      password <old> = <new>

    Example:
      password correct-horse = battery-staple
    """

    def func(self) -> None:
        """Have the old one checked and the new one hashed, then keep it."""
        if self.session is None:
            screen.show(self.caller, FORCED)
            return
        who, session, address = self.account, self.session, str(self.session.address)
        old, new = self.lhs or "", self.rhs or ""

        def ask() -> Future[Checked]:
            if not old or not new:
                raise BadInput("The old and the new password are needed.", next="password <old> = <new>")
            fit(new, who)
            return checking(who.username, old, address)

        def checked(found: Checked) -> list[str]:
            if admitted(who.username, address, found) is None:
                raise NotAllowed("That is not the old password; nothing was changed.", next="password <old> = <new>")
            at_the_doors(
                session,
                self.key,
                lambda: doors().hashed(new, address),
                lambda hashed: kept(who.username, hashed, who, address, session),
            )
            return []

        at_the_doors(session, self.key, ask, checked)


class NewPassword(admin.CmdNewPassword):
    """Give an account another password.

    Usage:
      userpassword <account> = <new>

    Example:
      userpassword ana = battery-staple
    """

    def func(self) -> None:
        """Have it hashed, then keep it. It is told to nobody: who gives it hands it over."""
        if self.session is None:
            screen.show(self.caller, FORCED)
            return
        name, new, address = (self.lhs or "").lstrip("*"), self.rhs or "", str(self.session.address)

        def ask() -> Future[Hashed]:
            if not name or not new:
                raise BadInput("An account and its new password are needed.", next="userpassword <account> = <new>")
            fit(new, there(name))
            return doors().hashed(new, address)

        at_the_doors(self.session, self.key, ask, lambda hashed: kept(name, hashed, self.caller, address, self.session))


def there(name: str) -> Account:
    """The account of that name. Raises NotFound."""
    if (found := named(name)) is None:
        raise NotFound(f"No account is called '{visible(shorten(name, 40))}'.", next="guest list")
    return found


def fit(password: str, who: Account) -> None:
    """Raises BadInput with what is wrong with a new password for `who`."""
    fits, error = who.validate_password(password, account=who)
    if not fits:
        raise BadInput(f"That password cannot be used. {' '.join(flat([error]))}", next="help connecting")


def kept(name: str, hashed: Hashed, by: Any, address: str, session: Any) -> list[str]:
    """Keep the new password of an account; of its connections only `session` goes on. Raises NotFound
    when it is gone.
    """
    who = there(name)
    who.set_password(hashed, keeping=session)
    who.save(update_fields=["password"])
    logger.log_sec(f"Password Changed: {who} (Caller: {by}, IP: {address}).")
    return [f"{visible(who.username)} has a new password."]


def flat(errors: Iterable[Any]) -> Iterator[str]:
    """The sentences in what the engine gives as errors: texts, and errors that hold several."""
    for error in errors:
        yield from error.messages if hasattr(error, "messages") else (str(error),)
