#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the caller hears of the bot, and what the service hears of the caller,
measured at both ends: on the phone's own recording and on the service's socket.

The codec is the argument. Every wrong rate and every wrong codec on the way
would show as another duration, another pitch or another colour of the voice.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk, sound  # noqa: E402
from peers.tap import Tap  # noqa: E402

CODEC = next((a for a in sys.argv[1:] if a in ('PCMA', 'PCMU', 'G722', 'opus')), 'PCMA')
ENCRYPTED = 'encrypted' in sys.argv[1:]
NAMES = {'PCMA': 'pcma', 'PCMU': 'pcmu', 'G722': 'g722/16000/1', 'opus': 'opus/48000/2'}
FRAME = 2  # steps of an envelope: 20 ms
GREETING = 'Guten Tag, hier ist die Bestellannahme. Was darf ich für Sie tun?'
LONG = ('Das erzähle ich Ihnen gern. Am Anfang war ein kleiner Laden mit Rohren, dann kamen Bögen '
        'und Muffen dazu, und heute liefern wir jeden Morgen in die ganze Stadt, bei jedem Wetter.')
SHORT = 'Gern, ich bin schon still.'


class HeardTest(desk.DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.figures = []

    @classmethod
    def tearDownClass(cls):
        print(CODEC + ': ' + '; '.join(cls.figures))

    def figure(self, name, value, unit=''):
        self.figures.append(f'{name} {value:.2f}{unit}')
        return value

    def to_samples(self, data, event):
        """Audio of the service's events, by what the session agreed on."""
        if event == 'audio/pcma':
            return sound.from_alaw(data)
        if event == 'audio/pcmu':
            return sound.from_ulaw(data)
        return sound.from_pcm(data, 24000, self.folder)

    def make_call(self):
        """Greeting; a question; an answer that is cut short; a short answer."""
        simulator = self.simulator(self.scenario(turns=[
            {'hear': 'Erzählen Sie.', 'min_ms': 500, 'say': LONG},
            {'hear': 'Danke.', 'min_ms': 500, 'say': SHORT}]))
        tap = self.enterContext(Tap(simulator.url))
        gateway = self.gateway(tap.url, greeting=GREETING)
        phone = self.phone(codecs=(NAMES[CODEC],),
                           **({'mediaenc': 'srtp-mand', 'rtcp_mux': True} if ENCRYPTED else {}))
        call_id = self.dial(gateway, phone)
        question, interruption = desk.utterances()[0], desk.utterances()[4]
        caller = desk.Caller(gateway.watch, call_id, lambda u: phone.speak(u['path']))
        caller.speak(question)
        caller.speak(interruption, impatient_after=2.5)
        caller.listen()
        phone.hang_up()
        call = self.wait_end(gateway, call_id)
        phone.process.stop()
        [path] = phone.recordings('dec')
        heard = sound.decode(path, self.folder)[0]
        return tap, call, heard, (question, interruption)

    def check_same_voice(self, name, reference, samples, tolerance=0.03, bright=0.2):
        """As high and as bright: nothing is played at another rate or as another codec."""
        ratio = self.figure(f'{name} pitch', sound.pitch(samples) / sound.pitch(reference), '×')
        self.assertAlmostEqual(ratio, 1, delta=tolerance)
        ratio = self.figure(f'{name} brightness',
                            sound.brightness(samples) / sound.brightness(reference), '×')
        self.assertAlmostEqual(ratio, 1, delta=bright)

    def check_heard(self, name, said, heard, start, least=0.9):
        """One whole utterance of the bot on the phone's recording; the step after it."""
        envelope, whole = sound.Envelope(said), sound.Envelope(heard)
        at, likeness = whole.find(envelope, start=start)
        self.figure(f'{name} likeness', likeness)
        self.assertGreater(likeness, least)
        first, last = envelope.trimmed()
        heard_part = heard[at * sound.STEP:(at + len(envelope)) * sound.STEP]
        heard_first, heard_last = sound.Envelope(heard_part).trimmed()
        self.assertAlmostEqual(self.figure(f'{name} duration', (heard_last - heard_first) / 100, ' s'),
                               (last - first) / 100, delta=0.05)
        # A gap inside an utterance: digital silence where the bot was not silent.
        own = envelope.silences(first, last, FRAME)
        gaps = [(begin, end) for begin, end
                in sound.Envelope(heard_part).silences(heard_first, heard_last, FRAME)
                if not any(a - FRAME <= begin and end <= b + FRAME for a, b in own)]
        self.assertEqual(gaps, [], f'gaps in the {name}; the voice itself pauses at {own}')
        self.check_same_voice(name, said, heard_part)
        return at + len(envelope)

    def test_both_ends(self):
        tap, call, heard, utterances = self.make_call()
        [(_, _, updated)] = tap.of_type('session.updated')
        self.assertEqual(call['media']['codec'], CODEC)
        self.assertEqual(call['media']['srtp'],
                         'AES_CM_128_HMAC_SHA1_80' if ENCRYPTED else None)
        self.assertEqual(call['media']['rtcp_mux'], ENCRYPTED)
        audio = updated['session']['audio']
        formats = {side: audio[side]['format']['type'] for side in ('input', 'output')}
        expected = {'PCMA': 'audio/pcma', 'PCMU': 'audio/pcmu', 'G722': 'audio/pcm', 'opus': 'audio/pcm'}[CODEC]
        self.assertEqual(formats, {'input': expected, 'output': expected})
        greeting, answer, short = [self.to_samples(data, expected)
                                   for data in tap.sent_audio().values()]

        # The caller's ear.
        at = self.check_heard('greeting', greeting, heard, 0)
        at = self.check_interruption(tap, call, answer, heard, at)
        self.check_heard('answer', short, heard, at)

        # The service's ear.
        received = self.to_samples(tap.received_audio(), expected)
        appends = tap.of_type('input_audio_buffer.append')
        seconds = appends[-1][0] - appends[0][0]
        self.assertAlmostEqual(self.figure('caller audio per second',
                                           len(received) / sound.RATE / seconds, ' s'), 1, delta=0.03)
        envelope, at = sound.Envelope(received), 0
        for number, utterance in enumerate(utterances, 1):
            said = sound.decode(utterance['path'], self.folder)[0]
            at, likeness = envelope.find(sound.Envelope(said), start=at)
            self.assertGreater(self.figure(f'caller {number} likeness', likeness), 0.9)
            part = received[at * sound.STEP:at * sound.STEP + len(said)]
            # baresip brings its 8 kHz microphone to G.722's 16 kHz with a dull filter
            self.check_same_voice(f'caller {number}', said, part,
                                  bright=0.5 if CODEC == 'G722' else 0.2)
            if CODEC in ('PCMA', 'PCMU'):
                # G.711 goes through untouched: nothing but its own rounding is left.
                _, ratio = sound.aligned_snr(said, received, at * sound.STEP)
                self.assertGreater(self.figure(f'caller {number} G.711 noise', -ratio, ' dB'), -200)
                # A busy machine makes the phone itself stumble; to the byte it is
                # compared where the test sends each packet (test-nat.py).
                self.assertGreater(ratio, 20)

    def check_interruption(self, tap, call, answer, heard, start):
        """Cut short, then silent, and as much was heard as the service was told."""
        [(_, _, truncate)] = tap.of_type('conversation.item.truncate')
        played = truncate['audio_end_ms'] // 10
        envelope, whole = sound.Envelope(answer), sound.Envelope(heard)
        self.assertLess(played, len(envelope) - 100, 'it was not cut short')
        probe = played - 4 * FRAME
        at, likeness = whole.find(envelope, length=probe, start=start)
        self.assertGreater(self.figure('cut answer likeness', likeness), 0.9)
        # From there on it is silent, but for two frames.
        loud_until = at + probe
        while loud_until < len(whole) and whole.rms[loud_until] > sound.LOUD / 2:
            loud_until += 1
        quiet = whole.rms[at + played + 2 * FRAME:at + played + 2 * FRAME + 30]
        self.assertLess(max(quiet), sound.LOUD, f'still heard: {[round(v) for v in quiet]}')
        self.figure('heard beyond the truncation', (loud_until - at - played) * 10, ' ms')
        silence = call['quality']['interruption_silence_max_ms']
        self.assertLessEqual(self.figure('silent after', silence, ' ms'), 40)
        self.assertEqual(call['quality']['interruptions'], 1)
        return loud_until


if __name__ == '__main__':
    desk.main()
