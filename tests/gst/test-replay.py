#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Issue 3, point 7: what openairealtimebin writes to its session log,
bestellbot-simulator --replay plays back, and the element's second log says the
same. Also: what is no session log is refused with the line that is wrong."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from contract_base import SPEECH, TOP  # noqa: E402

sys.path.insert(0, str(TOP / "tests"))
from peers.simulator import Simulator  # noqa: E402

KEY = "sk-replay-secret-4711"
TOOLS = [{"type": "function", "name": name, "description": name, "parameters": {"type": "object", "properties": {}}}
         for name in ("search_products", "add_to_order")]
RESULTS = {"search_products": {"results": [{"number": "KT-15", "name": "T-Stück 15 mm"}]},
           "add_to_order": {"ok": True}}
ORDER = {
    "name": "replay", "language": "de", "greeting": {"say": "Guten Tag, was darf es sein?"},
    "turns": [
        {"hear": "Zehn T-Stücke, fünfzehn Millimeter.", "steps": [
            {"call": {"name": "search_products", "arguments": {"query": "T-Stück 15"}}},
            {"say": "Ich habe {{search_products.results.0.name}}. Soll ich zehn aufschreiben?"}]},
        {"hear": "Ja.", "steps": [
            {"call": {"name": "add_to_order",
                      "arguments": {"number": "{{search_products.results.0.number}}", "quantity": 10}}},
            {"if": "add_to_order.ok", "then": {"say": "Notiert. Auf Wiederhören."}}]}]}
CAPS = "audio/x-alaw,rate=8000,channels=1"
RAW = "audio/x-raw,format=S16LE,rate=24000,channels=1,layout=interleaved"


def read_log(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def of_server(log):
    """The server's events, without what can't be the same twice."""
    events = []
    for line in log:
        if line.get("from") == "server":
            event = json.loads(json.dumps(line["ev"]))
            if "session" in event:
                event["session"].pop("expires_at", None)
            events.append(event)
    return events


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bestellbot-replay-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def simulate(self, **kwargs):
        simulator = Simulator(**kwargs)
        self.addCleanup(simulator.stop)
        return simulator

    def scenario(self):
        path = self.folder / "order.json"
        path.write_text(json.dumps(ORDER))
        return path

    def talk(self, url, name, turns=2, extra=None, caps=RAW, **properties):
        """A whole conversation; returns the log and what was transcribed."""
        log = self.folder / name
        pipeline = Gst.parse_launch(
            f"appsrc name=in format=time caps={RAW} ! openairealtimebin name=bin ! {caps} ! fakesink sync=true")
        element, source, bus = pipeline.get_by_name("bin"), pipeline.get_by_name("in"), pipeline.get_bus()
        for key, value in {"base-url": url, "api-key": KEY, "tools": json.dumps(TOOLS), "reconnect": True,
                           "greeting": "Guten Tag, was darf es sein?", "session-log": str(log),
                           **properties}.items():
            element.set_property(key, value)
        texts, pts, finished = [], 0, 0
        try:
            pipeline.set_state(Gst.State.PLAYING)
            deadline = time.monotonic() + 60
            while finished < turns + 1:
                self.assertLess(time.monotonic(), deadline, f"only {finished} answers: {texts}")
                message = bus.timed_pop(100 * Gst.MSECOND)
                if message is None:
                    continue
                if message.type == Gst.MessageType.ERROR:
                    self.fail(message.parse_error())
                s = message.get_structure() if message.type == Gst.MessageType.ELEMENT else None
                name = s.get_name() if s is not None else ""
                if name == "openai-realtime-function-call":
                    element.emit("send-function-output", s.get_string("call_id"),
                                 json.dumps(RESULTS[s.get_string("name")]))
                elif name == "openai-realtime-transcript" and s.get_value("final"):
                    texts.append((s.get_string("role"), s.get_string("text")))
                elif name == "openai-realtime-playout" and s.get_string("state") == "finished":
                    finished += 1
                    if extra is not None and finished == 1:
                        extra(element)
                    if finished <= turns:
                        pts = max(pts, pipeline.get_clock().get_time() - pipeline.get_base_time())
                        # A moment later: what the sink still holds is no longer to be heard.
                        pcm = bytes(48 * 500) + SPEECH + bytes(48 * 1500)
                        for i in range(0, len(pcm), 960):
                            buffer = Gst.Buffer.new_wrapped(pcm[i:i + 960])
                            buffer.pts, buffer.duration = pts, 20 * Gst.MSECOND
                            pts += buffer.duration
                            source.emit("push-buffer", buffer)
        finally:
            pipeline.set_state(Gst.State.NULL)
        self.assertNotIn(KEY, log.read_text())
        return log, texts

    def replay(self, log, *args):
        return self.simulate(args=("--replay", log, *args))

    def stop(self, simulator):
        """Returns: the exit status and what it printed."""
        simulator.process.terminate()
        out = simulator.process.stdout.read().decode()
        return simulator.process.wait(20), out

    def test_order(self):
        """An order, with functions and two answers of the caller."""
        log, texts = self.talk(self.simulate(scenario=self.scenario()).url, "first.jsonl")
        self.assertIn(("user", "Ja."), texts)
        self.assertIn(("assistant", "Notiert. Auf Wiederhören."), texts)
        first = read_log(log)
        self.assertEqual(first[0]["note"], "opened")
        # Audio is its length only.
        self.assertTrue(all(line["ev"]["audio"].startswith("<") for line in first
                            if line.get("ev", {}).get("type") == "input_audio_buffer.append"))

        simulator = self.replay(log)
        again, texts_again = self.talk(simulator.url, "second.jsonl")
        self.assertEqual(texts_again, texts)
        self.assertEqual(of_server(read_log(again)), of_server(first))
        status, out = self.stop(simulator)
        self.assertEqual(status, 0, out)
        self.assertIn("replayed connection 1 of 1", out)
        # The pace is the log's: between two neighbours of one answer.
        span = [[line["t"] for line in read_log(path) if line.get("ev", {}).get("type") in
                 ("response.created", "response.done")] for path in (log, again)]
        self.assertEqual(len(span[0]), len(span[1]))
        for i in range(0, len(span[0]) - 1, 2):
            lasted = span[0][i + 1] - span[0][i]
            if lasted > 0.1:
                self.assertGreater(span[1][i + 1] - span[1][i], lasted * 0.8)

    def test_fault(self):
        """The connection dies as an answer begins; the recorded field problem is a test.

        Nothing of it has been heard: what has been is not the same to the millisecond twice.
        """
        simulator = self.simulate(scenario=self.scenario(), faults=["drop@response.content_part.added:2"])
        log, texts = self.talk(simulator.url, "first.jsonl", turns=1)
        first = read_log(log)
        self.assertEqual(sum(line.get("note") == "connected" for line in first), 2)
        self.assertEqual(sum(line.get("note") == "lost" for line in first), 1)

        simulator = self.replay(log)
        again, texts_again = self.talk(simulator.url, "second.jsonl", turns=1)
        self.assertEqual(texts_again, texts)
        self.assertEqual([line["note"] for line in read_log(again) if "note" in line],
                         [line["note"] for line in first if "note" in line])
        self.assertEqual(of_server(read_log(again)), of_server(first))
        status, out = self.stop(simulator)
        self.assertEqual(status, 0, out)
        self.assertIn("replayed connection 2 of 2", out)

    def test_audio(self):
        """With the audio in the log it is played back to the byte; and faster, if asked for."""
        log, _ = self.talk(self.simulate(scenario=self.scenario()).url, "first.jsonl", turns=0, caps=CAPS,
                           **{"session-log-audio": True})
        again, _ = self.talk(self.replay(log, "--speed", "0").url, "second.jsonl", turns=0, caps=CAPS,
                             **{"session-log-audio": True})
        deltas = [[event["delta"] for event in of_server(read_log(path))
                   if event["type"] == "response.output_audio.delta"] for path in (log, again)]
        self.assertGreater(len(deltas[0]), 3)
        self.assertFalse(deltas[0][0].startswith("<"))
        self.assertEqual(deltas[0], deltas[1])

    def test_silence(self):
        """Without it, silence of the same length, in the format of the session."""
        log, _ = self.talk(self.simulate(scenario=self.scenario()).url, "first.jsonl", turns=0, caps=CAPS)
        simulator = self.replay(log)
        again, _ = self.talk(simulator.url, "second.jsonl", turns=0, caps=CAPS, **{"session-log-audio": True})
        shortened = [event["delta"] for event in of_server(read_log(log))
                     if event["type"] == "response.output_audio.delta"]
        played = [event["delta"] for event in of_server(read_log(again))
                  if event["type"] == "response.output_audio.delta"]
        self.assertEqual([f"<{len(delta.rstrip('='))} base64>" for delta in played], shortened)
        self.assertEqual(set(played[0][:80]), set("1dXV"[:4]))  # A-law's silence in base64

    def test_departure(self):
        """What the client does otherwise is told, and changes the exit status."""
        log, _ = self.talk(self.simulate(scenario=self.scenario()).url, "first.jsonl", turns=0)
        stderr = self.folder / "stderr"
        build = pathlib.Path(os.environ.get("BESTELLBOT_BUILDDIR", "build"))
        with open(stderr, "wb") as file, subprocess.Popen(
                [build / "app/simulator/bestellbot-simulator", "--replay", log],
                stdout=subprocess.PIPE, stderr=file) as process:
            url = process.stdout.readline().decode().split()[-1]

            def depart(element):
                element.emit("send-text", "user", "Das steht nicht im Log.")
                deadline = time.monotonic() + 20
                while b"conversation.item.create" not in stderr.read_bytes():
                    self.assertLess(time.monotonic(), deadline, "the departure is not told")
                    time.sleep(0.02)

            self.talk(url, "second.jsonl", turns=0, extra=depart)
            process.terminate()
            process.stdout.read()
            self.assertEqual(process.wait(20), 3)
        self.assertIn("conversation.item.create", stderr.read_text())

    def test_hostile(self):
        """No session log: one line with file, line and what is wrong; never a crash."""
        build = pathlib.Path(os.environ.get("BESTELLBOT_BUILDDIR", "build"))
        head = '{"t":0.0,"note":"opened","detail":"2026-01-01T00:00:00Z"}\n{"t":0.1,"note":"connected"}\n'
        cases = {
            "": 0,
            "\x00": 1,
            head + '{"t":0.2,"from":"server","ev":{"type":"session.cre': 3,
            head + 'nonsense\n': 3,
            head + '[]\n': 3,
            head + '{"t":0.2,"from":"nobody","ev":{"type":"x"}}\n': 3,
            head + '{"t":0.2,"from":"server","ev":{"type":7}}\n': 3,
            head + '{"t":0.2,"from":"server","ev":[]}\n': 3,
            head + '{"t":0.2}\n': 3,
            head + '{"from":"server","ev":{"type":"x"}}\n': 3,
            head + '{"t":-1,"from":"server","ev":{"type":"x"}}\n': 3,
            head + '{"t":1e300,"from":"server","ev":{"type":"x"}}\n': 3,
            head + '{"t":0.05,"from":"server","ev":{"type":"x"}}\n': 3,
            '{"t":0.2,"from":"server","ev":{"type":"x"}}\n': 1,
            '{"t":0.0,"note":"opened"}\n': 1,
            head + '{"t":5,"session":"sess_1","from":"server","ev":{"type":"x"}}\n': 3,
            head + '{"t":0.2,"ev":' + "[" * 100000 + "\n": 3,
        }
        for text, line in cases.items():
            with self.subTest(text=text[:120]):
                path = self.folder / "hostile.jsonl"
                path.write_text(text)
                result = subprocess.run([build / "app/simulator/bestellbot-simulator", "--replay", path], timeout=20,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(f"{path}:{line}: ", result.stderr)
                self.assertEqual(result.stdout, "")
        result = subprocess.run([build / "app/simulator/bestellbot-simulator", "--replay", self.folder / "none"],
                                timeout=20, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("none", result.stderr)


if __name__ == "__main__":
    Gst.init(None)
    unittest.main()
