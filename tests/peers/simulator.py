# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts bestellbot-simulator for a test.

    with Simulator(scenario="order", faults=["drop@response.done"]) as simulator:
        connect_to(simulator.url)
        simulator.wait_for_event("response.done")
        simulator.events()  # [{"t", "session", "from", "ev"}, …]
"""
import json
import os
import pathlib
import selectors
import signal
import subprocess
import tempfile
import time

from .child import ends_with_parent

READY = "listening on "


class Simulator:
    def __init__(self, scenario=None, faults=(), args=(), timeout=20):
        build = pathlib.Path(os.environ.get("BESTELLBOT_BUILDDIR", "build"))
        source = pathlib.Path(os.environ.get("BESTELLBOT_SRCDIR", "."))
        self._folder = tempfile.TemporaryDirectory(prefix="bestellbot-simulator-")
        self._events = pathlib.Path(self._folder.name) / "events.jsonl"
        command = [build / "app/simulator/bestellbot-simulator", "--port", "0", "--events", self._events]
        if scenario is not None:
            path = pathlib.Path(scenario)
            if not path.is_file():
                path = source / "data/scenarios" / f"{scenario}.json"
            command += ["--scenario", path]
        for fault in faults:
            command += ["--fault", fault]
        self.process = subprocess.Popen([*map(str, command), *map(str, args)], stdout=subprocess.PIPE,
                                        preexec_fn=ends_with_parent)
        try:
            self.url = self._wait_until_ready(timeout)
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self, timeout):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(timeout):
                raise TimeoutError("the simulator did not become ready")
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith(READY):
            raise RuntimeError(f"the simulator did not start: {line!r}")
        return line[len(READY):]

    def events(self):
        """What was logged so far, without what was no event."""
        lines = self._events.read_text().splitlines() if self._events.exists() else []
        # The last line may be half written.
        entries = []
        for i, line in enumerate(lines):
            try:
                entries.append(json.loads(line))
            except ValueError:
                if i + 1 < len(lines):
                    raise
        return [entry for entry in entries if "ev" in entry]

    def wait_for_event(self, type_, n=1, timeout=20):
        """The n-th event of a type, of either side."""
        deadline = time.monotonic() + timeout
        while True:
            found = [entry["ev"] for entry in self.events() if entry["ev"].get("type") == type_]
            if len(found) >= n:
                return found[n - 1]
            if self.process.poll() is not None:
                raise RuntimeError(f"the simulator ended with {self.process.returncode}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {type_} (number {n})")
            time.sleep(0.02)

    def stop(self):
        """Ends it politely; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self._folder.cleanup()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
