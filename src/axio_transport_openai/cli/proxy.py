"""The proxy that the environment names, which a command goes through as other programs do."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["proxy"]


def proxy(base_url: str) -> str | None:
    """The proxy for this address; none for one on this machine, and where no_proxy names it."""
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        asked = f"{host}:{parts.port}" if parts.port else host
    except ValueError:  # no request is sent to such an address
        return None
    named = getproxies().get(parts.scheme, "").strip()
    if not named or _on_this_machine(host) or proxy_bypass(asked):
        return None
    kind, _, address = named.rpartition("://")
    # aiohttp speaks to no other kinds, such as SOCKS.
    return f"{kind or 'http'}://{address}" if kind in {"", "http", "https"} else None


def _on_this_machine(host: str) -> bool:
    # 0.0.0.0 is where local servers say that they listen; asked for, it is this machine.
    number = host.replace(".", "").isdigit()
    return host in {"localhost", "::1", "::"} or (number and host.startswith(("127.", "0.")))
