"""The cascade's own tables, in a file that only its process writes.

Owns breakers, habits of models, use by day, provider, model and agent, faults, the last calls and changes of
strategy, each bounded. Stores no contents: neither questions nor answers, except the last ones that left the
machine. If a record cannot be written (a full disk), that is logged and delays no answer; what leaves the machine
is recorded first, or does not leave.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agents.cascade.breaker import Breaker, State
from agents.cascade.budget import Used
from agents.cascade.ports import Step

_log = logging.getLogger("timmy.cascade")
CALLS, HISTORY, SENT, DAYS = 2000, 100, 200, 400
"""How many of each are kept."""
_SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=2000;
CREATE TABLE IF NOT EXISTS breaker (provider TEXT, model TEXT, state TEXT, failures INT, opened INT, again_at REAL,
  last_fault TEXT, last_said TEXT, PRIMARY KEY (provider, model)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (day TEXT, agent TEXT, provider TEXT, model TEXT, local INT, requests INT,
  tokens_in INT, tokens_out INT, cost REAL, PRIMARY KEY (day, agent, provider, model, local)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fault (day TEXT, provider TEXT, model TEXT, kind TEXT, times INT,
  PRIMARY KEY (day, provider, model, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS call (n INTEGER PRIMARY KEY, at REAL, id TEXT, agent TEXT, purpose TEXT, provider TEXT,
  model TEXT, local INT, ms REAL, first_ms REAL, tokens_in INT, tokens_out INT, fault TEXT, way TEXT,
  asked TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS call_provider ON call (provider, n);
CREATE TABLE IF NOT EXISTS habit (provider TEXT, model TEXT, PRIMARY KEY (provider, model)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS window (provider TEXT, model TEXT, tokens INT, PRIMARY KEY (provider, model)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS strategy (n INTEGER PRIMARY KEY, at REAL, state TEXT, why TEXT);
CREATE TABLE IF NOT EXISTS sent (n INTEGER PRIMARY KEY, at REAL, id TEXT, agent TEXT, provider TEXT, model TEXT,
  messages TEXT);
"""


@dataclass(frozen=True)
class Called:
    """One question that has ended. `at` is in seconds since 1970; `first_ms` None where nothing came. `model` is what
    answered calls itself, `asked` the name by which it was asked.
    """

    at: float
    id: str
    agent: str
    purpose: str
    provider: str
    model: str
    local: bool
    ms: float
    first_ms: float | None
    tokens_in: int
    tokens_out: int
    fault: str
    way: tuple[Step, ...]
    asked: str = ""


class Store:
    """The tables. Used from one thread."""

    def __init__(self, path: Path | str) -> None:
        """Open or create the file; `:memory:` stores nothing."""
        self._link = sqlite3.connect(path, isolation_level=None)
        self._link.row_factory = sqlite3.Row
        try:
            self._link.executescript(_SCHEMA)
            if "asked" not in {row["name"] for row in self._rows("PRAGMA table_info(call)")}:
                self._link.execute("ALTER TABLE call ADD COLUMN asked TEXT NOT NULL DEFAULT ''")
        except sqlite3.Error:
            self._link.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._link.close()

    def _write(self, *deeds: tuple[str, tuple[object, ...]]) -> bool:
        """Write all of `deeds` or none, and return which; errors are logged."""
        try:
            self._link.execute("BEGIN")
            for sql, values in deeds:
                self._link.execute(sql, values)
            self._link.execute("COMMIT")
        except sqlite3.Error as error:
            _log.error("a record cannot be written: %s", error)
            if self._link.in_transaction:
                self._link.execute("ROLLBACK")
            return False
        return True

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._link.execute(sql, values).fetchall()

    # -- breakers and strategy ---------------------------------------------------------------------
    def breakers(self) -> dict[tuple[str, str], Breaker]:
        """The last known breakers."""
        return {
            (r["provider"], r["model"]): Breaker(
                State(r["state"]), r["failures"], r["opened"], r["again_at"], r["last_fault"], r["last_said"]
            )
            for r in self._rows("SELECT * FROM breaker")
        }

    def keep_breaker(self, key: tuple[str, str], b: Breaker) -> None:
        """Remember a breaker."""
        self._write(
            (
                "REPLACE INTO breaker VALUES (?,?,?,?,?,?,?,?)",
                (*key, b.state, b.failures, b.opened, b.again_at, b.last_fault, b.last_said),
            )
        )

    def habits(self) -> list[tuple[str, str]]:
        """Models, each by provider and name, that omit the opening tag of their thinking."""
        return [(r["provider"], r["model"]) for r in self._rows("SELECT * FROM habit")]

    def note_habit(self, provider: str, model: str) -> None:
        """This model does."""
        self._write(("REPLACE INTO habit VALUES (?,?)", (provider, model)))

    def windows(self) -> dict[tuple[str, str], int]:
        """Of models, each by its provider and name: of how many tokens a prompt was that it has read whole."""
        return {(r["provider"], r["model"]): r["tokens"] for r in self._rows("SELECT * FROM window")}

    def note_window(self, provider: str, model: str, tokens: int) -> None:
        """This model has read a prompt of so many tokens whole; 0: that is no longer believed."""
        self._write(("REPLACE INTO window VALUES (?,?,?)", (provider, model, tokens)))

    def note_strategy(self, at: float, state: str, why: str) -> None:
        """The strategy changed."""
        self._write(
            ("INSERT INTO strategy (at, state, why) VALUES (?,?,?)", (at, state, why)),
            ("DELETE FROM strategy WHERE n <= (SELECT max(n) FROM strategy) - ?", (HISTORY,)),
        )

    def strategies(self, most: int = 20) -> list[dict[str, Any]]:
        """The last changes, newest first."""
        return [dict(r) for r in self._rows("SELECT at, state, why FROM strategy ORDER BY n DESC LIMIT ?", most)]

    # -- what was used ------------------------------------------------------------------------------
    def note(self, day: str, call: Called, cost: float) -> None:
        """Record a question that has ended, whole or not at all."""
        way = json.dumps([asdict(step) for step in call.way])
        deeds: list[tuple[str, tuple[object, ...]]] = [
            (
                "INSERT INTO call (at,id,agent,purpose,provider,model,local,ms,first_ms,tokens_in,tokens_out,fault,way,"
                "asked) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    call.at,
                    call.id,
                    call.agent,
                    call.purpose,
                    call.provider,
                    call.model,
                    call.local,
                    call.ms,
                    call.first_ms,
                    call.tokens_in,
                    call.tokens_out,
                    call.fault,
                    way,
                    call.asked or call.model,
                ),
            ),
            ("DELETE FROM call WHERE n <= (SELECT max(n) FROM call) - ?", (CALLS,)),
        ]
        if call.provider:
            deeds.append(
                _use(day, call.agent, call.provider, call.model, call.local, 1, call.tokens_in, call.tokens_out, cost)
            )
        self._write(*deeds)

    def charge(
        self, day: str, agent: str, provider: str, model: str, tokens_in: int, tokens_out: int, cost: float
    ) -> None:
        """What a failed answer of another machine used."""
        self._write(_use(day, agent, provider, model, False, 0, tokens_in, tokens_out, cost))

    def note_fault(self, day: str, provider: str, model: str, kind: str) -> None:
        """A provider failed, whatever the result of the question."""
        self._write(
            (
                "INSERT INTO fault VALUES (?,?,?,?,1) ON CONFLICT DO UPDATE SET times = times + 1",
                (day, provider, model, kind),
            )
        )

    def note_sent(self, at: float, id: str, agent: str, provider: str, model: str, messages: str) -> bool:
        """What is sent to a provider on another machine, exactly as it is sent. Returns whether it was written."""
        return self._write(
            (
                "INSERT INTO sent (at,id,agent,provider,model,messages) VALUES (?,?,?,?,?,?)",
                (at, id, agent, provider, model, messages),
            ),
            ("DELETE FROM sent WHERE n <= (SELECT max(n) FROM sent) - ?", (SENT,)),
        )

    def used(self, day: str, agent: str) -> Used:
        """What an agent has used of providers on other machines."""
        row = self._rows(
            (
                "SELECT total(tokens_in + tokens_out) AS t, total(cost) AS c FROM used WHERE day=? AND agent=? "
                "AND NOT local"
            ),
            day,
            agent,
        )[0]
        return Used(int(row["t"]), float(row["c"]))

    def prune(self, day: str) -> None:
        """Delete old days; `day` is today."""
        for table in ("used", "fault"):
            self._write((f"DELETE FROM {table} WHERE day < date(?, ?)", (day, f"-{DAYS} days")))  # noqa: S608  (a name of ours)

    # -- reading ------------------------------------------------------------------------------------
    def by_provider(self) -> dict[str, dict[str, Any]]:
        """Requests, tokens and cost of each provider."""
        rows = self._rows(
            "SELECT provider, sum(requests) AS requests, sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out,"
            " sum(cost) AS cost FROM used GROUP BY provider"
        )
        return {r["provider"]: dict(r) for r in rows}

    def by_model(self) -> list[dict[str, Any]]:
        """Requests, tokens and cost of each model of each provider."""
        return [
            dict(r)
            for r in self._rows(
                "SELECT provider, model, local, sum(requests) AS requests, sum(tokens_in) AS tokens_in, "
                "sum(tokens_out) AS tokens_out,"
                " sum(cost) AS cost FROM used GROUP BY provider, model, local"
            )
        ]

    def by_agent(self) -> list[dict[str, Any]]:
        """What each agent has used, and how much of it was generated on this machine."""
        return [
            dict(r)
            for r in self._rows(
                "SELECT agent, sum(requests) AS requests, sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out,"
                " sum(local * tokens_out) AS tokens_local, sum(cost) AS cost FROM used GROUP BY agent ORDER BY agent"
            )
        ]

    def by_day(self, most: int = 30) -> list[dict[str, Any]]:
        """Tokens generated on each of the last days, and how many of them on this machine; newest first."""
        return [
            dict(r)
            for r in self._rows(
                "SELECT day, sum(local * tokens_out) AS tokens_local, sum(tokens_out) AS tokens_all FROM "
                "used GROUP BY day"
                " ORDER BY day DESC LIMIT ?",
                most,
            )
        ]

    def tokens(self) -> tuple[int, int]:
        """Tokens generated on this machine, and all."""
        row = self._rows("SELECT total(local * tokens_out) AS l, total(tokens_out) AS a FROM used")[0]
        return int(row["l"]), int(row["a"])

    def faults(self) -> dict[str, dict[str, int]]:
        """How often each provider failed in which way."""
        found: dict[str, dict[str, int]] = {}
        for r in self._rows("SELECT provider, kind, sum(times) AS times FROM fault GROUP BY provider, kind"):
            found.setdefault(r["provider"], {})[r["kind"]] = r["times"]
        return found

    def calls(self, most: int = 20) -> list[dict[str, Any]]:
        """The last questions that ended, newest first."""
        return [_call(r) for r in self._rows("SELECT * FROM call ORDER BY n DESC LIMIT ?", most)]

    def calls_of(self, agent: str, since: float, until: float, most: int) -> list[dict[str, Any]]:
        """The first `most` questions of an agent that ended from `since` until before `until`, oldest first."""
        sql = "SELECT * FROM call WHERE agent=? AND at>=? AND at<? ORDER BY n LIMIT ?"
        return [_call(r) for r in self._rows(sql, agent, since, until, most)]

    def milliseconds(self, provider: str, most: int = 200) -> tuple[list[float], list[float]]:
        """Times to the first piece and to the end of the last answers, each sorted."""
        rows = self._rows(
            "SELECT first_ms, ms FROM call WHERE provider=? AND fault='' ORDER BY n DESC LIMIT ?", provider, most
        )
        return sorted(r["first_ms"] for r in rows if r["first_ms"] is not None), sorted(r["ms"] for r in rows)

    def first_by_model(self, provider: str, most: int = 200) -> dict[str, list[float]]:
        """Milliseconds to the first piece of the last answers of each model, by the name it was asked for, sorted."""
        found: dict[str, list[float]] = {}
        for row in self._rows(
            "SELECT asked, model, first_ms FROM call WHERE provider=? AND fault='' AND first_ms IS NOT NULL "
            "ORDER BY n DESC",
            provider,
        ):
            known = found.setdefault(row["asked"] or row["model"], [])
            if len(known) < most:
                known.append(row["first_ms"])
        return {model: sorted(values) for model, values in found.items()}

    def sent(self, agent: str = "", before: int | None = None, most: int = 20) -> tuple[list[dict[str, Any]], int]:
        """What left the machine before the number `before`, newest first, and how many older ones there are."""
        of = "FROM sent WHERE n < ? AND (? = '' OR agent = ?)"
        rows = self._rows(f"SELECT * {of} ORDER BY n DESC LIMIT ?", before or 2**62, agent, agent, most)
        left = self._rows(f"SELECT count(*) AS c {of}", rows[-1]["n"], agent, agent)[0]["c"] if rows else 0
        return [{**dict(r), "messages": json.loads(r["messages"])} for r in rows], left


def _call(row: sqlite3.Row) -> dict[str, Any]:
    told = {name: row[name] for name in row.keys() if name != "asked"}  # noqa: SIM118  (a row is no mapping)
    return {**told, "local": bool(row["local"]), "way": json.loads(row["way"])}


def _use(*row: object) -> tuple[str, tuple[object, ...]]:
    return (
        "INSERT INTO used VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,"
        " tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out,"
        " cost = cost + excluded.cost",
        row,
    )


def percentile(values: Iterable[float], share: float) -> float | None:
    """A quantile of sorted values; None if there are none."""
    known = list(values)
    return round(known[min(int(len(known) * share), len(known) - 1)], 1) if known else None
