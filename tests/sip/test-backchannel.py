#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A caller who says "mhm" in the middle of an answer hears the rest of it, and
one who coughs does: on the phone's own recording nothing is missing, nothing is
said twice, and there is one pause. The argument is the sound."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk, sound, speech  # noqa: E402
from peers.tap import Tap  # noqa: E402

SOUND = next((a for a in sys.argv[1:] if a in ('mhm', 'cough')), 'mhm')
LONG = ('Das erzähle ich Ihnen gern. Am Anfang war ein kleiner Laden mit Rohren, dann kamen Bögen '
        'und Muffen dazu, und heute liefern wir jeden Morgen in die ganze Stadt, bei jedem Wetter.')
SHORT = 'Gern, ich bin schon still.'
SECOND = 100  # steps of an envelope
ENDS = 150    # of the answer, at either side of the pause: surely whole


class BackchannelTest(desk.DeskCase):
    def make_sound(self):
        path = os.path.join(self.folder, f'{SOUND}.wav')
        if SOUND == 'mhm':
            return speech.say("[[m@h'm:]]", path)
        return speech.cough(path)

    def make_call(self):
        turns = [{'hear': 'Erzählen Sie.', 'min_ms': 900, 'say': LONG},
                 {'hear': 'Danke.', 'min_ms': 900, 'say': SHORT}]
        if SOUND == 'mhm':
            turns.insert(1, {'hear': 'Mhm.', 'max_ms': 800, 'interrupt': True, 'backchannel': True})
        simulator = self.simulator(self.scenario(turns=turns))
        tap = self.enterContext(Tap(simulator.url))
        gateway = self.gateway(tap.url, greeting='Guten Tag.')
        phone = self.phone(codecs=('pcma',))
        call_id = self.dial(gateway, phone)
        caller = desk.Caller(gateway.watch, call_id, lambda u: phone.speak(u['path']))
        caller.speak(desk.utterances()[0])
        caller.speak({'path': self.make_sound(), 'seconds': 0.5}, impatient_after=2.5)
        caller.spoke_at_line -= 1  # it is not our turn yet: the answer goes on
        tap.wait_for_type('conversation.item.deleted')
        caller.speak(desk.utterances()[4])
        caller.listen()
        phone.hang_up()
        call = self.wait_end(gateway, call_id)
        phone.process.stop()
        [path] = phone.recordings('dec')
        return tap, call, sound.decode(path, self.folder)[0]

    def test_the_rest_is_heard(self):
        tap, call, recording = self.make_call()
        # The service was never told that anything was cut off.
        for type_ in ('conversation.item.truncate', 'response.cancel'):
            self.assertEqual(tap.of_type(type_), [])
        self.assertEqual(len(tap.of_type('conversation.item.deleted')), 1)
        # Greeting, two turns: no answer to the sound.
        self.assertEqual(len(tap.of_type('response.create')), 3)
        self.assertEqual(call['quality']['interruptions'], 0)
        lines = call['transcript']
        self.assertFalse(any(line['interrupted'] for line in lines))
        self.assertEqual([line['text'] for line in lines if line['kind'] == 'bot'],
                         ['Guten Tag.', LONG, SHORT])
        if SOUND == 'mhm':
            self.assertIn('Mhm.', [line['text'] for line in lines if line['kind'] == 'caller'])

        said = sound.from_alaw(list(tap.sent_audio().values())[1])
        answer, heard = sound.Envelope(said), sound.Envelope(recording)
        start, likeness = heard.find(answer, length=ENDS)
        self.assertGreater(likeness, 0.95)
        tail = sound.Envelope(said[(len(answer) - ENDS) * sound.STEP:])
        end, likeness = heard.find(tail, start=start + ENDS)
        self.assertGreater(likeness, 0.95)
        pause = end - start - (len(answer) - ENDS)
        # The VAD sees the end of it 500 ms later; its transcript comes with that.
        print(f'{SOUND}: paused for {pause * 10} ms')
        self.assertGreater(pause, SECOND // 2)
        self.assertLess(pause, 3 * SECOND)

        # One pause, somewhere, and all the rest is the answer as it was said.
        def likeness_with_pause_at(at):
            pieced = heard.db[start:start + at] + heard.db[start + at + pause:start + pause + len(answer)]
            other = sound.Envelope([])
            other.db = pieced
            return other.likeness(answer, 0)
        at = max(range(SECOND, len(answer) - SECOND), key=likeness_with_pause_at)
        self.assertGreater(likeness_with_pause_at(at), 0.95)
        quiet = heard.rms[start + at + 2:start + at + pause - 2]
        self.assertLess(max(quiet), sound.LOUD)
        print(f'{SOUND}: after {at * 10} ms, likeness of the whole {likeness_with_pause_at(at):.3f}')


if __name__ == '__main__':
    desk.main()
