"""The proxies that are compared: how each is found, installed, configured and started.

A proxy that is not there is absent, with the reason; it never fails a run. Each is started on a core by itself, with
its configuration from bench/configs, and speaks to the one mock upstream.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

KEY = "sk-bench-0123456789abcdef"
JSON_BYTES = 583

# Streams by purpose: (events, gap in us or "ack"); the model's name tells the upstream (bench/upstream.cc).
STREAMS = {
    "saturated": (200, "ack"),
    "paced": (200, 2000),
    "first": (4, 1000),
    "held": (100000, 1000000),
    "cut": (1000, 10000),
}


def stream_model(purpose):
    events, gap = STREAMS[purpose]
    return f"bench-sse-{events}-{gap}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """One proxy, or the same with another configuration. `start` gives a running one that `stop` of the children
    ends; what the load needs to know stands in the attributes."""

    name = ""
    slow = False  # two orders of magnitude behind: measured in one round, with fewer streams
    faithful = True  # answers arrive byte for byte, so their length is checked
    path = ""  # what is asked for; empty: chat completions
    absent = ""  # why it cannot be measured

    def __init__(self, paths):
        self.paths = paths
        self.port = self.stream_port = 0
        self.headers = []
        self.json_model = "bench-json"
        self.process = None

    def find(self, install):
        """Sets `absent` where it cannot run; installs what may be installed."""

    def version(self):
        return ""

    def start(self, children, upstream_port, core, directory):
        raise NotImplementedError

    def configure(self, template, directory, **values):
        with open(os.path.join(self.paths.configs, template), encoding="utf-8") as file:
            text = file.read()
        values.setdefault("DIR", directory)
        values.setdefault("KEY", KEY)
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        path = os.path.join(directory, template)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def wait_ready(self, seconds=10):
        """Until a whole answer comes; raises RuntimeError with the log's end if it does not."""
        deadline = time.monotonic() + seconds
        problem = "no answer"
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                status, body = self.ask()
                if status == 200 and b'"choices"' in body:
                    return
                problem = f"status {status}: {body[:200]!r}"
            except OSError as error:
                problem = str(error)
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} did not become ready ({problem}){_log_end(self.process)}")

    def ask(self):
        body = json.dumps({"model": self.json_model, "messages": [{"role": "user", "content": "Hello"}]})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/chat/completions", body.encode())
        request.add_header("content-type", "application/json")
        for header in self.headers:
            name, value = header.split(": ", 1)
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def _log_end(process):
    try:
        with open(process.log_path, encoding="utf-8", errors="replace") as file:
            lines = file.read().strip().splitlines()[-3:]
        return "; its log ends: " + " | ".join(lines) if lines else ""
    except OSError:
        return ""


class Direct(Peer):
    """No proxy: what everything else is measured against."""

    name = "direct"

    def start(self, children, upstream_port, core, directory):
        self.port = self.stream_port = upstream_port

    def wait_ready(self, seconds=10):
        pass


class Floor(Peer):
    """Bytes moved and nothing looked at (bench/floor.cc): what the kernel asks of any proxy here."""

    name = "floor"
    mode = ()

    def find(self, install):
        self.binary = self.paths.floor
        if not os.access(self.binary, os.X_OK):
            self.absent = "not built"

    def start(self, children, upstream_port, core, directory):
        self.process = children.start([self.binary, str(upstream_port), *self.mode], core, self.name, stdout=None)
        self.port = self.stream_port = _announced_port(self.process)


class FloorBatch(Floor):
    """The same, reading all that is ready before it sends any of it on, as Gatehouse does."""

    name = "floor-batch"
    mode = ("3600", "batch")


class FloorNet(Floor):
    """The same over Gatehouse's own streams and coroutines (bench/floor_net.cc)."""

    name = "floor-net"

    def find(self, install):
        self.binary = self.paths.floor_net
        if not os.access(self.binary, os.X_OK):
            self.absent = "not built"


class Nginx(Peer):
    name = "nginx"

    def find(self, install):
        self.binary = _which("nginx")
        if not self.binary:
            self.absent = "install the Debian package nginx-light (scripts/setup --bench)"

    def version(self):
        return _first_match([self.binary, "-v"], r"nginx/([\d.]+)")

    def start(self, children, upstream_port, core, directory):
        self.port, self.stream_port = free_port(), free_port()
        config = self.configure(
            "nginx.conf", directory, UPSTREAM=upstream_port, PORT=self.port, SSE_PORT=self.stream_port
        )
        command = [self.binary, "-p", directory, "-e", os.path.join(directory, "error.log"), "-c", config]
        self.process = children.start(command, core, self.name, stdout=None)


class Haproxy(Peer):
    name = "haproxy"

    def find(self, install):
        self.binary = _which("haproxy")
        if not self.binary:
            self.absent = "install the Debian package haproxy (scripts/setup --bench)"

    def version(self):
        return _first_match([self.binary, "-v"], r"version ([\d.]+)")

    def start(self, children, upstream_port, core, directory):
        self.port = self.stream_port = free_port()
        config = self.configure("haproxy.cfg", directory, UPSTREAM=upstream_port, PORT=self.port)
        self.process = children.start([self.binary, "-db", "-f", config], core, self.name, stdout=None)


class Portkey(Peer):
    """@portkey-ai/gateway. Its lock file forces @hono/node-server 1.3.3: with a later one it answers every stream
    with a 500."""

    name = "portkey"
    slow = True
    faithful = False

    def find(self, install):
        self.home = os.path.join(self.paths.build, "portkey")
        self.script = os.path.join(self.home, "node_modules/@portkey-ai/gateway/build/start-server.js")
        if not _which("node"):
            self.absent = "install the Debian packages nodejs and npm (scripts/setup --bench)"
            return
        source = os.path.join(self.paths.peers, "portkey")
        if _stamp_matches(self.home, source, self.script):
            return
        if not install or not _which("npm"):
            self.absent = "not installed (npm is missing or --no-install was given)"
            return
        print("installing @portkey-ai/gateway from its lock file", file=sys.stderr)
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(source, self.home)
        problem = _install(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], self.home)
        if problem or not os.path.exists(self.script):
            shutil.rmtree(self.home, ignore_errors=True)
            self.absent = f"npm could not install it ({problem})"

    def version(self):
        with open(os.path.join(os.path.dirname(self.script), "../package.json"), encoding="utf-8") as file:
            return json.load(file)["version"]

    def start(self, children, upstream_port, core, directory):
        self.port = self.stream_port = free_port()
        self.headers = [
            f"authorization: Bearer {KEY}",
            "x-portkey-provider: openai",
            f"x-portkey-custom-host: http://127.0.0.1:{upstream_port}/v1",
        ]
        self.process = children.start(
            ["node", self.script, f"--port={self.port}", "--headless"],
            core,
            self.name,
            {"NODE_ENV": "production"},
            stdout=None,
        )


class Litellm(Peer):
    name = "litellm"
    slow = True
    faithful = False

    def find(self, install):
        self.home = os.path.join(self.paths.build, "litellm")
        self.script = os.path.join(self.home, "bin/litellm")
        source = os.path.join(self.paths.peers, "litellm")
        if _stamp_matches(self.home, source, self.script):
            return
        if not install:
            self.absent = "not installed, and --no-install was given"
            return
        print("installing LiteLLM into a virtual environment", file=sys.stderr)
        shutil.rmtree(self.home, ignore_errors=True)
        os.makedirs(self.home)
        pip = [os.path.join(self.home, "bin/pip"), "install", "--quiet", "-r", os.path.join(source, "requirements.txt")]
        problem = _install([sys.executable, "-m", "venv", self.home], self.paths.build) or _install(pip, self.home)
        if problem:
            shutil.rmtree(self.home, ignore_errors=True)
            self.absent = f"pip could not install it ({problem})"
            return
        shutil.copy(os.path.join(source, "requirements.txt"), self.home)

    def version(self):
        with open(os.path.join(self.home, "requirements.txt"), encoding="utf-8") as file:
            return re.search(r"^litellm==(\S+)", file.read(), re.MULTILINE).group(1)

    def start(self, children, upstream_port, core, directory):
        self.port = self.stream_port = free_port()
        self.headers = [f"authorization: Bearer {KEY}"]
        config = self.configure("litellm.yaml", directory, UPSTREAM=upstream_port)
        self.process = children.start(
            [self.script, "--config", config, "--host", "127.0.0.1", "--port", str(self.port), "--num_workers", "1"],
            core,
            self.name,
            {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION"},
            stdout=None,
        )

    def wait_ready(self, seconds=90):
        super().wait_ready(seconds)


class Gatehouse(Peer):
    """Plain: the key check and the forward."""

    name = "gatehouse"
    template = "gatehouse.yaml"

    def find(self, install):
        self.binary = self.paths.gatehouse
        if not os.access(self.binary, os.X_OK):
            self.absent = f"not built ({os.path.relpath(self.binary, self.paths.root)})"

    def version(self):
        return _first_match([self.binary, "--version"], r"(\d+\.\d+\S*)")

    def start(self, children, upstream_port, core, directory):
        self.headers = [f"authorization: Bearer {KEY}"]
        names = {stream_model(purpose) for purpose in STREAMS}
        models = "\n".join(
            f"  - {{ name: {name}, targets: [{{ provider: upstream, model: {name} }}] }}" for name in sorted(names)
        )
        config = self.configure(self.template, directory, UPSTREAM=upstream_port, SSE_MODELS=models)
        command = [self.binary, "serve", "--config", config]
        self.process = children.start(command, core, self.name, stdout=None, directory=directory)
        self.port = self.stream_port = _announced_port(self.process)


class GatehouseMapped(Gatehouse):
    """The model has another name at the provider: the name is spliced into the caller's bytes."""

    name = "gatehouse-mapped"

    def __init__(self, paths):
        super().__init__(paths)
        self.json_model = "team-default"


class GatehouseTranslated(Gatehouse):
    """An Anthropic caller in front of the OpenAI provider: request and answer are translated."""

    name = "gatehouse-translated"
    faithful = False
    path = "/v1/messages"


class GatehouseGoverned(Gatehouse):
    """Everything that governs a request and that the configuration can turn on."""

    name = "gatehouse-governed"
    template = "gatehouse-governed.yaml"


class GatehouseGuarded(Gatehouse):
    """Governed, and every text looked at in both directions."""

    name = "gatehouse-guarded"
    template = "gatehouse-guarded.yaml"


ALL = [Direct, Floor, FloorBatch, FloorNet, Nginx, Haproxy, Gatehouse, GatehouseMapped, GatehouseTranslated, GatehouseGoverned, GatehouseGuarded, Portkey, Litellm]


def _announced_port(process, seconds=20):
    """The port from the `listening` line that gatehouse and our tools print on their standard output (here: the log)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with open(process.log_path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        for line in reversed(lines):
            try:
                event = json.loads(line) if '"listening"' in line else {}
            except ValueError:
                continue  # not written to its end yet
            if event.get("event") == "listening" and event.get("pid") == process.pid:
                return int(str(event.get("api", event.get("port"))).rsplit(":", 1)[-1])
        time.sleep(0.02)
    raise RuntimeError("it did not say where it listens" + _log_end(process))


def _which(name):
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")


def _first_match(command, pattern):
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(pattern, ran.stdout + ran.stderr)
    return found.group(1) if found else ""


def _stamp_matches(home, source, product):
    """Whether what is installed came from the files that are pinned now."""
    if not os.path.exists(product):
        return False
    for name in os.listdir(source):
        try:
            with open(os.path.join(source, name), "rb") as ours, open(os.path.join(home, name), "rb") as theirs:
                if ours.read() != theirs.read():
                    return False
        except OSError:
            return False
    return True


def _install(command, directory):
    """Empty when it worked, else why not."""
    try:
        ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    if ran.returncode == 0:
        return ""
    lines = [line for line in ran.stderr.strip().splitlines() if line.strip()]
    return lines[-1][:160] if lines else f"exit {ran.returncode}"
