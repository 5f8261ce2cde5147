"""Connecting to a host that has several addresses, of which some may be dead (RFC 8305).

An address that does not answer holds up no other one for long: the next is tried while it goes on,
and the first that takes a connection has it.
"""

from __future__ import annotations

import errno
import itertools
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

# Seconds until the next address is tried (RFC 8305 section 5).
DELAY = 0.25
# Sockets that one race has open: beyond it the oldest, which had seconds, is given up.
AT_ONCE = 8
# Hosts whose address is remembered.
HOSTS = 1024

# What `socket.getaddrinfo` returns of an address: family, type, protocol, name, socket's address.
Address = tuple[Any, Any, int, str, tuple[Any, ...]]
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)


class Remembered:
    """Which address took a connection, by host, if that was not the first one; for all threads."""

    def __init__(self) -> None:
        self._by_host: dict[str, Address] = {}

    def sort(self, host: str, found: Sequence[Address]) -> list[Address]:
        """Return a host's addresses in the order in which they are to be tried.

        That which worked last, or else one of its family, comes before all others.
        """
        order = interleaved(found)
        known = self._by_host.get(host)
        if known is None:
            return order
        best = min(order, key=lambda each: (each[4][0] != known[4][0], each[0] != known[0]))
        return [best, *(each for each in order if each is not best)]

    def note(self, host: str, address: Address, order: Sequence[Address]) -> None:
        """Remember the address that has worked, if it was not tried first anyway."""
        if address is not order[0]:
            if len(self._by_host) >= HOSTS:
                self._by_host.clear()
            self._by_host[host] = address


def interleaved(found: Sequence[Address]) -> list[Address]:
    """Return addresses with their families in turns, the resolver's first one first (section 4)."""
    families: dict[Any, list[Address]] = {}
    for each in found:
        families.setdefault(each[0], []).append(each)
    rounds = itertools.zip_longest(*families.values())
    return [each for turn in rounds for each in turn if each is not None]


class Race:
    """Connections to the addresses of one host, of which the first that opens is taken.

    Each socket gets these options, and `watch` is told of it once it connects. Close it at the end.
    """

    def __init__(self, options: Sequence[Any], watch: Callable[[socket.socket], None]) -> None:
        self._options = options
        self._watch = watch
        self._poll = select.poll()
        self._running: dict[int, tuple[socket.socket, Address]] = {}
        self._failed: OSError = ConnectionError("the host has no address")

    def run(
        self, order: Sequence[Address], patience: Callable[[], float]
    ) -> tuple[socket.socket, Address]:
        """Return the socket that is connected first, and to where.

        `patience` returns the seconds that are left, or raises once there are none. Raises the
        last address's `OSError` if no address takes a connection.
        """
        waiting, due = deque(order), 0.0
        while waiting or self._running:
            left = patience()
            now = time.monotonic()
            if waiting and (now >= due or not self._running):
                self._begin(waiting.popleft())
                due = now + DELAY
                continue
            for number in self._writable(min(left, due - now) if waiting else left):
                opened = self._end(number)
                if opened is not None:
                    return opened
                due = 0.0  # the next one need not wait
        raise self._failed

    def close(self) -> None:
        """Give up all that have not opened."""
        for sock, _ in self._running.values():
            sock.close()
        self._running.clear()

    def _begin(self, address: Address) -> None:
        if len(self._running) >= AT_ONCE:
            self._give_up(next(iter(self._running)))
        try:
            sock = socket.socket(*address[:3])
        except OSError as error:  # no such family here, or too many open files
            self._failed = error
            return
        try:
            self._connect(sock, address)
        except OSError as error:
            sock.close()
            self._failed = error

    def _connect(self, sock: socket.socket, address: Address) -> None:
        for option in self._options:
            sock.setsockopt(*option)
        sock.setblocking(False)
        number = sock.connect_ex(address[4])
        if number not in _UNDER_WAY:
            raise OSError(number, os.strerror(number))
        self._watch(sock)  # not before: what does not connect yet cannot be shut
        self._poll.register(sock, select.POLLOUT)
        self._running[sock.fileno()] = (sock, address)

    def _writable(self, seconds: float) -> list[int]:
        """Wait until something opens, or fails."""
        return [number for number, _ in self._poll.poll(1000 * max(0.0, seconds))]

    def _end(self, number: int) -> tuple[socket.socket, Address] | None:
        """Return what has opened, `None` if it has failed."""
        self._poll.unregister(number)
        sock, address = self._running.pop(number)
        fault = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not fault:
            return sock, address
        sock.close()
        self._failed = OSError(fault, os.strerror(fault))
        return None

    def _give_up(self, number: int) -> None:
        self._poll.unregister(number)
        sock, _ = self._running.pop(number)
        sock.close()
        self._failed = TimeoutError("timed out")
