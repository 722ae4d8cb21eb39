"""What a test process may not do: reach beyond this machine, or sleep instead of waiting for something. Not a fixture."""

from __future__ import annotations

import ipaddress
import sys
import time
from pathlib import Path
from typing import SupportsIndex

LONGEST_NAP_S = 0.5
_HERE = str(Path(__file__).parent)


class NotInATest(BaseException):
    """Not an Exception, so that no retry loop swallows it."""


def is_local(host: object) -> bool:
    """Whether an address or host name can only mean this machine."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise NotInATest(f"a test reached for {address[0]}: tests talk to this machine only")
    elif event == "socket.getaddrinfo" and not is_local(args[0]):
        raise NotInATest(f"a test looked up {args[0]}: tests talk to this machine only")


def stay_on_this_machine() -> None:
    """Holds for the rest of this process; an audit hook cannot be taken off or patched out."""
    sys.addaudithook(_watch)


def stay_awake() -> None:
    """Refuses long naps of our own tests (their code lies in this folder); libraries may nap as they like."""
    nap = time.sleep

    def sleep(seconds: SupportsIndex | float) -> None:
        if float(seconds) > LONGEST_NAP_S and sys._getframe(1).f_code.co_filename.startswith(_HERE):
            raise NotInATest(f"a test slept {seconds:g} s: poll for what it waits for, with a deadline")
        nap(seconds)

    time.sleep = sleep
