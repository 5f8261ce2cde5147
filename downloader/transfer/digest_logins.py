"""Where Digest logins have worked: answers without being asked again (RFC 7616 section 3.6)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass

from downloader.transfer.digest_auth import Challenge, Login, answer, challenge
from downloader.transfer.target import Origin, Target
from downloader.wire.reply import Reply

# Origins whose challenges are remembered.
MOST = 1024


@dataclass(slots=True)
class _Session:
    """A nonce that is used again; `count` is how many requests have answered it."""

    challenge: Challenge
    cnonce: str
    count: int = 0


class DigestLogins:
    """Answers challenges; for all threads. `note` is called when a login meets its first one."""

    def __init__(self) -> None:
        self.note: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._known: dict[tuple[Origin, Login], _Session] = {}

    def known(self, asked: Target, login: Login | None) -> str | None:
        """Return the Authorization for a request if this login's origin has asked for one before.

        `None` if it has not.
        """
        if login is None or not self._known:
            return None
        with self._lock:
            session = self._known.get((asked.origin, login))
            return None if session is None else _next(session, asked, login)

    def answered(self, asked: Target, login: Login | None, reply: Reply) -> str | None:
        """Return the Authorization with which to repeat a request that was answered by `reply`.

        `None` if it brings no challenge that can be answered.
        """
        if login is None or reply.status != 401:
            return None
        found = challenge(reply.headers.getlist("WWW-Authenticate"))
        if found is None:
            return None
        session = _Session(found, os.urandom(8).hex())
        with self._lock:
            is_new = self._known.pop((asked.origin, login), None) is None
            self._known[asked.origin, login] = session
            if len(self._known) > MOST:
                del self._known[next(iter(self._known))]
            said = _next(session, asked, login)
        if is_new:
            self.note()
        return said

    def has(self, origin: Origin) -> bool:
        """Return True if an origin has asked for an answer."""
        with self._lock:
            return any(known == origin for known, _ in self._known)


def _next(session: _Session, asked: Target, login: Login) -> str:
    session.count += 1
    return answer(session.challenge, login, asked.path, count=session.count, cnonce=session.cnonce)
