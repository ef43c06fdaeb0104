#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs gst-launch lines with openairealtimebin against the simulator and
checks the answer as audio: pitch is left to the C tests; here it is speech
that must come out whole: duration, level, bandwidth, no gap."""
import array
import json
import math
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
import wave

TOP = pathlib.Path(os.environ.get("BESTELLBOT_SRCDIR", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(TOP / "tests"))
from peers.simulator import Simulator  # noqa: E402

KEY = "sk-launch-secret-0815"


def read_wav(path):
    with wave.open(str(path)) as file:
        data = array.array("h", file.readframes(file.getnframes()))
        return data[::file.getnchannels()], file.getframerate()


def frames(samples, rate, ms=20):
    """RMS of each frame."""
    n = rate * ms // 1000
    return [math.sqrt(sum(x * x for x in samples[i:i + n]) / n) for i in range(0, len(samples) - n + 1, n)]


def goertzel(samples, rate, hertz):
    k = 2 * math.cos(2 * math.pi * hertz / rate)
    a = b = 0.0
    for x in samples:
        a, b = x + k * a - b, a
    return (a * a + b * b - k * a * b) / max(1, len(samples)) ** 2


class Launch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bestellbot-launch-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.log = self.folder / "session.jsonl"

    def simulate(self, scenario="echo", args=(), faults=()):
        simulator = Simulator(scenario, faults, args)
        self.addCleanup(simulator.stop)
        return simulator

    def speech(self, text="Guten Tag, ich hätte gern zehn Bögen.", rate=22050):
        """A question as a WAV file."""
        path, raw = self.folder / "question.wav", self.folder / "raw.wav"
        subprocess.run(["espeak-ng", "-v", "de", "-w", raw, text], check=True)
        if rate == 22050:
            return raw
        subprocess.run(["gst-launch-1.0", "-q", "filesrc", f"location={raw}", "!", "wavparse", "!", "audioconvert",
                        "!", "audioresample", "!", f"audio/x-raw,rate={rate}", "!", "wavenc", "!", "filesink",
                        f"location={path}"], check=True)
        return path

    def launch(self, line, timeout=60):
        env = dict(os.environ, OPENAI_API_KEY=KEY, G_DEBUG="fatal-criticals")
        result = subprocess.run(["gst-launch-1.0", "-m", *shlex.split(line)], env=env, timeout=timeout,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertNotIn(KEY, result.stdout)
        return result

    def messages(self, result, name):
        return [line for line in result.stdout.splitlines() if f"openai-realtime-{name}" in line]

    def received_ms(self):
        """Audio of the whole session, as the element counted what came."""
        total = 0
        for line in self.log.read_text().splitlines():
            event = json.loads(line).get("ev", {})
            if event.get("type") == "response.output_audio.delta":
                size = re.fullmatch(r"<(\d+) base64>", event["delta"])
                total += int(size.group(1)) * 3 // 4 if size else len(event["delta"]) * 3 // 4
        return total

    def check_speech(self, path, rate, expected_ms, min_rms=500):
        samples, got_rate = read_wav(path)
        self.assertEqual(got_rate, rate)
        levels = frames(samples, rate)
        audible = [i for i, level in enumerate(levels) if level > 50]
        self.assertTrue(audible, "nothing is heard")
        span = (audible[-1] - audible[0] + 1) * 20
        # The synthesiser's own silence at both ends makes it a little shorter.
        self.assertLessEqual(span, expected_ms + 40)
        self.assertGreater(span, expected_ms - 500)
        part = samples[audible[0] * rate // 50:(audible[-1] + 1) * rate // 50]
        self.assertGreater(math.sqrt(sum(x * x for x in part) / len(part)), min_rms)
        # Speech: more below 1 kHz than above 3 kHz; at the wrong rate it isn't.
        low = sum(goertzel(part, rate, f) for f in range(100, 1000, 50))
        high = sum(goertzel(part, rate, f) for f in range(3000, 3900, 50))
        self.assertGreater(low, 3 * high)
        return levels, audible, span

    def check_no_gap(self, levels, audible):
        """Exact digital silence inside an utterance would be a hole: the
        synthesiser pauses, but softly and never for long."""
        run = longest = 0
        for level in levels[audible[0]:audible[-1]]:
            run = run + 1 if level == 0 else 0
            longest = max(longest, run)
        self.assertLess(longest * 20, 400)

    def test_wav_to_wav(self):
        """The README's line: a question in a file, the answer in a file."""
        simulator = self.simulate()
        answer = self.folder / "answer.wav"
        result = self.launch(f"filesrc location={self.speech()} ! wavparse ! openairealtimebin "
                             f"base-url={simulator.url} session-log={self.log} ! wavenc ! filesink location={answer}")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("Got EOS", result.stdout)
        levels, audible, _span = self.check_speech(answer, 24000, self.received_ms() // 48)
        self.check_no_gap(levels, audible)
        self.assertTrue(any("role=(string)user" in line for line in self.messages(result, "transcript")))
        self.assertTrue(any("final=(boolean)true" in line and "assistant" in line
                            for line in self.messages(result, "transcript")))
        # The file was sent as fast as it is spoken: the answer begins after it.
        self.assertGreater(audible[0] * 20, 2000)
        # A log that can be read line by line, and holds no key.
        self.assertNotIn(KEY, self.log.read_text())

    def test_rates(self):
        """Any rate in, another out."""
        for rate_in, rate_out in ((8000, 48000), (48000, 16000)):
            with self.subTest(rate_in=rate_in, rate_out=rate_out):
                self.log = self.folder / f"{rate_in}.jsonl"
                simulator = self.simulate()
                answer = self.folder / f"answer-{rate_out}.wav"
                result = self.launch(
                    f"filesrc location={self.speech(rate=rate_in)} ! wavparse ! openairealtimebin "
                    f"base-url={simulator.url} session-log={self.log} ! audio/x-raw,rate={rate_out} ! wavenc ! "
                    f"filesink location={answer}")
                self.assertEqual(result.returncode, 0, result.stdout)
                self.check_speech(answer, rate_out, self.received_ms() // 48)

    def test_g711(self):
        """A-law in and out, untouched: the service is told, nothing is decoded."""
        simulator = self.simulate()
        answer = self.folder / "answer.wav"
        result = self.launch(
            f"filesrc location={self.speech(rate=8000)} ! wavparse ! alawenc ! openairealtimebin "
            f"base-url={simulator.url} session-log={self.log} ! audio/x-alaw ! alawdec ! wavenc ! "
            f"filesink location={answer}")
        self.assertEqual(result.returncode, 0, result.stdout)
        update = simulator.wait_for_event("session.update")
        self.assertEqual(update["session"]["audio"]["input"]["format"], {"type": "audio/pcma"})
        self.assertEqual(update["session"]["audio"]["output"]["format"], {"type": "audio/pcma"})
        self.check_speech(answer, 8000, self.received_ms() // 8)

    def test_greeting(self):
        """Said as it stands, then silence of the caller, then the end."""
        simulator = self.simulate()
        answer = self.folder / "greeting.wav"
        text = "Guten Tag, hier ist die Bestellannahme."
        result = self.launch(
            f"audiotestsrc wave=silence is-live=true num-buffers=200 ! openairealtimebin greeting='\"{text}\"' "
            f"base-url={simulator.url} session-log={self.log} ! wavenc ! filesink location={answer}")
        self.assertEqual(result.returncode, 0, result.stdout)
        create = simulator.wait_for_event("response.create")
        self.assertIn(text, create["response"]["instructions"])
        self.check_speech(answer, 24000, self.received_ms() // 48)

    def test_microphone_to_speaker(self):
        """A live source, a sink that plays on the clock; ends with EOS."""
        simulator = self.simulate()
        result = self.launch(
            f"audiotestsrc is-live=true wave=red-noise volume=0.5 num-buffers=60 ! openairealtimebin "
            f"base-url={simulator.url} session-log={self.log} ! fakesink sync=true")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertTrue(any("state=(string)finished" in line for line in self.messages(result, "playout")))

    def test_refused(self):
        """A wrong key: one line that says what to do, exit status not 0."""
        simulator = self.simulate(args=("--require-key", "sk-other"))
        result = self.launch(f"audiotestsrc is-live=true ! openairealtimebin base-url={simulator.url} ! fakesink")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("OPENAI_API_KEY", result.stdout)
        self.assertIn("401", result.stdout)

    def test_faults(self):
        """What the service may do wrong costs neither the answer nor the process."""
        for fault in ("odd", "giant", "fragment", "unknown", "garbage"):
            with self.subTest(fault=fault):
                self.log = self.folder / f"{fault}.jsonl"
                simulator = self.simulate(faults=[fault])
                answer = self.folder / f"{fault}.wav"
                result = self.launch(
                    f"filesrc location={self.speech('Hallo.')} ! wavparse ! openairealtimebin base-url={simulator.url} "
                    f"session-log={self.log} ! wavenc ! filesink location={answer}")
                self.assertEqual(result.returncode, 0, result.stdout)
                self.assertTrue(any("state=(string)finished" in line for line in self.messages(result, "playout")))

    def test_reconnect(self):
        """The connection dies in the answer: it is given in a new session."""
        simulator = self.simulate(faults=["drop@response.created"])
        answer = self.folder / "answer.wav"
        result = self.launch(f"filesrc location={self.speech()} ! wavparse ! openairealtimebin reconnect=true "
                             f"base-url={simulator.url} session-log={self.log} ! wavenc ! filesink location={answer}")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual([re.search(r"state=\(string\)(\w+)", line).group(1)
                          for line in self.messages(result, "connection")],
                         ["connecting", "ready", "reconnecting", "ready"])
        self.check_speech(answer, 24000, self.received_ms() // 48)

    def test_inspect(self):
        result = subprocess.run(["gst-inspect-1.0", "openairealtimebin"], stdout=subprocess.PIPE, text=True,
                                check=True)
        for word in ("audio/x-alaw", "api-key", "interrupt", "server-vad", "function-call",
                     "transcript_%u", "assistant-prefix", "max-cost"):
            self.assertIn(word, result.stdout)
        self.assertNotIn("example.org", result.stdout)  # no address that isn't ours


if __name__ == "__main__":
    unittest.main()
