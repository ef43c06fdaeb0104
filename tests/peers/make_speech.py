#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Speaks what the caller of a scenario says: make_speech.py SCENARIO MANIFEST

The scenario's "hear" texts are the one home of the caller's words; this makes
a WAV file of each (8 kHz, mono) beside MANIFEST, and writes there, as JSON, a
list of {"text", "path", "seconds", "interrupt", "optional"} in the scenario's
order. Run when the tree is built.
"""
import json
import os
import sys
import wave

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from peers import speech  # noqa: E402


def main():
    scenario_path, manifest_path = sys.argv[1:3]
    with open(scenario_path, encoding='utf-8') as file:
        scenario = json.load(file)
    stem = os.path.splitext(manifest_path)[0]
    manifest = []
    for number, turn in enumerate(scenario['turns'], 1):
        path = f'{stem}-{number}.wav'
        speech.say(turn['hear'], path, voice=scenario.get('language', 'de'))
        with wave.open(path) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        manifest.append({
            'text': turn['hear'],
            'path': os.path.basename(path),
            'seconds': round(seconds, 3),
            'interrupt': bool(turn.get('interrupt', False)),
            'optional': bool(turn.get('optional', False)),
        })
    with open(manifest_path, 'w', encoding='utf-8') as file:
        json.dump(manifest, file, ensure_ascii=False, indent=2)
        file.write('\n')


if __name__ == '__main__':
    main()
