# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the parts of the contract test share: see test-contract.py."""
import json
import math
import os
import pathlib
import struct
import sys
import tempfile
import unittest

TOP = pathlib.Path(os.environ.get("BESTELLBOT_SRCDIR", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(TOP / "tests"))
from peers.simulator import Simulator  # noqa: E402
from peers.websocket_client import RealtimeClient  # noqa: E402

RECORDED = []  # log entries of all simulators

TOOLS = [{"type": "function", "name": name, "parameters": {"type": "object"}}
         for name in ("list_groups", "search_products", "get_product", "add_to_order", "change_quantity",
                      "remove_from_order", "read_order", "submit_order", "transfer_to_human", "end_call")]


def tone(ms, rate=24000, level=0.3):
    """What counts as speech: a loud tone, as PCM."""
    return struct.pack(f"<{rate * ms // 1000}h",
                       *(int(32767 * level * math.sin(2 * math.pi * 300 * i / rate))
                         for i in range(rate * ms // 1000)))


SPEECH, COUGH = tone(900), tone(150)
SILENCE = bytes(48 * 800)


class Base(unittest.TestCase):
    def simulate(self, scenario="echo", faults=(), args=("--speed", "0")):
        if isinstance(scenario, dict):
            file = tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8")
            self.addCleanup(file.close)
            json.dump(scenario, file)
            file.flush()
            scenario = file.name
        simulator = Simulator(scenario, faults, args)

        def finish():
            RECORDED.extend(simulator.events())
            self.assertEqual(simulator.stop(), 0)
        self.addCleanup(finish)
        return simulator

    def connect(self, simulator, update=True, **kwargs):
        client = RealtimeClient(simulator.url, **kwargs)
        self.addCleanup(client.close)
        if update:
            self.assertEqual(client.next()["type"], "session.created")
            self.update(client, audio={"input": {"transcription": {"model": "whisper-1"}}})
        return client

    def update(self, client, **session):
        client.send("session.update", session={"type": "realtime", **session})
        event = client.wait_for("session.updated", "error")
        self.assertEqual(event["type"], "session.updated", event)
        return event["session"]

    def refused(self, client, code, type_, param=None, **fields):
        client.send(type_, event_id="mine", **fields)
        error = client.wait_for("error")["error"]
        self.assertEqual((error["code"], error["event_id"]), (code, "mine"), error)
        if param is not None:
            self.assertEqual(error["param"], param)
        return error

    def say_to(self, client, *parts):
        for part in parts:
            client.append(part)

    @staticmethod
    def types(events):
        return [event["type"] for event in events]

    def respond(self, client, **response):
        """One whole response: its events by type, in order of arrival."""
        start = len(client.received)
        client.send("response.create", **({"response": response} if response else {}))
        done = client.wait_for("response.done")
        return done["response"], client.received[start:]
