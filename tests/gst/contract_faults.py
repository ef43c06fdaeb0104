# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Contract: what the simulator does wrong on demand."""
import base64
import json

from contract_base import SILENCE, SPEECH, Base
from peers.websocket_client import Closed, Refused


class Faults(Base):
    def turn(self, *faults, scenario="echo", **kwargs):
        client = self.connect(self.simulate(scenario, faults, **kwargs))
        self.say_to(client, SPEECH, SILENCE)
        return client

    def test_drop(self):
        for fault, last in (("drop@response.output_audio.delta:2,when=before", None),
                            ("drop@response.created,when=after", "response.created")):
            with self.subTest(fault=fault):
                client = self.turn(fault)
                with self.assertRaises(Closed) as closed:
                    client.wait_for("response.done")
                self.assertIsNone(closed.exception.code)
                types = self.types(client.received)
                self.assertEqual(types.count("response.output_audio.delta"), 1 if last is None else 0)
                if last:
                    self.assertEqual(types[-1], last)

    def test_drop_happens_once(self):
        simulator = self.simulate(faults=["drop@session.updated"])
        with self.assertRaises(Closed):
            self.connect(simulator).next()
        client = self.connect(simulator)
        self.assertEqual(self.respond(client)[0]["status"], "completed")

    def test_http(self):
        simulator = self.simulate(faults=["http,status=429", "http,status=503"])
        for status in (429, 503):
            with self.assertRaises(Refused) as refused:
                self.connect(simulator, update=False)
            self.assertEqual(refused.exception.status, status)
            self.assertIn("error", json.loads(refused.exception.body))
        self.connect(simulator)

    def test_giant_frame(self):
        client = self.turn("giant@response.output_audio.delta,bytes=3000000")
        client.wait_for("response.done")
        self.assertEqual(max(len(event.get("padding", "")) for event in client.received), 3000000)

    def test_fragments(self):
        client = self.turn("fragment@response.output_audio.delta:2", "fragment@response.done")
        self.assertEqual(client.wait_for("response.done")["response"]["status"], "completed")
        self.assertEqual(client.fragments, 4)

    def test_odd_deltas(self):
        client = self.turn("odd")
        client.wait_for("response.done")
        sizes = [len(base64.b64decode(event["delta"])) for event in client.received
                 if event["type"] == "response.output_audio.delta"]
        self.assertTrue(any(size % 2 for size in sizes))
        self.assertEqual(sum(sizes) % 2, 0)

    def test_stall_then_go_on(self):
        client = self.turn("stall@response.created,ms=300")
        self.assertEqual(client.wait_for("response.done")["response"]["status"], "completed")

    def test_failed_response(self):
        for fault, code in (("quota", "insufficient_quota"), ("rate-limit", "inference_rate_limit_exceeded"),
                            ("fail@response.output_audio.delta:2", "server_error")):
            with self.subTest(fault=fault):
                response = self.turn(fault).wait_for("response.done")["response"]
                self.assertEqual((response["status"], response["status_details"]["error"]["code"]), ("failed", code))

    def test_error_event(self):
        client = self.turn("error@response.created,code=insufficient_quota", "null-code@response.done")
        self.assertEqual(client.wait_for("error")["error"]["code"], "insufficient_quota")
        client.wait_for("response.done")
        client.send("session.update", event_id="wrong")
        self.assertIsNone(client.wait_for("error")["error"]["code"])

    def test_expire_and_close(self):
        for fault, code in (("expire@response.created", 1001), ("close@response.created,status=1011", 1011)):
            with self.subTest(fault=fault), self.assertRaises(Closed) as closed:
                self.turn(fault).wait_for("response.done")
            self.assertEqual(closed.exception.code, code)

    def test_garbage_and_binary(self):
        client = self.connect(self.simulate(faults=["garbage@response.created", "binary@response.done"]))
        client.send("response.create")
        kinds = []
        while len(kinds) < 2 or b"response.done" not in data[:60]:
            kind, data = client.receive()
            try:
                json.loads(data)
            except ValueError:
                kinds.append(kind)
        self.assertEqual(kinds, [1, 2])

    def test_injected_events(self):
        scenario = {"turns": [{"hear": "x", "say": "y"}], "conversation_created": True, "faults": [
            {"fault": "unknown", "at": "response.created"},
            {"fault": "inject", "at": "response.done", "event": {
                "type": "input_audio_buffer.dtmf_event_received", "event": "9", "received_at": 1790000000}}]}
        client = self.turn(scenario=scenario)
        self.assertIn("event_id", client.wait_for("simulator.unknown_event"))
        self.assertNotIn("event_id", client.wait_for("input_audio_buffer.dtmf_event_received"))
        self.assertIn("conversation.created", self.types(client.received))

    def test_transcription_fails(self):
        client = self.turn("no-transcription")
        client.wait_for("conversation.item.input_audio_transcription.failed")
