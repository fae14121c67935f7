"""Ports for processes that must know theirs before they listen on it.

Measurements and test runs go on at the same time on one machine. A port that is merely free may be
taken by a neighbour before its process listens, so that each port is also claimed.
"""

import random
import socket
from collections.abc import Sequence

# Below the ports that systems give to outgoing connections: Linux's begin at 32768, macOS' and
# Windows' at 49152. No connection can take one of these by accident.
FIRST, LAST = 20_000, 32_000

_claims: list[socket.socket] = []


def free_ports(count: int) -> Sequence[int]:
    """TCP ports on 127.0.0.1 that nobody listens on.

    Nobody else is given them by this function until this process ends.
    """
    candidates = iter(random.sample(range(FIRST, LAST), LAST - FIRST))
    return [next(port for port in candidates if claim(port)) for _ in range(count)]


def claim(port: int) -> bool:
    """Whether the port is ours from here on."""
    # The UDP port of the same number is the claim: nobody uses it, and the system frees it when
    # this process ends, however it ends.
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True
