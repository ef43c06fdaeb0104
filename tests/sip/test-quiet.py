#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A caller who is silent on the wire too: the turn ends all the same.

The service's voice activity detection has no clock but the audio it is sent
(PROTOCOL: VAD): when a phone suppresses silence, sends comfort noise or is put
on hold, silence has to be made for it, at the pace of time.
"""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk, sound  # noqa: E402
from peers.rtp import RtpEnd  # noqa: E402
from peers.sipp import SDP, Scenario, Sipp  # noqa: E402
from peers.tap import Tap  # noqa: E402

WORDS = desk.utterances()[1]


class QuietTest(desk.DeskCase):
    def call(self, *settings, sdp=None, reinvite=None):
        """A phone that has said nothing yet; (tap, gateway, call id, its sound)."""
        tap = self.enterContext(Tap(self.simulator('echo').url))
        gateway = self.gateway(tap.url, *settings, greeting='')
        end = self.enterContext(RtpEnd())
        scenario = (Scenario().invite(sdp=sdp or end.sdp()).receive(100, optional=True)
                    .receive(180, optional=True).receive(200, dialog=True).ack())
        if reinvite:
            scenario.pause(1800).invite(sdp=end.sdp(direction=reinvite)).receive(
                100, optional=True).receive(200, dialog=True).ack()
        self.enterContext(Sipp(scenario.expect('BYE').reply(200, 'OK'), gateway.udp_port,
                               timeout=60))
        call_id = gateway.watch.only_call()
        gateway.watch.wait(lambda w: w.calls[call_id]['state'] == 'talking', 'call')
        local = gateway.watch.calls[call_id]['media']['local']
        end.connect(local['address'], local['rtp_port'])
        return tap, gateway, call_id, end

    def check_turn(self, tap, gateway, call_id, silence_ms=500):
        """The service saw the end of the words and answered; when, after the last word."""
        _, _, stopped = tap.wait_for_type('input_audio_buffer.speech_stopped')
        self.wait_line(gateway, call_id, 'bot', 'gehört')
        received = tap.received_audio()
        return stopped, received

    def test_nothing_at_all(self):
        tap, gateway, call_id, end = self.call()
        end.say(WORDS['path']).join()
        said = end.last_sent
        _, received = self.check_turn(tap, gateway, call_id)
        at = tap.wait_for_type('input_audio_buffer.speech_stopped')[0]
        print(f'the turn ended {at - said:.2f} s after the last packet')
        self.assertLess(at - said, 3)
        # The silence is made no faster than time goes by.
        appends = tap.of_type('input_audio_buffer.append')
        self.assertLess(len(received) / 8000, appends[-1][0] - appends[0][0] + 0.2)
        self.assertEqual(max(abs(s) for s in sound.from_alaw(received[-800:])), 8)

    def test_long_silence_duration(self):
        """[realtime] silence-duration at its longest: the silence lasts as long as that."""
        tap, gateway, call_id, end = self.call('realtime.silence-duration=5000')
        end.say(WORDS['path'])
        self.check_turn(tap, gateway, call_id)

    def test_comfort_noise(self):
        """RFC 3389: one packet of another payload type now and then."""
        tap, gateway, call_id, end = self.call()
        end.say(WORDS['path']).join()
        for _ in range(40):
            end.send(b'\x40', payload_type=13)
            if tap.of_type('input_audio_buffer.speech_stopped'):
                break
            time.sleep(0.2)
        self.check_turn(tap, gateway, call_id)

    def test_hold(self):
        """On hold in the middle of a sentence (a=inactive): what was said is a turn."""
        tap, gateway, call_id, end = self.call(reinvite='inactive')
        end.say(WORDS['path'])
        self.check_turn(tap, gateway, call_id)

    def test_opus(self):
        """The same where the decoder stands between."""
        end = self.enterContext(RtpEnd())
        sdp = (SDP.replace('AVP 8 101', 'AVP 96 101').replace('8 PCMA/8000', '96 opus/48000/2')
               .replace('[auto_media_port]', str(end.port)))
        tap, gateway, call_id, _ = self.call(sdp=sdp)
        local = gateway.watch.calls[call_id]['media']['local']
        subprocess.run(['gst-launch-1.0', '-q', 'filesrc', f'location={WORDS["path"]}', '!',
                        'wavparse', '!', 'audioconvert', '!', 'audioresample', '!', 'opusenc', '!',
                        'rtpopuspay', 'pt=96', '!', 'udpsink', f'host={local["address"]}',
                        f'port={local["rtp_port"]}', 'sync=true'], check=True, timeout=30)
        self.check_turn(tap, gateway, call_id)


if __name__ == '__main__':
    desk.main()
