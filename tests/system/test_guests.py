"""A guest against the real world: lines that would stop it, and more than he may send or leave in a day."""

from __future__ import annotations

from collections.abc import Callable

from tests.system.harness import Telnet, World

MARKS = " ".join(f"${n}" for n in range(1, 30))
LONG = "a" + " x" * 2900
FREEZES = (
    f"nick a {MARKS} = say {MARKS}",
    LONG,
    "nick *a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q* = look",
    "a" * 5900,
    "nick $1 = say $1",
    "nick [a-z]*[a-z]*[a-z]*[a-z]*z = look",
    "y" * 5900,
    "option header_text_color = " + "lca|lt|" * 840,
    "setdesc " + "|" * 5900,
    "say " + "|lca|lt" * 800,
    "channel public = " + "-" * 5800 + "x",
    "why not timmy take(" + " " * 5900,
    "whisper " + ",".join(f"n{n}" for n in range(1000)) + " = hi",
    "page " + ",".join(f"n{n}" for n in range(1000)) + " = hi",
    "look x-" + "9" * 5000,
    "ask timmy = " + "hey " * 1400,
    "say " + "timmy! " * 800,
    "task add Survey /" + "a/" * 2900,
    "say " + "\ufdfa" * 1900,
)
OLD = (
    "@py from evennia.typeclasses.attributes import NickHandler as N; from typeclasses.accounts import "
    "Account as A; n=A.objects.get(username='{}').nicks; "
    "N.add(n, 'a ' + ' '.join('$%d' % i for i in range(1, 30)), 'say ' + ' '.join('$%d' % i for i in range(1, 30))); "
    "N.add(n, '(x+x+)+y', 'look', pattern_is_regex=True); print('planted', n.all())"
)


def guest(world: World, owner: Telnet, name: str) -> Telnet:
    """Somebody whom the owner has let in, and his connection."""
    password = owner.ask(f"guest add {name}", rf"connect {name} (\S+)")[1]
    return world.login(name, password)


def test_no_line_of_a_guest_holds_the_world_up(world: World) -> None:
    owner, other = world.login(), world.login()
    ana, pid = guest(world, owner, "ana"), world.pid("server")
    for line in FREEZES:
        ana.send(line)
        other.ask("map workshop", "(?i)workshop")
        other.ask("look", "(?i)exits:")
    ana.ask("look", "(?i)exits:")
    owner.ask(OLD.format("ana"), "planted")
    for line in (LONG, "x" * 5900):
        ana.send(line)
        other.ask("look", "(?i)exits:")
    ana.ask("agents", "(?i)minds? awake")
    assert world.pid("server") == pid, "it was not killed for its silence"
    owner.ask("guest remove ana = ana", "no longer a guest")


def test_what_a_guest_sends_and_leaves_is_bounded_also_after_a_restart(fresh_world: Callable[..., World]) -> None:
    world = fresh_world(guest_kb=4)
    owner = world.login()
    ana = guest(world, owner, "ana")
    for n in range(1, 6):
        ana.ask(f"task add Survey /no/such/place{n}", f"Task {n} is proposed")
    ana.ask("task add Survey /etc/passwd", "5 proposals of yours wait")
    owner.ask("read 1", r"(?s)Action.*nothing: /no/such/place1 may not be read")
    owner.ask("ok 1", "cannot be done as it was proposed")
    ana.ask("read 1", "waits for the owner")
    for _ in range(6):
        ana.send("say " + "x" * 900)
    ana.ask("say once more " + "x" * 900, r"more than a guest may\s+say in a\s+day")
    for n in range(8):
        ana.send(f"edit 1 = {n} " + "y" * 900)
    ana.ask("edit 1 = " + "y" * 900, r"more than a guest may\s+propose")
    before = world.pid("server")
    world.kill("server")
    world.back("server", before or 0)
    ana.ask("say once more " + "x" * 900, r"more than a guest may\s+say in a\s+day")
    ana.ask("look", "(?i)exits:")
    owner.ask("say " + "z" * 900, "You say")
