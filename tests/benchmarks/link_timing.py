"""Whether time tells a wrong link from a closed or expired one: many requests in random order against real processes.

    .venv/bin/python -m tests.benchmarks.link_timing --samples 2000

Prints the median and the 90th percentile of each kind of link, and for each pair the probability that the one takes
longer than the other (0.5: a coin) with the p value of a Mann-Whitney test. Not part of the suite: it takes minutes,
and a busy machine makes it less sharp.
"""

import argparse
import itertools
import json
import math
import random
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.fieldwork import invite, open_wave
from tests.journeys.story import EXAMPLE
from tests.running_site import RunningSite

N_LINKS = 50  # of each kind
WARM_UP = 200
KINDS = ("wrong", "closed", "expired")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000, help="of each kind")
    parser.add_argument("--folder", type=Path, default=Path("var/oracle"))
    options = parser.parse_args()
    with RunningSite(options.folder.absolute(), OUTRUSH_ENV="trial", OUTRUSH_BEAT_SECONDS="3600") as site:
        links = links_of(site)
        samples = measure(site.public_port, links, options.samples)
    sys.stdout.write(json.dumps(compared(samples), indent=1) + "\n")


def links_of(site: RunningSite) -> dict[str, list[str]]:
    """Links by kind. Each wave has as many that are good, so that they stand among others in the tables."""
    site.manage("import_questionnaire", EXAMPLE / "w2024.xlsx", "--slug", "closed", "--publish")
    site.manage("import_questionnaire", EXAMPLE / "w2024.xlsx", "--slug", "expired", "--publish")
    found = {}
    for wave in ("closed", "expired"):
        open_wave(site, wave)
        found[wave] = invite(site, wave, 1000)[:N_LINKS]
    with site.connect("answers") as connection:
        connection.execute("UPDATE surveys_wave SET state = 'closed', closed_on = opens_on WHERE slug = 'closed'")
        past = "UPDATE surveys_wave SET opens_on = opens_on - 9, closes_on = opens_on - 1 WHERE slug = 'expired'"
        connection.execute(past)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    found["wrong"] = ["".join(random.choices(letters, k=26)) for _ in range(N_LINKS)]
    return found


def measure(port: int, links: Mapping[str, Sequence[str]], n: int) -> dict[str, list[float]]:
    """Seconds of so many requests of each kind, in rounds of each kind once in random order."""
    samples: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(WARM_UP + n):
        for kind in random.sample(KINDS, len(KINDS)):
            address = f"127.{random.randrange(1, 255)}.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
            seconds = ask(port, random.choice(links[kind]), address)
            if number >= WARM_UP:
                samples[kind].append(seconds)
    return samples


def ask(port: int, link: str, address: str) -> float:
    """Seconds from sending a request to the end of its answer, each on a connection of its own."""
    request = f"GET /w/{link} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), source_address=(address, 0)) as connection:
        began = time.perf_counter()
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        seconds = time.perf_counter() - began
    assert b" 404 " in answer[:20], answer[:20]
    return seconds


def compared(samples: Mapping[str, Sequence[float]]) -> dict[str, object]:
    found: dict[str, object] = {"samples of each": len(samples["wrong"])}
    for kind, times in samples.items():
        ordered = sorted(times)
        found[f"{kind}, ms"] = {
            "median": round(1000 * ordered[len(ordered) // 2], 3),
            "p90": round(1000 * ordered[len(ordered) * 9 // 10], 3),
        }
    for one, other in itertools.combinations(KINDS, 2):
        share, p = mann_whitney(samples[one], samples[other])
        found[f"{one} slower than {other}"] = {"probability": round(share, 3), "p": round(p, 3)}
    return found


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """The share of pairs in which the first is larger, and the two-sided p value (normal approximation, no ties)."""
    ranked = sorted([(value, 1) for value in first] + [(value, 0) for value in second])
    n, m = len(first), len(second)
    ranks = sum(rank for rank, (_, is_first) in enumerate(ranked, 1) if is_first)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return u / (n * m), math.erfc(abs(z) / math.sqrt(2))


if __name__ == "__main__":
    main()
