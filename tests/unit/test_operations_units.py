"""The small parts of supervision: where things lie, locks, back-off, secrets, log lines."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from twisted.logger import LogLevel
from twisted.python.failure import Failure

from agents.kernel import location
from agents.kernel.errors import BadInput, NotFound, TimmyError
from agents.kernel.settings import Settings, load
from server import backoff, cli, client, locks, logs, ports, prepare, secret


@pytest.mark.parametrize(
    "line",
    [
        "TIMMY_OWNER=ann",
        "export TIMMY_OWNER=ann",
        "TIMMY_OWNER='ann'",
        'TIMMY_OWNER="ann"',
        "  TIMMY_OWNER = ann  ",
        "TIMMY_OWNER=ann # the owner",
        "TIMMY_OWNER=bob\nTIMMY_OWNER=ann",
    ],
)
def test_dotenv_is_read_as_the_settings_model_reads_it(line: str, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(line + "\n# TIMMY_OWNER=carl\nOTHER=1\n")
    assert location.dotenv(env) == {"TIMMY_OWNER": "ann"}
    assert Settings(_env_file=env).owner == "ann"


def test_no_dotenv_is_no_settings(tmp_path: Path) -> None:
    assert location.dotenv(tmp_path / "missing") == {}


@pytest.mark.parametrize("value", ["relative/place", "/absolute/place", "~/place"])
def test_the_state_folder_is_the_same_with_and_without_the_model(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMMY_STATE_DIR", value)
    assert location.state_dir() == load().state_dir
    assert location.state_dir().is_absolute()


def test_the_ports_of_two_neighbouring_bases_do_not_meet() -> None:
    assert len(set(ports.of(4000).values())) == 4
    assert set(ports.of(4000).values()).isdisjoint(ports.of(4004).values())


@pytest.mark.parametrize(("name", "hint"), [("TIMMY_PORT_BSE", "TIMMY_PORT_BASE"), ("TIMMY_ONWER", "TIMMY_OWNER")])
def test_an_unknown_setting_is_refused_with_the_nearest(name: str, hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(BadInput, match=f"{name}.*{hint}"):
        load()


def test_backoff_grows_is_bounded_and_is_forgiven_by_a_long_life() -> None:
    policy = backoff.Backoff(stable=60)
    assert [policy.died(1) for _ in range(8)] == [0, 1, 2, 5, 10, 30, 30, 30]
    assert policy.died(61) == 0
    assert policy.died(1) == 1
    policy.forgive()
    assert policy.died(1) == 0


def test_what_was_ready_before_it_was_killed_is_started_again_soon() -> None:
    policy = backoff.Backoff(stable=60)
    assert [policy.died(1, ready=True) for _ in range(20)] == [0, 1, *[2] * 18]
    assert policy.died(1) == 30, "one that never gets ready is left longer and longer"


def test_each_one_killed_early_for_its_silence_lets_the_next_be_silent_longer() -> None:
    patience = backoff.Patience(stable=300, most=8)
    assert patience.times(1) == 1
    for expected in (2, 4, 8, 8):
        patience.lost(40)
        assert (patience.times(40), patience.times(300)) == (expected, 1)
    patience.lost(4000)
    assert patience.times(40) == 2


HOLD = (
    "import sys,pathlib; from server import locks; h=locks.take(pathlib.Path(sys.argv[1]),'server'); "
    "print('held',flush=True); sys.stdin.read()"
)


@pytest.fixture
def holding(tmp_path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=location.PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_lock_names_its_living_holder_only(tmp_path: Path, holding: subprocess.Popen[bytes]) -> None:
    assert locks.holder(tmp_path, "server") == holding.pid
    with pytest.raises(BlockingIOError):
        locks.take(tmp_path, "server")
    os.kill(holding.pid, signal.SIGKILL)
    holding.wait()
    assert locks.path(tmp_path, "server").read_text() == str(holding.pid)
    assert locks.holder(tmp_path, "server") is None
    with locks.take(tmp_path, "server"):
        assert locks.path(tmp_path, "server").read_text() == str(os.getpid())


def test_end_asks_first(tmp_path: Path, holding: subprocess.Popen[bytes]) -> None:
    assert locks.end(tmp_path, "server", patience=60) is False
    assert holding.wait() == -signal.SIGTERM
    assert locks.end(tmp_path, "server", patience=60) is False


def test_who_cannot_be_looked_for_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert locks.holder(tmp_path / "file" / "run", "server") is None
    assert locks.holder(tmp_path / "missing", "server") is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x" * 39,
        "changeme!(*#&*($&*(#*(&SDFKJJKLS*(@#KJAS",
        "django-insecure-" + "x" * 60,
        "Set-By-Secret" + "x" * 60,
    ],
)
def test_an_unusable_key_is_refused(key: str, tmp_path: Path) -> None:
    if key:
        secret.keep(tmp_path, secret.KEY, key)
    with pytest.raises(NotFound, match=str(tmp_path)) as refused:
        secret.key(tmp_path)
    assert ("Remove the file" in str(refused.value)) == bool(key), "there is nothing to remove where there is no file"
    assert refused.value.next == "timmy run"


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    secret.ensure_key(tmp_path / "state")
    first = secret.key(tmp_path / "state")
    secret.ensure_key(tmp_path / "state")
    assert secret.key(tmp_path / "state") == first
    assert (tmp_path / "state" / secret.KEY).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def _event(text: str, **more: object) -> dict[str, object]:
    return {
        "log_time": 0.0,
        "log_level": LogLevel.info,
        "log_namespace": "here",
        "log_format": "{text}",
        "text": text,
        **more,
    }


@pytest.mark.parametrize(
    "said",
    [
        "User input was: 'userpassword ana = hunter2'.",
        "cmdhandler error. raw_input:@py hunter2",
        "Session 3: Input command not recognized:\n name: 'x'\n args, kwargs: ['hunter2'], {'more': 'hunter2'}",
    ],
)
def test_no_words_that_were_typed_stand_in_a_log(said: str) -> None:
    told = json.loads(logs.line(_event(said)))["text"]
    assert "hunter2" not in told
    assert "characters, not kept)" in told


def test_a_log_line_is_one_line_without_controls_or_secrets() -> None:
    told = json.loads(logs.line(_event("a\nb\x1b[31mred\u202e password=hunter2hunter2")))
    assert told == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "from": "here",
        "text": "a\nbred password=[redacted]",
    }
    assert "\n" not in logs.line(_event("a\nb"))
    assert len(logs.line(_event("x" * 10_000_000))) < 20_000


def test_a_failure_is_logged_with_its_trace() -> None:
    try:
        raise ValueError("planted")
    except ValueError:
        told = json.loads(logs.line(_event("failed", log_failure=Failure())))
    assert "planted" in told["trace"]
    assert "test_a_failure_is_logged" in told["trace"]


def test_logs_are_capped_whatever_is_written(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path, log_mb=1)
    target = logs.logfile("probe", settings)
    observe = logs.writer(target, settings)
    for _ in range(1200):
        observe(_event("x" * 12_000))
    observe(_event("debug is left out", log_level=LogLevel.debug))
    target.close()
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == 1 + logs.KEPT
    assert all(f.stat().st_size <= 1_020_000 for f in files)
    assert "left out" not in (tmp_path / "logs" / "probe.log").read_text()


@pytest.mark.parametrize(
    ("argv", "verb", "argument"),
    [
        (["tasks"], "tasks", ""),
        (["tasks", "2"], "tasks", "2"),
        (["tasks", "show", "7"], "task", "7"),
        (["tasks", "show", "7/report"], "task", "7/report"),
        (["tasks", "add", "Survey", "/src", "=", "what is in it"], "task", "add Survey /src = what is in it"),
        (["tasks", "assign", "1", "=", "timmy"], "assign", "1 = timmy"),
        (["approve", "1", "5-8"], "approve", "1 5-8"),
        (["ok", "1"], "approve", "1"),
        (["veto", "3", "--reason", "use the mock"], "veto", "3 = use the mock"),
        (["no", "3"], "veto", "3"),
        (["plan", "timmy"], "plan", "timmy"),
        (["audit", "verify"], "audit", "verify"),
        (["world", "export"], "world", "export"),
        (["why", "timmy", "move"], "why", "timmy move"),
        (["--json", "feed"], "feed", ""),
    ],
)
def test_a_command_line_becomes_one_verb(
    argv: list[str], verb: str, argument: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def answer(path: Path, question: dict[str, object], seconds: float = 0) -> dict[str, object]:
        asked.append(question)
        return {"lines": ["shown"], "data": {"n": 1}, "exit": 3}

    monkeypatch.setattr(client, "ask", answer)
    assert cli.main(argv) == 3
    assert [(q["verb"], q["argument"]) for q in asked] == [(verb, argument)]
    shown = capsys.readouterr()
    assert shown.err == ""
    assert (json.loads(shown.out) == {"n": 1}) if "--json" in argv else shown.out == "shown\n"


def test_errors_of_a_verb_go_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(client, "ask", lambda *_, **__: {"lines": ["No task 9."], "data": None, "exit": 1})
    assert cli.main(["tasks", "show", "9"]) == 1
    assert capsys.readouterr() == ("", "No task 9.\n")
    assert cli.main(["tasks", "show", "9", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"error": "No task 9."}


def test_reading_status_needs_no_library() -> None:
    """ux 10: what answers `timmy status` imports neither the engine nor Django nor pydantic."""
    program = (
        "import sys; from server import cli; cli.main(['status']);"
        "heavy = {'evennia', 'django', 'twisted', 'pydantic', 'yaml', 'networkx'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=location.PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["supervisor", "process", "keeper"])
def test_what_keeps_processes_alive_loads_no_library(name: str) -> None:
    """They are loaded at every start, and beside the processes that do need the engine."""
    program = (
        f"import sys; import server.{name};"
        "print(*{'evennia', 'django', 'twisted', 'pydantic', 'yaml', 'ssl'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=location.PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("\n", "")


def test_the_grammar_library_is_whole_and_typeguard_as_before() -> None:
    import inflect
    import typeguard

    assert inflect.engine().plural("torch") == "torches"

    @typeguard.typechecked
    def checked(number: int) -> int:
        return number

    with pytest.raises(typeguard.TypeCheckError):
        checked("three")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "said", "next"),
    [
        (errno.ENOSPC, "Free some space there", "df -h"),
        (errno.EDQUOT, "Free some space there", "df -h"),
        (errno.EACCES, "Make it writable", "timmy doctor"),
    ],
)
def test_a_disk_that_takes_nothing_is_told_with_what_helps(
    code: int, said: str, next: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, data: bytes) -> None:
        path.touch()
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(TimmyError, match=said) as refused:
        prepare.writable(tmp_path)
    assert refused.value.next.startswith(next)
    assert code == errno.EACCES or not any(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
def test_a_state_folder_that_others_may_write_to_is_refused(mode: int, tmp_path: Path) -> None:
    """The database lies there, and sockets: who can exchange them runs code as the owner."""
    prepare.writable(tmp_path)
    tmp_path.chmod(mode)
    with pytest.raises(TimmyError, match="Others can write") as refused:
        prepare.writable(tmp_path)
    assert refused.value.next == f"chmod go-w {tmp_path}"
