#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the bot ends a call or passes it on, and what the caller hears of it; keys pressed."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk, sound, speech  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402
from peers.tap import Tap  # noqa: E402

GOODBYE = 'Vielen Dank für Ihre Bestellung, sie ist morgen bei Ihnen. Auf Wiederhören.'
# Spoken for longer than the deadline that ends a call without last words (15 s).
LONG_GOODBYE = (GOODBYE + ' ') * 5
OPERATOR = 'sip:operator@192.0.2.7'


def turn(*steps):
    return {'turns': [{'hear': 'Ja.', 'min_ms': 500, 'steps': list(steps)}]}


class EndingTest(desk.DeskCase):
    def check_goodbye(self, text, cough=False):
        """The whole goodbye is on the phone's recording, and only then comes BYE."""
        simulator = self.simulator(self.scenario(**turn(
            {'call': {'name': 'end_call', 'arguments': {'reason': 'fertig'}}}, {'say': text})))
        tap = self.enterContext(Tap(simulator.url))
        gateway, phone = self.gateway(tap.url, greeting=''), self.phone()
        call_id = self.dial(gateway, phone)
        phone.speak(desk.utterances()[1]['path'])
        if cough:
            caller = desk.Caller(gateway.watch, call_id, lambda u: phone.speak(u['path']))
            caller.silent_until = time.monotonic() + 1.5
            caller.speak({'path': speech.cough(os.path.join(self.folder, 'cough.wav')), 'seconds': 0.3},
                         impatient_after=1.5)
        phone.event('CALL_CLOSED', 60)
        call = self.wait_end(gateway, call_id)
        self.assertEqual(call['end'], 'bot')
        self.assertEqual(call['quality']['interruptions'], 0)

        [audio] = tap.sent_audio().values()
        said = sound.Envelope(sound.from_alaw(audio))
        phone.process.stop()
        [path] = phone.recordings('dec')
        heard = sound.Envelope(sound.decode(path, self.folder)[0])
        # Its last second is there, to the last word; and no more than a moment follows.
        end = said.trimmed()[1]
        last = sound.Envelope([])
        last.rms, last.db = said.rms[end - 100:end], said.db[end - 100:end]
        at, likeness = heard.find(last)
        self.assertGreater(likeness, 0.95)
        first, last_loud = heard.trimmed()
        if cough:
            self.assertEqual(len(tap.of_type('conversation.item.deleted')), 1)
            self.assertGreater((last_loud - first) / 100, (end - said.trimmed()[0]) / 100 + 0.4)
            return
        self.assertAlmostEqual((last_loud - first) / 100, (end - said.trimmed()[0]) / 100, delta=0.1)

    def test_goodbye_is_heard(self):
        self.check_goodbye(GOODBYE)

    def test_long_goodbye_is_heard(self):
        self.check_goodbye(LONG_GOODBYE)

    def test_goodbye_outlives_a_cough(self):
        """A cough into the last words is no "one more thing": they are said to their end."""
        self.check_goodbye((GOODBYE + ' ') * 2, cough=True)

    def transfer_call(self, after_refer):
        """A phone that speaks, is to be passed on, and does as `after_refer` says."""
        simulator = self.simulator(self.scenario(**turn(
            {'call': {'name': 'transfer_to_human', 'arguments': {'reason': 'Beschwerde'}}},
            {'say': 'Ich verbinde Sie.'})))
        gateway = self.gateway(simulator.url, f'calls.operator={OPERATOR}', greeting='')
        words = speech.say('Ich möchte einen Menschen sprechen, bitte.',
                           os.path.join(self.folder, 'words.al'))
        scenario = (Scenario().invite().receive(100, optional=True).receive(180, optional=True)
                    .receive(200, dialog=True).ack().play(words)
                    .expect('REFER', check='Refer-To: <sip:operator@192.0.2.7>'))
        phone = self.enterContext(Sipp(after_refer(scenario), gateway.udp_port, timeout=40))
        return simulator, gateway, phone, gateway.watch.only_call()

    @staticmethod
    def notify(scenario, fragment):
        return scenario.request(
            'NOTIFY', fragment, content_type='message/sipfrag;version=2.0',
            headers=('Event: refer', 'Subscription-State: active;expires=60')).receive(200)

    def test_transfer(self):
        _, gateway, phone, call_id = self.transfer_call(
            lambda s: self.notify(s.reply(202, 'Accepted'), 'SIP/2.0 200 OK')
            .expect('BYE').reply(200, 'OK'))
        result = phone.wait()
        self.assertEqual(result.successful, 1, result.explain())
        self.assertEqual(self.wait_end(gateway, call_id)['end'], 'transfer')
        # The bot had said so before.
        lines = gateway.watch.lines[call_id]
        said = next(i for i, l in enumerate(lines) if l['kind'] == 'bot')
        passed = next(i for i, l in enumerate(lines) if l['kind'] == 'note')
        self.assertLess(said, passed)

    def check_failed_transfer(self, after_refer, status):
        simulator, gateway, phone, call_id = self.transfer_call(
            lambda s: after_refer(s).pause(3000).bye().receive(200))
        self.wait_line(gateway, call_id, 'note', status)
        # The model is told, and speaks to the caller, who is still there.
        told = simulator.wait_for_event('conversation.item.create', 2)
        self.assertEqual(told['item']['role'], 'system')
        self.assertIn('gescheitert', told['item']['content'][0]['text'])
        gateway.watch.wait(lambda w: sum(1 for l in w.lines[call_id] if l and l['kind'] == 'bot'
                                         and l['text']) == 2, 'answer of the bot')
        self.assertEqual(gateway.watch.calls[call_id]['state'], 'talking')
        result = phone.wait()
        self.assertEqual(result.successful, 1, result.explain())
        self.assertEqual(self.wait_end(gateway, call_id)['end'], 'caller')

    def test_transfer_is_refused(self):
        self.check_failed_transfer(lambda s: s.reply(603, 'Decline'), '603')

    def test_transfer_target_is_busy(self):
        self.check_failed_transfer(
            lambda s: self.notify(s.reply(202, 'Accepted'), 'SIP/2.0 486 Busy Here'), '486')

    def test_transfer_without_a_target(self):
        """Without [calls] operator the tool refuses, in words, and the call goes on."""
        simulator = self.simulator(self.scenario(**turn(
            {'call': {'name': 'transfer_to_human', 'arguments': {'reason': 'Beschwerde'}}},
            {'say': '{{transfer_to_human.error}}'})))
        gateway, phone = self.gateway(simulator.url, greeting=''), self.phone()
        call_id = self.dial(gateway, phone)
        phone.speak(desk.utterances()[1]['path'])
        self.wait_line(gateway, call_id, 'bot', 'niemand da')
        phone.hang_up()
        self.assertEqual(self.wait_end(gateway, call_id)['end'], 'caller')

    def test_keys_reach_the_dialogue(self):
        """RFC 4733 events and SIP INFO: each key once, in the transcript and to the model."""
        simulator = self.simulator('echo')
        gateway, phone = self.gateway(simulator.url, greeting='Hallo.'), self.phone()
        call_id = self.dial(gateway, phone)
        self.wait_line(gateway, call_id, 'bot', 'Hallo.')
        for n, key in enumerate('7#', 1):
            phone.dtmf(key)
            # baresip holds a key down until the next one or this.
            phone.dtmf('\x04')
            self.wait_line(gateway, call_id, 'note', f': {key}')
            item = simulator.wait_for_event('conversation.item.create', n)['item']
            self.assertIn('gedrückt', item['content'][0]['text'])
            self.assertIn(key, item['content'][0]['text'])
        phone.hang_up()
        self.wait_end(gateway, call_id)

        info = (Scenario().invite().receive(100, optional=True).receive(180, optional=True)
                .receive(200, dialog=True).ack().pause(500)
                .request('INFO', 'Signal=5\nDuration=160', content_type='application/dtmf-relay')
                .receive(200).pause(3000).bye().receive(200))
        with Sipp(info, gateway.udp_port) as another:
            call_id = gateway.watch.only_call()
            self.wait_line(gateway, call_id, 'note', ': 5')
            self.assertEqual(another.wait().successful, 1)
        keys = [e['ev'] for e in simulator.events() if e['ev']['type'] == 'conversation.item.create']
        self.assertEqual(len(keys), 3)


if __name__ == '__main__':
    desk.main()
