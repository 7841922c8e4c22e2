"""Who listens on a port of this machine, on which of its addresses and for which user, according to /proc/net.

Owns the parsing of the kernel's tables. Connects to nobody, and does not guess: without /proc it says that it
cannot look (`None`).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = "0A"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def on(port: int, tables: tuple[Path, ...] = TABLES) -> list[Address] | None:
    """The addresses on which somebody listens at `port`; None if that cannot be determined."""
    there = [table for table in tables if table.is_file()]
    if not there:
        return None
    return [address for table in there for address, number, _ in _listening(table) if number == port]


def beyond_loopback(port: int, tables: tuple[Path, ...] = TABLES) -> list[Address]:
    """Those of them that other machines may reach."""
    return [address for address in on(port, tables) or () if not address.is_loopback]


def strangers(port: int, tables: tuple[Path, ...] = TABLES) -> list[int]:
    """The other users of this machine, except root, who listen at `port`; empty if that cannot be determined."""
    found = (user for table in tables if table.is_file() for _, number, user in _listening(table) if number == port)
    return [user for user in found if user not in (0, os.getuid())]


def _listening(table: Path) -> Iterator[tuple[Address, int, int]]:
    """Each row's local address, port and user; the kernel writes an address as words of 4 bytes in the machine's byte
    order.
    """
    for line in table.read_text().splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[3] == _LISTENING:
            words, _, port = fields[1].partition(":")
            raw = b"".join(bytes.fromhex(words[at : at + 8])[::-1] for at in range(0, len(words), 8))
            address = ipaddress.ip_address(raw)
            yield getattr(address, "ipv4_mapped", None) or address, int(port, 16), int(fields[7])
