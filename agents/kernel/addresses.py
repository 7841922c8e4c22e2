"""Network addresses: what counts as one, and how it is written in a URL. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network


def neighbourhood(address: str) -> str:
    """What counts as one address: for IPv6 the 64-bit network, because one machine may use all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))
    return str(found)


def in_url(host: str) -> str:
    """`host` as written in a URL and in a Host header: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
