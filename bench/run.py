"""CPU per request, router against nginx, interleaved round by round on the same two cores."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from bench import candidates, load


def measure(candidate: candidates.Candidate, connections: int, seconds: float) -> dict[str, float]:
    """One round: CPU µs per request, requests a second, milliseconds at p50 and p99."""
    before = candidate.cpu()
    times, failures = load.run(candidate.port, candidate.request, connections, seconds)
    spent = candidate.cpu() - before
    if failures:
        raise SystemExit(f"{candidate.name}: {failures} of {len(times)} answers were not 200")
    times.sort()
    return {
        "cpu_us": spent / len(times) * 1e6,
        "per_second": len(times) / seconds,
        "p50_ms": times[len(times) // 2] * 1e3,
        "p99_ms": times[int(len(times) * 0.99)] * 1e3,
    }


def table(
    rows: dict[str, list[dict[str, float]]], memory: dict[str, float]
) -> list[dict[str, object]]:
    """Medians over the rounds; the ratio is taken within each round, then its median."""
    first = next(iter(rows))
    out: list[dict[str, object]] = []
    for name, rounds in rows.items():
        row: dict[str, object] = {"proxy": name}
        for key in rounds[0]:
            row[key] = round(statistics.median(r[key] for r in rounds), 1)
        pairs = zip(rounds, rows[first], strict=True)
        row["ratio"] = round(statistics.median(a["cpu_us"] / b["cpu_us"] for a, b in pairs), 2)
        row["memory_mib"] = round(memory[name], 1)
        out.append(row)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--privacy", action="store_true", help="the detector of personal data instead"
    )
    parser.add_argument("--labelled", type=Path, help="with --privacy: a folder of labelled texts")
    parser.add_argument("--plain", type=Path, help="... of folders of texts without personal data")
    options = parser.parse_args()
    if options.privacy:
        from bench import privacy  # noqa: PLC0415  it imports Presidio

        privacy.main(options.seconds, options.labelled, options.plain)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port, process = candidates.origin()
        running = []
        try:
            limit = candidates.nginx(port, folder)
            if limit:
                running.append(limit)
            running.append(candidates.router("router, JWT + limit", "false", port, folder))
            running.append(candidates.router("router, whole chain", "true", port, folder))
            rows: dict[str, list[dict[str, float]]] = {c.name: [] for c in running}
            for candidate in running:
                measure(candidate, options.connections, 0.5)
            for _ in range(options.rounds):
                for candidate in running:
                    rows[candidate.name].append(
                        measure(candidate, options.connections, options.seconds)
                    )
            result = table(rows, {c.name: c.memory() for c in running})
        finally:
            for started in (*(c.process for c in running), process):
                started.terminate()
                started.wait()
    if options.json:
        print(json.dumps(result, indent=2))
        return
    report(result, compared=limit is not None)


def report(result: list[dict[str, object]], *, compared: bool) -> None:
    print(f"{'proxy':24}{'CPU µs':>8}{'ratio':>8}{'req/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'MiB':>7}")
    for row in result:
        print(
            f"{row['proxy']:24}{row['cpu_us']:>8}{row['ratio']:>8}{row['per_second']:>9}"
            f"{row['p50_ms']:>8}{row['p99_ms']:>8}{row['memory_mib']:>7}"
        )
    if not compared:
        print("nginx is not installed (apt-get install nginx-light): ratios are to the first row")


if __name__ == "__main__":
    main()
