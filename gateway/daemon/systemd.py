"""Tells systemd how we are (sd_notify(3)): a datagram to the socket it names. Without systemd it does nothing."""

import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str]) -> bool:
    """Sends `READY=1`, `WATCHDOG=1`, `STOPPING=1` or the like; whether anybody was there to hear it."""
    path = environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return False
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(state.encode(), address)
        except OSError:
            return False
    return True


def watchdog_seconds(environ: Mapping[str, str]) -> float | None:
    """How often to say `WATCHDOG=1`: half of what systemd allows; None when it does not watch."""
    allowed = environ.get("WATCHDOG_USEC", "")
    return int(allowed) / 2_000_000 if allowed.isdigit() and int(allowed) > 0 else None
