#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each event that the element can send, from the functions that make them:
none of the functions is left out, each client event that docs/element.md says
is sent has one, and each shape validates against the JSON schema of the
events, which is not part of this tree: without it that is skipped (exit status
77)."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

TOP = pathlib.Path(os.environ.get("BESTELLBOT_SRCDIR", pathlib.Path(__file__).parents[2]))
SCHEMA = pathlib.Path(os.environ.get("BESTELLBOT_EVENT_SCHEMA")
                      or TOP.parent / "shared/realtime/events.schema.json")
SAMPLES = sys.argv.pop(1)


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lines = subprocess.run([SAMPLES], capture_output=True, text=True, check=True,
                               encoding="utf-8").stdout.splitlines()
        cls.samples = [(name, json.loads(event)) for name, event in (line.split("\t", 1) for line in lines)]

    def test_no_function_is_left_out(self):
        header = (TOP / "gst/realtime/realtimerequest.h").read_text(encoding="utf-8")
        functions = set(re.findall(r"\bgst_realtime_request_(\w+) \(", header))
        self.assertGreater(len(functions), 15)
        self.assertEqual(functions - {name for name, _ in self.samples}, set(),
                         "add samples to tests/gst/request-samples.c")

    def test_no_other_file_makes_events(self):
        makers = [path.name for path in (TOP / "gst/realtime").glob("*.c")
                  if re.search(r'\\"type\\":\\"|"type", *"(?:session|conversation|input_audio|response)\.',
                               path.read_text(encoding="utf-8"))]
        self.assertEqual(makers, ["realtimerequest.c"])

    def test_what_the_reference_says_is_sent_is_made(self):
        text = (TOP / "docs/element.md").read_text(encoding="utf-8")
        table = text[text.index("| event of the client |"):].split("\n\n")[0]
        rows = re.findall(r"^\| `([a-z_.]+)` \| (.*?) \|", table, re.M)
        self.assertGreater(len(rows), 9)
        self.assertEqual({name for name, by in rows if by != "never"},
                         {event["type"] for _, event in self.samples})

    def test_all_validate(self):
        if not SCHEMA.is_file():
            self.skipTest(f"no schema of the events at {SCHEMA}: set the Meson option event_schema")
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        resolver = jsonschema.RefResolver.from_schema(schema)
        defs = {}
        for ref in schema["$defs"]["ClientEvent"]["oneOf"]:
            name = ref["$ref"].rsplit("/", 1)[1]
            defs[schema["$defs"][name]["properties"]["type"]["const"]] = jsonschema.Draft202012Validator(
                {"$ref": ref["$ref"]}, resolver=resolver)
        for event in {json.dumps(event, sort_keys=True): event for _, event in self.samples}.values():
            error = next(defs[event["type"]].iter_errors(event), None)
            self.assertIsNone(error, json.dumps(event))


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=1)
    if not program.result.wasSuccessful():
        sys.exit(1)
    if program.result.skipped:
        for _, why in program.result.skipped:
            print(f"skipped: {why}", file=sys.stderr)
        sys.exit(77)
