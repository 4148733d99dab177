"""Child processes that are pinned to a core, counted, and ended on every way out.

Every child is asked to end by its own process id (SIGTERM, then SIGKILL to it and to the children it had), and the
kernel ends it if this process dies without a chance to (PR_SET_PDEATHSIG). Linux only; needs no privileges.
"""

import ctypes
import os
import resource
import signal
import subprocess
import time

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class CannotRun(Exception):
    """Nothing can be measured here; the text says what to do about it."""


def two_cores():
    """(core of load and upstream, core of the proxy)."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise CannotRun("two cores are needed: one for the load and the upstream, one for the proxy alone")
    return cores[0], cores[1]


def raise_descriptor_limit(wanted):
    """Raises the soft limit as far as it goes (the hard one too, where we may); returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, hard), max(wanted, hard)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def tree(pid):
    """The process and all its descendants, as far as they live."""
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        if not os.path.isdir(f"/proc/{current}/task"):
            continue
        found.append(current)
        try:
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children", encoding="ascii") as file:
                    queue.extend(int(child) for child in file.read().split())
        except OSError:
            continue
    return found


def rss_mb(pids):
    """Resident memory of the processes together; what they share counts once a process."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
        except OSError:
            continue
    return total / 1024


def descriptors(pids):
    """Open descriptors of the processes together."""
    count = 0
    for pid in pids:
        try:
            count += len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
    return count


def cpu_seconds(pids):
    """CPU time of all threads of the processes, from schedstat (ns)."""
    total = 0
    for pid in pids:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
        except OSError:
            continue
    return total / 1e9


def core_idle_seconds(core):
    """How long a core has been idle since boot."""
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            if line.startswith(f"cpu{core} "):
                idle, waiting = line.split()[4:6]
                return (int(idle) + int(waiting)) / os.sysconf("SC_CLK_TCK")
    return 0.0


class Children:
    """Every process that was started, ended when the `with` ends. Use from the main thread only: the kernel's death
    signal follows the thread that started a child."""

    def __init__(self, log_directory):
        self.log_directory = log_directory
        self._running = []

    def __enter__(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        return self

    def __exit__(self, *_):
        for process in list(self._running):
            self.stop(process)

    def start(self, command, core, name, environment=None, stdout=subprocess.PIPE, directory=None):
        parent = os.getpid()

        def prepare():
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)
            os.sched_setaffinity(0, {core})

        log_path = os.path.join(self.log_directory, f"{name}.log")
        with open(log_path, "ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                env={**os.environ, **(environment or {})},
                cwd=directory or self.log_directory,
                preexec_fn=prepare,
                text=True,
                start_new_session=True,
            )
        process.log_path = log_path
        self._running.append(process)
        return process

    def stop(self, process):
        """Ends a child and what it started; returns when they are gone."""
        if process in self._running:
            self._running.remove(process)
        family = tree(process.pid) if process.poll() is None else []
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in family[1:]:
            _end_orphan(pid)
        if process.stdout:
            process.stdout.close()


def _end_orphan(pid):
    """A grandchild that its parent left behind; its id cannot have been given anew within these seconds."""
    for attempt in range(20):
        if not os.path.isdir(f"/proc/{pid}"):
            return
        try:
            os.kill(pid, signal.SIGKILL if attempt == 10 else 0)
        except OSError:
            return
        time.sleep(0.05)


def _leave(number, _frame):
    raise SystemExit(128 + number)


def pin(pid, core):
    """Moves every thread of a process to a core."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {core})
