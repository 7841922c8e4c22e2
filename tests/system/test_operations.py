"""The life of a real world: start, status, login, death of each process, reload, stop."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import client, processes
from tests.support.process import alive
from tests.system import harness
from tests.system.harness import PASSWORD, World, until


@pytest.fixture(scope="module")
def tough(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A running world of this file's own, for tests that hurt it and wait until it is well again."""
    with harness.world(tmp_path_factory.mktemp("t"), prepared) as made:
        yield made


@pytest.fixture
def hurt(tough: World) -> Iterator[World]:
    """The same, with nobody connected before and after."""
    if not tough.ready():
        tough.start()  # where a test failed before this one
    yield tough
    while tough.clients:
        tough.clients.pop().close()
    if tough.ready():
        until(lambda: tough.status()["connections"] == 0, "all who were connected are gone")


def crashes(world: World) -> int:
    """How often the Server died in this life of the Portal."""
    return int(world.status()["processes"][2]["crashes"])


def test_status_names_processes_ports_and_readiness(world: World) -> None:
    told = world.status()
    assert told["ready"]
    assert told["world"] == "up"
    assert {p["name"]: p["pid"] for p in told["processes"]} == {name: world.pid(name) for name in processes.NAMES}
    assert told["ports"] == world.ports
    assert told["sandbox"]
    for process in told["processes"]:
        os.kill(process["pid"], 0)


def test_owner_logs_in_and_stands_in_the_hall(world: World) -> None:
    player = world.login()
    player.ask("look", "(?i)fraternity hall")
    player.close()


def test_wrong_password_is_refused(world: World) -> None:
    player = world.telnet()
    player.expect("connect <")
    player.send(f"connect owner {PASSWORD}x")
    player.expect("password do not match")
    player.close()


def test_strangers_cannot_register_unless_the_owner_opens_registration(world: World) -> None:
    player = world.telnet()
    player.expect("connect <")
    player.send("create stranger some-long-password-1")
    player.expect("The owner of this world creates the accounts")
    player.close()


def test_only_loopback_listens(world: World) -> None:
    for port in world.ports.values():
        with socket.create_connection(("127.0.0.1", port), timeout=30):
            pass
    outside = _own_address()
    if outside is None:
        pytest.skip("this machine has no address besides loopback")
    for port in world.ports.values():
        with pytest.raises(OSError), socket.create_connection((outside, port), timeout=5):
            pass


def _own_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation; nothing is sent
        except OSError:
            return None
        found: str = probe.getsockname()[0]
        return None if found.startswith("127.") else found


def test_what_the_world_writes_is_the_owners_alone(world: World) -> None:
    until((world.state / "homes" / ".timmy.lock").exists, "an agent has used its home")
    files = [path for path in world.state.rglob("*") if path.is_file() and "static" not in path.parts]
    files = [path for path in files if ".git" not in path.parts]  # git has rules of its own; the folder is shut
    assert world.state / "timmy.db3" in files
    assert [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_secrets_sockets_and_folders_are_the_owners_alone(world: World) -> None:
    for name in ("secret-key", "run/timmy.sock", "run/portal.sock", "run/web.sock"):
        assert stat.S_IMODE((world.state / name).stat().st_mode) == 0o600, name
    for folder in (world.state, world.run_dir, world.state / "logs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_run_of_a_running_world_only_tells_where_it_is(world: World) -> None:
    before = [world.pid(name) for name in processes.NAMES]
    again = world.cli("run")
    assert again.returncode == 0, again.stderr
    assert str(world.ports["telnet"]) in again.stdout
    assert [world.pid(name) for name in processes.NAMES] == before


def test_killed_server_comes_back_with_player_and_character(hurt: World) -> None:
    """P13: told at once, input held, the same character, the same connection."""
    world = hurt
    player, before = world.login(), crashes(world)
    first = world.kill("server")
    player.expect("stumbled")
    player.send("say still here")
    player.expect("held until the world is back")
    player.expect("The world is back")
    player.expect("still here")
    world.back("server", first)
    player.ask("look", "(?i)fraternity hall")
    assert crashes(world) == before + 1
    assert world.status()["connections"] == 1
    assert "still here" not in world.log("portal")


def test_held_input_is_bounded_and_the_rest_refused(hurt: World) -> None:
    world = hurt
    player = world.login()
    world.kill("server")
    player.expect("stumbled")
    for i in range(6):
        player.send(f"say line {i}")
    for _ in range(3):
        player.expect("held until")
    for _ in range(3):
        player.expect("not accepted")
    player.expect("The world is back")
    player.expect("line 2")
    player.ask("look", "(?i)fraternity hall")
    assert "line 3" not in player.text.replace("say line 3", "")


def test_one_who_connects_during_the_outage_gets_the_login_screen(hurt: World) -> None:
    world = hurt
    old = world.kill("server")
    until(lambda: world.pid("server") != old, "the Server is seen to be gone")
    player = world.telnet()
    player.expect("stumbled|connect <")
    world.back("server", old)
    player.expect("connect <") if "connect <" not in player.text else None
    player.send(f"connect owner {PASSWORD}")
    player.expect("(?i)fraternity hall")


def test_one_who_connects_as_the_server_dies_gets_the_login_screen_without_typing(hurt: World) -> None:
    """The Portal has passed him on to a Server that no longer hears it."""
    world, old = hurt, hurt.pid("server")
    assert old
    os.kill(old, signal.SIGSTOP)
    player = world.telnet()
    portal = world.run_dir / "portal.sock"
    until(lambda: client.ask(portal, {"do": "status"}, 30)["sessions"] == 1, "the Portal has his session")
    os.kill(old, signal.SIGKILL)
    player.expect("stumbled")
    player.expect("The world is back")
    player.expect("connect <")


def test_killed_portal_takes_its_server_along_and_all_comes_back(hurt: World) -> None:
    world = hurt
    server, portal = world.pid("server"), world.kill("portal")
    assert server
    world.back("portal", portal)
    assert world.pid("server") != server
    world.login()


def test_killed_supervisor_leaves_the_world_up_and_run_takes_it_over(hurt: World) -> None:
    world = hurt
    player = world.login()
    portal = world.pid("portal")
    world.kill("supervisor")
    assert world.status()["ready"]
    world.run()
    assert world.pid("supervisor")
    assert world.pid("portal") == portal
    player.ask("look", "(?i)fraternity hall")
    old = world.kill("portal")
    world.back("portal", old)


def test_reload_keeps_connection_and_character(hurt: World) -> None:
    world = hurt
    player = world.login()
    portal, server, before = world.pid("portal"), world.pid("server"), crashes(world)
    done = world.cli("reload")
    assert done.returncode == 0, done.stderr
    assert "Ready again" in done.stderr
    assert world.pid("portal") == portal
    assert world.pid("server") != server
    player.expect("is reloading")
    player.expect("The world is back")
    player.ask("look", "(?i)fraternity hall")
    assert crashes(world) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_sockets_refuse_another_user_even_where_the_files_would_let_him(hurt: World) -> None:
    world = hurt
    for folder in (world.run_dir, *world.run_dir.parents):
        if folder.owner() == "root" and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    program = (
        "import os, socket, sys; os.setgid(65534); os.setuid(65534);"
        "s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(sys.argv[1]);"
        's.sendall(b\'{"do": "status", "verb": "health"}\\n\'); sys.stdout.write(repr(s.recv(100)))'
    )
    for name in ("timmy.sock", "portal.sock", "web.sock"):
        (world.run_dir / name).chmod(0o666)
        done = world.python("-c", program, str(world.run_dir / name))
        assert done.stdout == "b''" or "Reset" in done.stderr or "Broken" in done.stderr, done.stderr
    assert world.status()["ready"]
    assert "refused" in world.log("server")
    assert "refused" in world.log("portal")


def test_stop_leaves_no_process_and_no_open_port_and_a_world_beside_it_alone(hurt: World, world: World) -> None:
    stopped, beside = hurt, world
    assert set(stopped.ports.values()).isdisjoint(beside.ports.values())
    neighbour = beside.login()
    pids = [stopped.pid(name) for name in processes.NAMES]
    player = stopped.login()
    done = stopped.cli("stop")
    assert done.returncode == 0, done.stderr
    until(player.hung_up, "the player's connection ends")
    for pid in pids:
        assert pid is not None
        until(lambda pid=pid: not alive(pid), f"process {pid} has ended")
    for port in stopped.ports.values():
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    assert stopped.cli("status").returncode == 4
    assert stopped.cli("reload").returncode == 4
    assert stopped.cli("stop").returncode == 0
    neighbour.ask("look", "(?i)fraternity hall")
