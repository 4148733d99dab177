"""The upstream and the load against each other: what one says it sent, the other must have counted.

usage: tools_test.py BENCH_UPSTREAM BENCH_LOAD
"""

import json
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

UPSTREAM, LOAD = sys.argv[1:3]


class Tools(unittest.TestCase):
    def setUp(self):
        self.upstream = subprocess.Popen([UPSTREAM, "--max-seconds", "120"], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.upstream.stdout.readline())["port"]

    def tearDown(self):
        self.upstream.terminate()
        self.assertEqual(self.upstream.wait(10), 0)
        self.upstream.stdout.close()

    def load(self, port=None, **options):
        command = [LOAD, "--port", str(port or self.port), "--warmup", "0"]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        return json.loads(ran.stdout.splitlines()[-1])

    def ledger(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats", timeout=10) as answer:
            return json.load(answer)

    def ledger_when_quiet(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            ledger = self.ledger()
            if ledger["streams_open"] == 0 and ledger["connections"] == 0:
                return ledger
        self.fail(f"streams or connections stay open: {ledger}")

    def test_json_answers_are_counted_on_both_sides(self):
        result = self.load(connections=8, seconds=0.3, expect_bytes=583)
        self.assertEqual(result["errors"], 0)
        self.assertGreater(result["requests"], 8)
        answered = self.ledger_when_quiet()["json"]
        self.assertLessEqual(answered, result["all_requests"])
        self.assertGreaterEqual(answered, result["all_requests"] - 8)

    def test_large_bodies(self):
        result = self.load(connections=4, seconds=0.3, body_bytes=100_000, expect_bytes=583)
        self.assertEqual(result["errors"], 0)
        self.assertGreater(result["requests"], 4)

    def test_an_answer_of_another_length_is_an_error(self):
        result = self.load(connections=1, seconds=0.1, expect_bytes=584)
        self.assertEqual(result["requests"], 0)
        self.assertGreater(result["error_kinds"]["length"], 0)

    def test_an_unknown_model_is_an_error(self):
        result = self.load(connections=1, seconds=0.1, model="nobody-knows")
        self.assertGreater(result["error_kinds"]["status"], 0)
        self.assertEqual(result["last_status"], 404)
        self.assertGreater(self.ledger_when_quiet()["refused"], 0)

    def test_streams_carry_every_event(self):
        for model in ("bench-sse-20-0", "bench-sse-20-1000"):
            result = self.load(connections=4, seconds=0.4, stream=1, model=model, expect_events=20)
            self.assertEqual(result["errors"], 0, model)
            self.assertGreater(result["requests"], 0, model)
            self.assertGreaterEqual(result["events"], 20 * result["requests"], model)
        self.assertGreater(result["event_delay_p50_us"], 0)

    def test_an_acknowledged_stream_has_one_event_under_way(self):
        result = self.load(
            connections=8, seconds=0.4, stream=1, model="bench-sse-50-ack", expect_events=50, ack_port=self.port
        )
        self.assertEqual(result["errors"], 0)
        self.assertGreater(result["requests"], 8)
        # The last event and [DONE] may come together; no two events do, unless a stall set a stream free.
        self.assertGreater(result["reads"], 0.99 * result["events"])

    def test_a_stream_that_nobody_acknowledges_goes_on(self):
        result = self.load(connections=1, seconds=1.5, stream=1, model="bench-sse-6-ack", expect_events=6)
        self.assertEqual(result["errors"], 0)
        self.assertGreater(result["requests"], 0)

    def test_a_stream_of_another_length_is_an_error(self):
        result = self.load(connections=1, seconds=0.2, stream=1, model="bench-sse-20-0", expect_events=21)
        self.assertGreater(result["error_kinds"]["length"], 0)
        self.assertEqual(result["requests"], 0)

    def test_the_rate_is_kept(self):
        result = self.load(mode="rate", rate=400, connections=4, seconds=0.5, expect_bytes=583)
        self.assertEqual(result["errors"], 0)
        self.assertEqual(result["requests"] + result["late"], 200)

    def test_a_server_that_stalls_is_charged_for_all_that_was_due(self):
        with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
            port = silent.getsockname()[1]
            result = self.load(port, mode="rate", rate=1000, connections=4, seconds=0.2, grace=0.2)
        self.assertEqual(result["requests"], 0)
        self.assertEqual(result["late"] + result["unfinished"], 200)
        self.assertLessEqual(result["unfinished"], 4)  # no more could be sent
        self.assertGreater(result["p50_us"], 90_000)

    def test_held_streams_are_open_at_the_upstream(self):
        command = [LOAD, "--port", str(self.port), "--mode", "hold", "--stream", "1", "--connections", "300"]
        command += ["--model", "bench-sse-100000-200000", "--seconds", "1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
            self.assertEqual(json.loads(load.stdout.readline()), {"event": "held", "streams": 300})
            self.assertEqual(self.ledger()["streams_open"], 300)
            result = json.loads(load.stdout.readline())
        self.assertEqual(result["errors"], 0)
        self.assertGreaterEqual(result["events"], 900)
        self.assertEqual(self.ledger_when_quiet()["aborted"], 300)

    def test_cut_streams_leave_nothing(self):
        result = self.load(
            mode="churn", connections=8, cycles=200, seconds=30, stream=1, model="bench-sse-1000-2000"
        )
        self.assertEqual((result["cycles"], result["errors"]), (200, 0))
        ledger = self.ledger_when_quiet()
        self.assertEqual((ledger["streams"], ledger["aborted"]), (200, 200))

    def test_nobody_there(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            result = self.load(unused.getsockname()[1], connections=2, seconds=0.2)
        self.assertEqual(result["requests"], 0)
        self.assertGreater(result["error_kinds"]["connect"], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
