#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""openairealtimebin in a conversation with the simulator: greeting, function
calls, an answer cut short, every action, changed settings, a lost connection.
The simulator must refuse nothing, and each event that the element sent is
validated against the JSON schema of the events, which is not part of this
tree: without it that is skipped (exit status 77)."""
import json
import os
import pathlib
import sys
import tempfile
import time
import unittest

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from contract_base import SPEECH, TOP, Base  # noqa: E402

SCHEMA = pathlib.Path(os.environ.get("BESTELLBOT_EVENT_SCHEMA")
                      or TOP.parent / "shared/realtime/events.schema.json")
LONG = "Das ist eine lange Antwort, die niemand bis zum Ende hören möchte. " * 6
SCENARIO = {
    "name": "contract", "language": "de",
    "turns": [
        {"hear": "Was gibt es?", "steps": [
            {"call": {"name": "search_products", "arguments": {"query": "Bogen"}}},
            {"call": {"name": "list_groups", "arguments": {}}},
            {"say": LONG}]},
        {"hear": "Halt.", "steps": [{"say": LONG}]},
        {"hear": "Gut.", "steps": [{"say": "Gern."}]}]}
TOOLS = [{"type": "function", "name": name, "description": name, "parameters": {"type": "object", "properties": {}}}
         for name in ("search_products", "list_groups")]


class Element(Base):
    """One conversation; `self.sent` is what the element sent."""

    def start(self, caps, faults=(), scenario=SCENARIO, **properties):
        self.simulator = self.simulate(scenario, faults)
        self.pipeline = Gst.parse_launch(
            f"appsrc name=in format=time caps={caps} ! openairealtimebin name=bin ! {caps} ! fakesink sync=false")
        self.addCleanup(self.pipeline.set_state, Gst.State.NULL)
        self.bin, self.appsrc = self.pipeline.get_by_name("bin"), self.pipeline.get_by_name("in")
        for name, value in {"base-url": self.simulator.url, "api-key": "sk-contract", "tools": json.dumps(TOOLS),
                            **properties}.items():
            self.bin.set_property(name, value)
        self.bus, self.seen, self.pts = self.pipeline.get_bus(), [], 0
        self.pipeline.set_state(Gst.State.PLAYING)
        self.wait("connection", state="ready")

    def wait(self, name, timeout=30, **fields):
        """The next element message of that name with these fields."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            message = self.bus.timed_pop(100 * Gst.MSECOND)
            if message is None:
                continue
            if message.type == Gst.MessageType.ERROR:
                self.fail(message.parse_error())
            s = message.get_structure() if message.type == Gst.MessageType.ELEMENT else None
            if s is None:
                continue
            self.assertNotEqual(s.get_name(), "openai-realtime-error", s.to_string())
            if s.get_name() == "openai-realtime-function-call":
                self.bin.emit("send-function-output", s.get_string("call_id"), '{"results": []}')
            if s.get_name() == f"openai-realtime-{name}" and \
                    all(s.get_value(key) == value for key, value in fields.items()):
                return s
        self.fail(f"no {name} {fields}")

    def push(self, pcm, width=2):
        """Audio from now on, in pieces of 20 ms."""
        clock = self.pipeline.get_clock()
        self.pts = max(self.pts, clock.get_time() - self.pipeline.get_base_time())
        rate = 24000 if width == 2 else 8000
        step = rate // 50 * width
        for i in range(0, len(pcm), step):
            buffer = Gst.Buffer.new_wrapped(pcm[i:i + step])
            buffer.pts, buffer.duration = self.pts, 20 * Gst.MSECOND
            self.pts += buffer.duration
            self.assertEqual(self.appsrc.emit("push-buffer", buffer), Gst.FlowReturn.OK)

    def speak(self):
        self.push(SPEECH + bytes(48 * 1500))

    def sent(self, type_=None):
        return [entry["ev"] for entry in self.simulator.events()
                if entry["from"] == "client" and type_ in (None, entry["ev"]["type"])]

    def finish(self):
        refused = [entry["ev"]["error"] for entry in self.simulator.events()
                   if entry["from"] == "server" and entry["ev"]["type"] == "error"]
        self.assertEqual(refused, [])
        self.validate()

    def validate(self):
        if not SCHEMA.is_file():
            self.skipTest(f"no schema of the events at {SCHEMA}: set the Meson option event_schema")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads(SCHEMA.read_text())
        validator = jsonschema.Draft202012Validator(
            {"$ref": "#/$defs/ClientEvent"}, resolver=jsonschema.RefResolver.from_schema(schema))
        appends = self.sent("input_audio_buffer.append")
        others = [event for event in self.sent() if event["type"] != "input_audio_buffer.append"]
        for event in others + appends[:3]:
            with self.subTest(type=event["type"]):
                error = next(validator.iter_errors(event), None)
                self.assertIsNone(error, json.dumps(event))

    def test_dialogue(self):
        caps = "audio/x-raw,format=S16LE,rate=24000,channels=1,layout=interleaved"
        self.start(caps, greeting="Guten Tag", **{"noise-reduction": 2, "speed": 1.25})
        self.wait("playout", state="finished")
        self.speak()                              # functions are called, then a long answer
        self.wait("playout", state="started")
        self.assertEqual(len([e for e in self.sent("conversation.item.create")
                              if e["item"]["type"] == "function_call_output"]), 2)
        self.speak()                              # cut short by the caller
        cut = self.wait("playout", state="interrupted")
        self.wait("playout", state="started")     # the next long answer, cut by the button
        self.bin.emit("interrupt")
        self.wait("playout", state="interrupted")
        truncates = self.sent("conversation.item.truncate")
        self.assertEqual(truncates[0]["audio_end_ms"], cut.get_value("played_ms"))
        self.assertEqual(len(truncates) + len(self.sent("conversation.item.delete")), 2)
        self.bin.set_property("instructions", "Sei kurz.")
        for role in ("user", "assistant", "system"):
            self.bin.emit("send-text", role, "Text \u00e4\u20ac\U0001f600")
        self.bin.emit("say", "Einen Moment.")
        self.wait("response", state="done")
        self.bin.emit("create-response", "Sag Danke.")
        self.wait("response", state="done")
        self.simulator.wait_for_event("session.update", n=2)
        self.finish()
        types = {event["type"] for event in self.sent()}
        self.assertLessEqual({"session.update", "input_audio_buffer.append", "conversation.item.create",
                              "conversation.item.truncate", "response.create"}, types)

    def test_mcp_asides_images(self):
        """What the service runs with approval, what runs beside the conversation, and an image."""
        tools = [{"type": "mcp", "server_label": "shop", "server_url": "https://example.org/mcp",
                  "authorization": "token-of-a-tool-4711"}]
        scenario = {
            "name": "mcp", "language": "de", "mcp": {"shop": ["stock"]}, "otherwise": {"say": "Zusammengefasst."},
            "turns": [{"hear": "Was ist da?", "steps": [
                {"mcp": {"server": "shop", "name": "stock", "output": "{\"pieces\": 7}"}},
                {"say": "Es sind {{stock.pieces}} da."}]}]}
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder, "log")
            caps = "audio/x-raw,format=S16LE,rate=24000,channels=1,layout=interleaved"
            self.start(caps, scenario=scenario, tools=json.dumps(tools), **{
                "turn-detection": 0, "reversible-barge-in": False, "session-log": str(log)})
            self.assertEqual(self.wait("mcp", kind="list", state="completed").get_string("output"), "stock")
            self.speak()
            request = self.wait("mcp-approval")
            self.assertEqual((request.get_string("server_label"), request.get_string("name")), ("shop", "stock"))
            self.bin.emit("approve-mcp", request.get_string("request_id"), True, None)
            self.assertEqual(self.wait("mcp", kind="call", state="completed").get_string("output"), '{"pieces": 7}')
            # Asked for by the element: the service does not go on by itself.
            self.assertEqual(self.wait("transcript", role="assistant", final=True).get_string("text"), "Es sind 7 da.")
            self.wait("playout", state="finished")
            tag = self.bin.emit("ask-aside", json.dumps({
                "output_modalities": ["text"], "instructions": "Fasse zusammen."}), False)
            aside = self.wait("aside", tag=tag)
            self.assertEqual((aside.get_string("status"), aside.get_string("text")), ("completed", "Zusammengefasst."))
            self.assertEqual(json.loads(aside.get_string("output"))[0]["type"], "message")
            image = Gst.Sample.new(Gst.Buffer.new_wrapped(b"\x89PNG\r\n\x1a\n12"), None, None, None)
            self.bin.emit("send-image", image, "Das hier.")
            path = pathlib.Path(folder, "image.jpg")
            path.write_bytes(b"\xff\xd8\xff\xe0")
            self.bin.emit("send-image-file", str(path), None)
            created = self.simulator.wait_for_event("conversation.item.create", n=3)["item"]
            self.bin.emit("retrieve-item", created["id"])
            self.assertIn(created["id"], self.wait("item").get_string("json"))
            self.bin.emit("delete-item", created["id"])
            self.simulator.wait_for_event("conversation.item.deleted")
            urls = [part["image_url"] for event in self.sent("conversation.item.create")
                    for part in event["item"].get("content", []) if part["type"] == "input_image"]
            self.assertEqual([url.split(",")[0] for url in urls],
                             ["data:image/png;base64", "data:image/jpeg;base64"])
            # The tool's token went to the service and nowhere else.
            self.assertNotIn("token-of-a-tool", self.bin.get_property("tools"))
            self.assertIn("***", self.bin.get_property("tools"))
            self.pipeline.set_state(Gst.State.NULL)
            self.assertIn("mcp", log.read_text(encoding="utf-8"))
            self.assertNotIn("token-of-a-tool", log.read_text(encoding="utf-8"))
        self.assertEqual(self.sent("session.update")[0]["session"]["tools"], tools)
        self.finish()

    def test_push_to_talk(self):
        """The application says what a turn is; the answer is text."""
        caps = "audio/x-raw,format=S16LE,rate=24000,channels=1,layout=interleaved"
        self.start(caps, scenario={"turns": [{"hear": "Hallo", "say": "Gern."}]},
                   **{"turn-detection": 2, "answer": 1, "tools": ""})
        self.push(SPEECH)
        self.simulator.wait_for_event("input_audio_buffer.append", n=20)
        self.bin.emit("clear-input")
        self.simulator.wait_for_event("input_audio_buffer.cleared")
        self.push(SPEECH)
        self.simulator.wait_for_event("input_audio_buffer.append", n=60)
        self.bin.emit("commit", True)
        self.assertTrue(self.wait("transcript", role="assistant", final=True).get_string("text"))
        self.wait("response", state="done")
        self.assertEqual([event["session"]["output_modalities"] for event in self.sent("session.update")], [["text"]])
        self.finish()

    def test_idle_timeout(self):
        """Nobody speaks: the model does, and both sides count from the same audio."""
        caps = "audio/x-raw,format=S16LE,rate=24000,channels=1,layout=interleaved"
        self.start(caps, greeting="Hallo", **{"idle-timeout": 5000})
        self.wait("playout", state="finished")
        self.push(bytes(48 * 9000))
        self.wait("speech", state="timeout")
        self.wait("response", state="done")
        self.finish()

    def test_g711_by_hand(self):
        """A-law, no turn detection: the end of the input is the turn."""
        self.start("audio/x-alaw,rate=8000,channels=1", **{"turn-detection": 2, "language": "", "voice": ""})
        self.push(b"\x55\x2a" * 8000, width=1)
        self.appsrc.emit("end-of-stream")
        self.wait("response", state="done")
        self.assertEqual(len(self.sent("input_audio_buffer.commit")), 1)
        self.assertEqual(self.sent("session.update")[-1]["session"]["audio"]["input"]["format"],
                         {"type": "audio/pcma"})
        self.finish()

    def test_reconnect(self):
        """What is told to a new session validates, too."""
        caps = "audio/x-raw,format=S16LE,rate=24000,channels=1,layout=interleaved"
        self.start(caps, faults=["drop@response.done:2"], reconnect=True)
        self.bin.emit("send-text", "system", "Der Kunde heißt Meier.")
        self.speak()
        self.wait("connection", state="reconnecting")
        self.wait("connection", state="ready")
        self.simulator.wait_for_event("session.update", n=2)
        self.bin.emit("send-text", "user", "Ende")
        self.simulator.wait_for_event("response.done", n=3)
        entries = [entry for entry in self.simulator.events() if entry["from"] == "client"]
        items = [entry["ev"]["item"] for entry in entries if entry["session"] == entries[-1]["session"]
                 and entry["ev"]["type"] == "conversation.item.create"]
        self.assertNotEqual(entries[0]["session"], entries[-1]["session"])
        for type_ in ("function_call", "function_call_output"):
            self.assertEqual([item["call_id"] for item in items if item["type"] == type_],
                             [item["call_id"] for item in items if item["type"] == "function_call"])
        self.assertEqual(items[0]["content"][0]["text"], "Der Kunde heißt Meier.")
        self.finish()


if __name__ == "__main__":
    Gst.init(None)
    program = unittest.main(exit=False, verbosity=1)
    if not program.result.wasSuccessful():
        sys.exit(1)
    if program.result.skipped:
        for _, why in program.result.skipped:
            print(f"skipped: {why}", file=sys.stderr)
        sys.exit(77)
