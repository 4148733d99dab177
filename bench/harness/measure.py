"""The measurements. Upstream and load share one core, the proxy has the other to itself, except where it says "shared
core": there everything runs on the proxy's core, one request at a time, so that no wake-up of another core is in the
figure. CPU time is the sum over all threads and processes of the proxy, read by the load at the edges of its window.
"""

import json
import os
import statistics
import tempfile
import time
import urllib.request

from . import peers as peers_module
from . import processes
from .peers import STREAMS, stream_model

CONNECTIONS = 64
RATE = 2000
HELD_STREAMS = 5000
HELD_STREAMS_SLOW = 500
CHURN_CYCLES = 10000
SLOW_WARMUP = 2.0  # seconds; compilers just in time need them


class Bench:
    def __init__(self, paths, children, directory, seconds=2.0):
        self.paths = paths
        self.children = children
        self.directory = directory
        self.load_core, self.proxy_core = processes.two_cores()
        self.seconds = seconds
        self.warmup = min(0.3, seconds / 5)
        self.problems = []  # answers that were wrong or missing, in words
        self.foreign = []  # share of the proxy's core that others used, a number a measurement
        os.sched_setaffinity(0, {self.load_core})
        self.upstream = children.start([paths.upstream, "--max-seconds", "7200"], self.load_core, "upstream")
        line = self.upstream.stdout.readline()
        if not line:
            raise processes.CannotRun(f"the mock upstream did not start; see {self.upstream.log_path}")
        self.upstream_port = json.loads(line)["port"]

    def ledger(self):
        """What the upstream counted."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.upstream_port}/stats", timeout=10) as answer:
            return json.load(answer)

    def started(self, peer):
        """Starts a proxy; a context that ends it."""
        return _Started(self, peer)

    def load(self, peer, mode="closed", stream="", shared=False, watch=(), **options):
        """Runs the load once and returns its result. Where the proxy is kept busy throughout, what others took of
        its core meanwhile is noted in `foreign`."""
        process = self.start_load(peer, mode, stream, shared, watch, **options)
        idle, own = processes.core_idle_seconds(self.proxy_core), processes.cpu_seconds(watch)
        begun = time.monotonic()
        result = self.finish_load(process, options)
        if watch and mode == "closed" and stream != "paced" and not shared:
            taken = time.monotonic() - begun
            idled = processes.core_idle_seconds(self.proxy_core) - idle
            spent = processes.cpu_seconds(watch) - own
            self.foreign.append(max(0.0, taken - idled - spent) / taken)
        return result

    def start_load(self, peer, mode, stream="", shared=False, watch=(), **options):
        arguments = {
            "port": peer.stream_port if stream else peer.port,
            "mode": mode,
            "connections": CONNECTIONS,
            "warmup": SLOW_WARMUP if peer.slow else self.warmup,
            "seconds": self.seconds,
            "model": stream_model(stream) if stream else peer.json_model,
            "watch": ",".join(map(str, watch)),
        }
        if stream:
            arguments["stream"] = 1
            if STREAMS[stream][1] == "ack":
                arguments["ack-port"] = self.upstream_port
            if peer.faithful:
                arguments["expect-events"] = STREAMS[stream][0]
        elif peer.faithful:
            arguments["expect-bytes"] = peers_module.JSON_BYTES
        if peer.path:
            arguments["path"] = peer.path
        arguments.update({name.replace("_", "-"): value for name, value in options.items()})
        command = [self.paths.load]
        for name, value in arguments.items():
            if value != "":
                command += [f"--{name}", str(value)]
        for header in peer.headers:
            command += ["--header", header]
        process = self.children.start(command, self.proxy_core if shared else self.load_core, "load")
        process.measures = " ".join(filter(None, (peer.name, mode, stream)))
        return process

    def finish_load(self, process, options=None):
        limit = 90 + 2 * float((options or {}).get("seconds", self.seconds))
        try:
            output, _ = process.communicate(timeout=limit)
        finally:
            self.children.stop(process)
        lines = [line for line in output.splitlines() if line.startswith("{")]
        if process.returncode != 0 or not lines:
            raise RuntimeError(f"the load ended with {process.returncode}; see {process.log_path}")
        result = json.loads(lines[-1])
        if result["errors"] or result["unfinished"]:
            kinds = {kind: count for kind, count in result["error_kinds"].items() if count}
            if result["unfinished"]:
                kinds["unanswered"] = result["unfinished"]
            if "status" in kinds:
                kinds["last_status"] = result["last_status"]
            self.problems.append(f"{process.measures}: {kinds}")
        return result

    def quiet(self, seconds=10):
        """Waits until the upstream has no stream open; returns its ledger."""
        deadline = time.monotonic() + seconds
        while True:
            ledger = self.ledger()
            if ledger["streams_open"] == 0 or time.monotonic() > deadline:
                return ledger
            time.sleep(0.1)

    # What follows measures one started proxy and returns {metric: value}; `errors` counts answers that were wrong.

    def idle(self, peer, family):
        time.sleep(0.3)
        return {"rss_idle_mb": processes.rss_mb(family)} if family else {}

    def json(self, peer, family, bodies=True):
        out = {"errors": 0}
        saturated = self.load(peer, watch=family)
        _count(out, saturated)
        out["requests_per_s"] = saturated["rps"]
        if family and saturated["requests"]:
            out["cpu_us_per_request"] = saturated["cpu_us"] / saturated["requests"]
            out["core_use"] = saturated["cpu_us"] / 1e6 / saturated["seconds"]
        if saturated["rps"] > 1.1 * RATE:
            fixed = self.load(peer, "rate", rate=RATE, watch=family)
            _count(out, fixed)
            out["p50_at_rate_us"], out["p99_at_rate_us"] = fixed["p50_us"], fixed["p99_us"]
            out["p999_at_rate_us"] = fixed["p999_us"]
        if bodies:
            large = self.load(peer, body_bytes=100_000, watch=family)
            _count(out, large)
            out["requests_per_s_100kb"] = large["rps"]
            if family and large["requests"]:
                out["cpu_us_per_request_100kb"] = large["cpu_us"] / large["requests"]
        if family:
            out["rss_after_load_mb"] = processes.rss_mb(family)
        return out

    def shared_core(self, peer, stream=False):
        """One request at a time with everything on the proxy's core: p50, and to a stream's first event."""
        processes.pin(self.upstream.pid, self.proxy_core)
        try:
            seconds = self.seconds / 2
            single = self.load(peer, shared=True, connections=1, seconds=seconds)
            out = {"errors": 0, "closed_p50_us": single["p50_us"], "closed_p99_us": single["p99_us"]}
            _count(out, single)
            if stream:
                first = self.load(peer, stream="first", shared=True, connections=1, seconds=seconds)
                out["first_event_p50_us"] = first["ttfb_p50_us"]
                _count(out, first)
        finally:
            processes.pin(self.upstream.pid, self.load_core)
        return out

    def sse(self, peer, family):
        out = {"errors": 0}
        saturated = self.load(peer, stream="saturated", watch=family)
        _count(out, saturated)
        out["events_per_s"] = saturated["events_per_s"]
        if family and saturated["events"]:
            out["cpu_us_per_event"] = saturated["cpu_us"] / saturated["events"]
        paced = self.load(peer, stream="paced", watch=family)
        _count(out, paced)
        if family and paced["events"]:
            out["cpu_us_per_event_paced"] = paced["cpu_us"] / paced["events"]
        if paced["event_delay_p50_us"] >= 0:
            out["event_delay_p50_us"] = paced["event_delay_p50_us"]
            out["event_delay_p99_us"] = paced["event_delay_p99_us"]
        return out

    def memory(self, peer, family):
        """Resident memory with many streams open, and after they were closed."""
        wanted = HELD_STREAMS_SLOW if peer.slow else HELD_STREAMS
        before = processes.rss_mb(family)
        process = self.start_load(peer, "hold", "held", connections=wanted, seconds=3)
        held = ""
        while not held.startswith('{"event":"held"'):
            held = process.stdout.readline()
            if not held:
                raise RuntimeError(f"the load ended before the streams were open; see {process.log_path}")
        time.sleep(1.5)
        during = processes.rss_mb(family)
        opened = json.loads(held)["streams"]
        result = self.finish_load(process)
        out = {"errors": 0, "streams_held": opened, "rss_streams_mb": during}
        _count(out, result)
        if opened:
            out["kb_per_stream"] = (during - before) * 1024 / opened
        self.quiet()
        time.sleep(0.5)
        out["rss_after_streams_mb"] = processes.rss_mb(family)
        return out

    def churn(self, peer, family):
        """Streams that the client leaves in the middle: what stays behind, here and at the upstream. The same at a
        tenth of the size goes before, so that pools and heaps have their shape."""
        warm = self.load(peer, "churn", "cut", cycles=CHURN_CYCLES // 10, seconds=60, warmup=0)
        self.quiet()
        time.sleep(1)
        before = {"rss": processes.rss_mb(family), "fds": processes.descriptors(family), "ledger": self.ledger()}
        ran = self.load(peer, "churn", "cut", cycles=CHURN_CYCLES, seconds=120, warmup=0)
        ledger = self.quiet()
        time.sleep(1)
        ledger = self.ledger()
        out = {
            "errors": warm["errors"],
            "churn_cycles": ran["cycles"],
            "churn_cycles_per_s": ran["cycles"] / ran["seconds"] if ran["seconds"] else 0,
            "churn_streams_left": ledger["streams_open"],
            "churn_connections_left": ledger["connections"] - before["ledger"]["connections"],
            "churn_streams_at_upstream": ledger["streams"] - before["ledger"]["streams"],
        }
        _count(out, ran)
        if family:
            out["churn_descriptors_left"] = processes.descriptors(family) - before["fds"]
            out["churn_rss_growth_mb"] = processes.rss_mb(family) - before["rss"]
        return out

    def soak(self, peer, family, seconds, report):
        """Mixed load for long. Growth is the median of the last fifth of the samples minus that of the second fifth:
        the first one belongs to pools and heaps that fill."""
        slices = [
            ("closed", "", {"seconds": 5}),
            ("closed", "saturated", {"seconds": 3}),
            ("closed", "", {"seconds": 2, "body_bytes": 100_000}),
            ("closed", "paced", {"seconds": 3}),
            ("churn", "cut", {"seconds": 20, "cycles": 500, "warmup": 0}),
        ]
        samples, out, begun, at = [], {"errors": 0, "soak_requests": 0}, time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            mode, stream, options = slices[at % len(slices)]
            at += 1
            process = self.start_load(peer, mode, stream, **options)
            while process.poll() is None and time.monotonic() - begun < seconds + 60:
                time.sleep(0.5)
                samples.append((processes.rss_mb(family), processes.descriptors(family)))
                if len(samples) % 60 == 0:
                    report(f"{time.monotonic() - begun:5.0f} s  rss {samples[-1][0]:.1f} MB  fds {samples[-1][1]}")
            result = self.finish_load(process)
            _count(out, result)
            out["soak_requests"] += result["all_requests"]
        ledger = self.quiet()
        fifth = max(1, len(samples) // 5)
        early, late = samples[fifth : 2 * fifth], samples[-fifth:]
        out["soak_seconds"] = time.monotonic() - begun
        out["soak_streams_left"] = ledger["streams_open"]
        out["soak_rss_mb"] = statistics.median(rss for rss, _ in late)
        out["soak_rss_growth_mb"] = out["soak_rss_mb"] - statistics.median(rss for rss, _ in early)
        out["soak_descriptor_growth"] = statistics.median(fds for _, fds in late) - statistics.median(
            fds for _, fds in early
        )
        return out


class _Started:
    def __init__(self, bench, peer):
        self.bench, self.peer = bench, peer

    def __enter__(self):
        directory = tempfile.mkdtemp(prefix=f"{self.peer.name}-", dir=self.bench.directory)
        os.chmod(directory, 0o755)
        try:
            self.peer.start(self.bench.children, self.bench.upstream_port, self.bench.proxy_core, directory)
            self.peer.wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return processes.tree(self.peer.process.pid) if self.peer.process else []

    def __exit__(self, *_):
        if self.peer.process:
            self.bench.children.stop(self.peer.process)
            self.peer.process = None


def _count(out, result):
    out["errors"] += result["errors"] + result["unfinished"]
