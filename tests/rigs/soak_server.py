"""A server that breaks a fifth of its replies, in a process of its own.

What becomes of a reply is drawn from its file's name and how often it was asked for, so that every
soak meets the same faults; from the sixth request on a file is always served well. Two sets of
names never are: those that lead back to themselves, and those that are gone.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
from collections import Counter
from typing import BinaryIO

from listening import Listening
from soak_replies import CUTS, END, FAULTS, Asked, Reply, content, draw, is_large, whole

HOSTS = 4  # ports, each of which is a host of its own to the command
FAULTY = 0.2  # of the replies
FAULTY_LARGE = 0.6  # of those that carry large files, which are few
PATIENT_FOR = 5  # requests for a file, after which it is served well
OUTDATED_FOR = 2  # requests for a file that changes, before it does


class Account:
    """What was asked and answered, by all hosts together."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()
        self._figures: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()

    def ask(self, name: str) -> int:
        """Count a request for a file; return how many came before it."""
        with self._lock:
            self._asked[name] += 1
            self._figures["requests"] += 1
            return self._asked[name] - 1

    def answer(self, fault: str, *, is_rest: bool) -> None:
        """Count a reply."""
        with self._lock:
            self._faults[fault] += 1
            self._figures["asked for the rest"] += is_rest

    def send(self, size: int) -> None:
        """Count bytes of replies that may carry a file."""
        with self._lock:
            self._figures["bytes sent"] += size

    def as_json(self) -> str:
        """Return all figures."""
        with self._lock:
            most = max(self._asked.values(), default=0)
            figures = {**self._figures, "most requests for one file": most}
            return json.dumps({**figures, "replies": dict(self._faults.most_common())})


class FaultyHost(Listening):
    """One host of the soak."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account

    def serve(self, connection: socket.socket, number: int) -> None:
        """Reply until the peer goes, or a reply ends the connection."""
        with connection.makefile("rb") as stream:
            while (request := _read(stream)) and self._reply(connection, *request):
                pass

    def _reply(self, connection: socket.socket, target: str, fields: dict[str, str]) -> bool:
        name = target[1:].partition("?")[0]
        before = self._account.ask(name)
        outdated = name.startswith("changing") and before < OUTDATED_FOR
        chance = draw(self._account.seed, name, before)
        if name.startswith("gone"):
            return _always(connection, "404 Not Found")
        if name.startswith("loop"):
            there = "" if "?" in target else "?again"
            return _always(connection, "302 Found", f"Location: /{name}{there}")
        etag, data = ("old" if outdated else "new"), content(name, outdated=outdated)
        start = 0
        if fields.get("if-range") == f'"{etag}"':
            start = int(fields["range"].removeprefix("bytes=").rstrip("-"))
        fault, reply = _drawn(name, before, chance, outdated=outdated)
        self._account.answer(fault, is_rest=start > 0)
        return reply(Asked(connection, self._account.send, data, etag, start, chance))


def _drawn(name: str, before: int, chance: random.Random, *, outdated: bool) -> tuple[str, Reply]:
    """Return what becomes of a request, and its name."""
    share = FAULTY_LARGE if is_large(name) else FAULTY
    if outdated:
        fault = chance.choice(CUTS)
    elif before >= PATIENT_FOR or chance.random() >= share:
        return "as it should be", whole
    else:
        fault = chance.choices([*FAULTS], [weight for weight, _ in FAULTS.values()])[0]
    return fault, FAULTS[fault][1]


def _always(connection: socket.socket, status: str, *fields: str) -> bool:
    lines = (f"HTTP/1.1 {status}", "Content-Length: 0", *fields)
    connection.sendall("\r\n".join(lines).encode() + END)
    return True


def _read(stream: BinaryIO) -> tuple[str, dict[str, str]] | None:
    """Read a request; return its target and header fields, `None` once the peer is gone."""
    line = stream.readline().decode("latin-1")
    if not line:
        return None
    fields: dict[str, str] = {}
    while (field := stream.readline().decode("latin-1")) not in ("\r\n", ""):
        key, _, value = field.partition(":")
        fields[key.lower()] = value.strip()
    return line.split()[1], fields


def main() -> None:
    """Say the ports on standard output, serve until standard input ends, then say the figures."""
    account = Account(int(sys.argv[1]))
    hosts = [FaultyHost(account) for _ in range(HOSTS)]
    for host in hosts:
        host.__enter__()
    sys.stdout.write(json.dumps([host.port for host in hosts]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    for host in hosts:
        host.close()
    sys.stdout.write(account.as_json() + "\n")


if __name__ == "__main__":
    main()
