"""The conditions under which the estimate is held against the truth, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from workloads import KB, LOOPBACK, MB, Link

LINK_50 = Link(rate=50 * MB)
LINK_200 = Link(rate=200 * MB)


@dataclass(frozen=True, slots=True)
class Condition:
    """Files (number and size) from servers, and what rightly is said to hold the run back.

    `server` is "nginx", with `where` the folder, or what `odd_server` is to be; `second` is where
    every other file comes from, if there are two. `options` are those of both runs.
    """

    name: str
    files: tuple[tuple[int, int], ...]
    server: str = "nginx"
    where: str = ""
    second: str = ""
    link: Link = LOOPBACK
    options: tuple[str, ...] = ()
    held: frozenset[str] = field(default_factory=frozenset)


def _held(*names: str) -> frozenset[str]:
    return frozenset(names)


LATENCY = _held("latency")
CAPPED = _held("host-limit", "latency")
FULL = _held("bandwidth")
COMPUTING = _held("cpu", "bandwidth", "server")
BUSY = _held("server", "host-limit")
OWN = _held("own-limit")

CONDITIONS = (
    Condition("delay-20", ((150, 10 * KB),), "delay:0.02", held=LATENCY),
    Condition("delay-80", ((60, 10 * KB),), "delay:0.08", held=LATENCY),
    Condition("delay-80-300k", ((50, 300 * KB),), "delay:0.08", held=LATENCY),
    Condition("delay-200", ((30, 10 * KB),), "delay:0.2", held=LATENCY),
    Condition("random-50", ((100, 10 * KB),), "random:0.05", held=LATENCY),
    Condition("round-trip-20-5m", ((20, 5 * MB),), link=Link(0.02), held=LATENCY | FULL),
    Condition("round-trip-80-300k", ((40, 300 * KB),), link=Link(0.08), held=LATENCY),
    Condition("cap-2m", ((24, 500 * KB),), "cap:2000000", held=CAPPED),
    Condition("nginx-metered", ((10, MB),), where="metered/", held=CAPPED),
    Condition("nginx-burst", ((10, MB),), where="burst/", held=CAPPED),
    Condition("nginx-spaced", ((80, 10 * KB),), where="spaced/", held=BUSY),
    Condition("link-50-100k", ((150, 100 * KB),), link=LINK_50, held=FULL),
    Condition("link-50-1m", ((24, MB),), link=LINK_50, held=FULL),
    Condition("link-200-1m", ((80, MB),), link=LINK_200, held=FULL),
    Condition("link-200-10k", ((2000, 10 * KB),), link=LINK_200, held=FULL | COMPUTING),
    Condition("slots-4", ((100, 10 * KB),), "slots:4", held=BUSY),
    Condition("slots-1", ((60, 10 * KB),), "slots:1", held=BUSY),
    Condition("busy", ((200, 10 * KB),), "busy:0.01", held=BUSY),
    Condition("refuse-4", ((100, 10 * KB),), "refuse:4", held=_held("pushed-back", "server")),
    Condition("failing", ((200, 10 * KB),), "failing", held=_held("pushed-back", "server", "cpu")),
    Condition(
        *("fast-and-slow", ((60, 10 * KB),), "delay:0.1"), second="delay:0.005", held=LATENCY
    ),
    Condition("small-and-large", ((150, 10 * KB), (2, 8 * MB)), "cap:4000000", held=CAPPED),
    Condition("python-server", ((300, 100 * KB),), "plain", held=COMPUTING),
    Condition("per-host-2", ((60, 10 * KB),), "delay:0.05", options=("--per-host", "2"), held=OWN),
    Condition("rate-20", ((60, 10 * KB),), "delay:0.01", options=("--rate", "20"), held=OWN),
    Condition("limit-rate", ((20, 500 * KB),), options=("--limit-rate", "4M"), held=OWN),
    Condition(
        *("three-algorithms", ((8, 64 * MB),)),
        options=("-a", "sha256", "-a", "sha512", "-a", "sha3_256"),
        held=_held("hashing", "cpu"),
    ),
    Condition("loopback-10k", ((2000, 10 * KB),), held=COMPUTING),
    Condition("loopback-1m", ((200, MB),), held=COMPUTING),
    Condition("loopback-64m", ((8, 64 * MB),), held=COMPUTING | _held("hashing")),
)
