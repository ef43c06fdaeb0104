#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The simulator against the Realtime protocol: order of events, refusals,
truncation, barge-in, faults. All traffic that the tests make is validated
against the JSON schema of the events, which is not part of this tree: without
it the tests run and validation is skipped (exit status 77)."""
import json
import os
import pathlib
import re
import sys
import unittest

from contract_base import RECORDED, TOP
from contract_faults import *  # noqa: F401,F403
from contract_mcp import *  # noqa: F401,F403
from contract_session import *  # noqa: F401,F403
from contract_turns import *  # noqa: F401,F403

SCHEMA = pathlib.Path(os.environ.get("BESTELLBOT_EVENT_SCHEMA")
                      or TOP.parent / "shared/realtime/events.schema.json")


class ZSchema(unittest.TestCase):
    """After all others: everything they made is judged."""

    def setUp(self):
        if not SCHEMA.is_file():
            self.skipTest(f"no schema of the events at {SCHEMA}: set the Meson option event_schema")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads(SCHEMA.read_text())
        resolver = jsonschema.RefResolver.from_schema(schema)
        self.validators = {
            side: jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}"}, resolver=resolver)
            for side, name in (("client", "ClientEvent"), ("server", "ServerEvent"))}

    @staticmethod
    def shape(value):
        """Equal for events that differ in texts and numbers only."""
        if isinstance(value, dict):
            return tuple((key, ZSchema.shape(item) if key not in ("type", "role", "status", "code") else item)
                         for key, item in sorted(value.items()))
        if isinstance(value, list):
            return tuple(ZSchema.shape(item) for item in value)
        return type(value).__name__

    def test_all_server_events_validate(self):
        seen = {}
        for entry in RECORDED:
            event = entry["ev"]
            if entry["from"] == "server" and event["type"] != "simulator.unknown_event":
                seen.setdefault(self.shape(event), event)
        self.assertGreater(len(seen), 40)
        for event in seen.values():
            with self.subTest(type=event["type"]):
                error = next(self.validators["server"].iter_errors(event), None)
                self.assertIsNone(error, json.dumps(event))

    def test_all_types_the_simulator_can_send_occurred(self):
        names = r'"((?:error|session|conversation|input_audio_buffer|response|rate_limits|mcp_list_tools)(?:\.[a-z_]+)*)"'
        defined = {definition["properties"]["type"]["const"]
                   for name, definition in json.loads(SCHEMA.read_text())["$defs"].items()
                   if name.startswith("RealtimeServerEvent") and "const" in definition["properties"]["type"]}
        can = set()
        for path in (TOP / "app/simulator").glob("*.c"):
            can |= set(re.findall(names, path.read_text()))
        occurred = {entry["ev"]["type"] for entry in RECORDED if entry["from"] == "server"}
        self.assertGreater(len(can & defined), 33)
        self.assertEqual((can & defined) - occurred, set())

    def test_client_events_are_accepted_as_the_schema_says(self):
        """What was not refused validates, and what is no event does not pass."""
        refused = {(entry["session"], entry["ev"]["error"]["event_id"]) for entry in RECORDED
                   if entry["ev"].get("type") == "error"}
        seen = {}
        for entry in RECORDED:
            if entry["from"] == "client" and (entry["session"], entry["ev"].get("event_id")) not in refused \
                    and isinstance(entry["ev"].get("type"), str):
                seen.setdefault(self.shape(entry["ev"]), entry["ev"])
        self.assertGreater(len(seen), 20)
        for event in seen.values():
            with self.subTest(type=event["type"]):
                error = next(self.validators["client"].iter_errors(event), None)
                self.assertIsNone(error, json.dumps(event))


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=1)
    if not program.result.wasSuccessful():
        sys.exit(1)
    if program.result.skipped:
        for _, why in program.result.skipped:
            print(f"skipped: {why}", file=sys.stderr)
        sys.exit(77)
