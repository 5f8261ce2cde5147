"""Asking: in step with the host's other requests, with the right headers, through redirects."""

from __future__ import annotations

import time
from collections.abc import Mapping

from downloader import urls
from downloader.policy import Limits
from downloader.shared.rate_limiter import RateLimiter
from downloader.transfer.attempt import Attempt
from downloader.transfer.cancellation import Cancellation
from downloader.transfer.digest_logins import DigestLogins
from downloader.transfer.headers import Headers
from downloader.transfer.receive import dismiss
from downloader.transfer.redirects import RedirectChain
from downloader.transfer.session import Session
from downloader.transfer.target import Hop, Target
from downloader.wire.deadlines import out_of_time
from downloader.wire.reply import Reply

_UNAUTHORIZED = 401


class Requester:
    """Brings the reply to what an attempt asks for; each request waits for its time.

    The first one's time came with the job.
    """

    def __init__(
        self,
        session: Session,
        headers: Headers,
        limits: Limits,
        *,
        digests: DigestLogins,
        limiter: RateLimiter,
        cancellation: Cancellation,
    ) -> None:
        self._session = session
        self._headers = headers
        self._digests = digests
        self._limits = limits
        self._limiter = limiter
        self._cancellation = cancellation

    def reply(self, attempt: Attempt) -> Reply:
        """Return the reply that answers: for the rest of a file, or else for the whole one."""
        reply = self._follow(attempt, attempt.resume.ask())
        if not attempt.resume.accepts(reply):
            attempt.is_doubted = True
            reply = self._follow(attempt, attempt.resume.ask())
        return reply

    def _follow(self, attempt: Attempt, conditions: Mapping[str, str]) -> Reply:
        chain = RedirectChain(attempt.listed, self._limits)
        while chain.leads_on(reply := self._ask(attempt, chain.hop, conditions)):
            pass
        attempt.answering = chain.last
        return reply

    def _ask(self, attempt: Attempt, hop: Hop, conditions: Mapping[str, str]) -> Reply:
        """Return a hop's reply; a login is given again where a challenge asks for that, once."""
        own = attempt.job.item.headers
        headers = self._headers.of_item(own) if own else self._headers
        login = headers.login(hop)
        known = self._digests.known(hop.asked, login)
        reply = self._exchange(attempt, hop, headers, _with(conditions, known))
        if reply.status != _UNAUTHORIZED:
            return reply
        attempt.has_login = headers.has_login(hop)
        answer = self._digests.answered(hop.asked, login, reply)
        if answer is None and known is None:
            return reply
        dismiss(reply)
        return self._exchange(attempt, hop, headers, _with(conditions, answer))

    def _exchange(
        self, attempt: Attempt, hop: Hop, headers: Headers, more: Mapping[str, str]
    ) -> Reply:
        asked = hop.asked
        self._await_time(attempt, asked)
        attempt.asked = asked.origin
        fields = headers.block(hop, more, attempt.cookies.header(asked))
        begun = attempt.take_begun()
        if begun is not None:
            reply = self._session.take_over(asked, fields, begun)
        else:
            reply = self._session.get(asked, fields)
        attempt.cookies.note(asked, reply.headers)
        return reply

    def _await_time(self, attempt: Attempt, asked: Target) -> None:
        if attempt.is_due:
            attempt.is_due = False
            return
        wait = self._limiter.take(urls.site(asked.url))
        if time.monotonic() + wait >= attempt.until:
            raise out_of_time(attempt.timeouts)
        if wait:
            self._cancellation.sleep(wait)


def _with(conditions: Mapping[str, str], authorization: str | None) -> Mapping[str, str]:
    """Add credentials that replace those of the Basic scheme."""
    if authorization is None:
        return conditions
    return {**conditions, "Authorization": authorization}
