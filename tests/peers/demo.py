#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The main job without a person: a customer calls and orders.

A simulator stands in for the Realtime API, the gateway answers a real SIP
phone (baresip), and the phone plays recorded German speech, deciding when to
speak as a person does. Shows the call while it runs, then the stored order and
the call's figures. Exit status 0 only when the order stored is the one asked
for.
"""
import argparse
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from peers.baresip import Baresip  # noqa: E402
from peers.caller import Caller, CallWatch  # noqa: E402
from peers.gateway import Gateway  # noqa: E402
from peers.process import Process, Timeout  # noqa: E402

# What the customer of data/scenarios/order.json asks for: article, quantity.
EXPECTED = [('10113', 20), ('11113', 10)]
# The customer interrupts the long list of results, the answer to their first
# sentence, after so many seconds.
INTERRUPTING = 1
PATIENCE = 3.0
# As baresip writes them.
CODECS = {'PCMA': 'pcma', 'PCMU': 'pcmu', 'opus': 'opus/48000/2'}


def parse_arguments():
    parser = argparse.ArgumentParser(prog='./run demo', description='A customer calls and orders, '
                                     'without a person.')
    parser.add_argument('--folder', help='where recording, session log and database are left')
    parser.add_argument('--codec', choices=tuple(CODECS), default='PCMA')
    parser.add_argument('--quiet', action='store_true', help='no transcript while it runs')
    return parser.parse_args()


def default_folder():
    state = os.environ.get('XDG_STATE_HOME') or os.path.expanduser('~/.local/state')
    return os.path.join(state, 'bestellbot', 'demo', time.strftime('%Y-%m-%d-%H%M%S'))


def run_call(gateway, phone, utterances):
    watch = CallWatch(gateway)
    try:
        phone.dial(gateway.uri)
        call_id = watch.only_call()
        caller = Caller(watch, call_id, lambda utterance: phone.speak(utterance['path']))
        for number, utterance in enumerate(utterances):
            caller.speak(utterance, PATIENCE if number == INTERRUPTING else None)
        caller.listen()
        phone.hang_up()
        watch.wait(lambda w: w.calls[call_id]['state'] == 'ended', 'end of the call')
        return gateway.get(f'/v1/calls/{call_id}')
    finally:
        watch.close()


def check_order(order):
    lines = [(line['product_number'], line['quantity']) for line in order['lines']]
    if order['state'] != 'submitted':
        return f'the order is {order["state"]}, not submitted'
    if lines != EXPECTED:
        return f'ordered was {EXPECTED}, stored is {lines}'
    if order['total_cents'] != sum(l['quantity'] * l['price_cents'] for l in order['lines']):
        return 'the total is not the sum of the lines'
    return None


def print_summary(call, folder):
    quality, media = call['quality'], call['media']
    turns = max(quality['turns'], 1)
    rows = [
        ('codec', f'{media["codec"]}, {media["ptime_ms"]} ms per packet'),
        ('duration', f'{call["duration_ms"] / 1000:.1f} s'),
        ('turns', f'{quality["turns"]}'),
        ('turn latency', f'mean {quality["turn_latency_sum_ms"] / turns:.0f} ms, '
                         f'longest {quality["turn_latency_max_ms"]} ms'),
        ('interruptions', f'{quality["interruptions"]}, silent after at most '
                          f'{quality["interruption_silence_max_ms"]} ms'),
        ('packets', f'{quality["packets_sent"]} sent, {quality["packets_received"]} received, '
                    f'{quality["packets_lost"]} lost, jitter {quality["jitter_ms"]:.1f} ms'),
        ('ended by', call['end']),
        ('recording', call['recording_path'] or 'none'),
        ('files', folder),
    ]
    width = max(len(name) for name, _ in rows)
    print('\nThe call')
    for name, value in rows:
        print(f'  {name:<{width}}  {value}')


def main():
    arguments = parse_arguments()
    folder = arguments.folder or default_folder()
    build = os.environ.get('BESTELLBOT_BUILDDIR', os.path.dirname(os.path.dirname(HERE)) + '/build')
    source = os.environ.get('BESTELLBOT_SRCDIR', os.path.dirname(os.path.dirname(HERE)))
    speech = os.path.join(build, 'data', 'speech')
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(speech, 'order.json'), encoding='utf-8') as file:
        utterances = json.load(file)
    for utterance in utterances:
        utterance['path'] = os.path.join(speech, utterance['path'])

    print('The Realtime API is played by bestellbot-simulator, the customer by baresip.\n', flush=True)
    simulator_command = ['bestellbot-simulator', '--port', '0',
                         '--scenario', os.path.join(source, 'data', 'scenarios', 'order.json'),
                         '--events', os.path.join(folder, 'events.jsonl')]
    settings = ['recording.enabled=true', f'recording.folder={folder}',
                'recording.session-log=true', 'recording.consent=given',
                'api.enabled=true']
    with Process(simulator_command) as simulator:
        url = simulator.wait_for_line(r'^listening on (ws://\S+)').group(1)
        with Gateway(url, folder, settings) as gateway:
            shown = None
            if not arguments.quiet:
                shown = subprocess.Popen(['bestellbotctl', '--url', gateway.api, '--token-file',
                                          gateway.token_file, 'watch'])
            with Baresip(codecs=[CODECS[arguments.codec]]) as phone:
                try:
                    call = run_call(gateway, phone, utterances)
                finally:
                    if shown is not None:
                        shown.terminate()
                        shown.wait()
            orders = gateway.orders()
            gateway.process.terminate()
            gateway.wait()
            with open(os.path.join(folder, 'gateway.log'), 'w', encoding='utf-8') as file:
                file.write(gateway.text() + '\n')

    order = call['order']
    print('\nThe stored order', flush=True)
    subprocess.run(['bestellbotctl', '--set', f'orders.database={gateway.database}',
                    'orders', 'show', order['number'] or order['id']], check=True)
    print_summary(call, folder)

    problem = check_order(order)
    if problem is None and len(orders) != 1:
        problem = f'{len(orders)} orders are in the database'
    if problem is None and call['quality']['interruptions'] != 1:
        problem = f'the bot was interrupted {call["quality"]["interruptions"]} times, not once'
    if problem is not None:
        print(f'\nNot as asked for: {problem}', file=sys.stderr)
        return 1
    print('\nThe stored order is the one asked for.')
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (Timeout, AssertionError) as error:
        print(f'demo: {error}', file=sys.stderr)
        sys.exit(1)
