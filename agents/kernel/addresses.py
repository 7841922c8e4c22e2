"""Addresses of the network: what counts as one, and how one stands in a URL. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network


def neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, all of which one machine may use."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))
    return str(found)


def in_url(host: str) -> str:
    """`host` as it stands in a URL and in a Host header: an address of IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
