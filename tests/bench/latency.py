# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the gateway adds to a call's latency, alone and under load: one telephone
numbers its packets, one session of the service sees them and speaks; the moments
are taken in those two programs (tests/bench/call-load, realtime-peer), which
share the machine's monotonic clock, so what is measured is the way through the
gateway and the two sockets.

- caller's packet in to append event out
- delta event in to the first packet of the answer out
- speech_started in to the first silent packet out

The load is other calls of the same gateway, as many as take LOAD percent of the
core it is pinned to, found by measuring.
"""
import json
import os
import random
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.dirname(FOLDER)]
import phones  # noqa: E402
from calls import CPUS, disturbed, gateway_with, on_cpu, usage, watch  # noqa: E402
from peers.process import Process, Timeout  # noqa: E402

LOAD = float(os.environ.get('BESTELLBOT_BENCH_LOAD', '80'))   # % of a core
TRIAL = int(os.environ.get('BESTELLBOT_BENCH_TRIAL', '40'))   # calls that say what one costs
ANSWERS = int(os.environ.get('BESTELLBOT_BENCH_ANSWERS', '40'))
MOST = 400
# At LOAD; ms: (p50, p99)
LIMITS = {'packet in to append out': (1, 5), 'delta in to packet out': (3, 22),
          'speech_started in to silence out': (12, 22)}


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def changed(callers, loud, after):
    """ns of the first packet after `after` that was loud (or not)."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        callers.seen += callers.report()['changes']
        for is_loud, when in callers.seen:
            if is_loud == loud and when > after:
                callers.seen.clear()
                return when
        time.sleep(0.01)
    raise Timeout('the answer did not ' + ('come' if loud else 'end'))


def probe(api, callers):
    """Latencies in ms by what they are of."""
    found = {name: [] for name in LIMITS}
    callers.seen = []
    callers.report()
    phones.ask(api, 'probe', r'^\[')
    for _ in range(ANSWERS):
        # At any moment of the 20 ms.
        time.sleep(0.2 + random.random() * 0.02)
        began = int(phones.ask(api, 'speak', r'^\d{9,}$'))
        found['delta in to packet out'].append((changed(callers, True, began) - began) / 1e6)
        time.sleep(0.1 + random.random() * 0.02)
        cut = int(phones.ask(api, 'speech', r'^\d{9,}$'))
        found['speech_started in to silence out'].append(
            (changed(callers, False, cut) - cut) / 1e6)
        phones.ask(api, 'end', '^ended$')
    # Packets go on all the time: two seconds of them alone.
    callers.report()
    phones.ask(api, 'probe', r'^\[')
    time.sleep(2)
    came = dict(json.loads(phones.ask(api, 'probe', r'^\[')))
    sent = dict(callers.report()['probe'])
    found['packet in to append out'] = [(came[n] - sent[n]) / 1e6 for n in came if n in sent]
    return found


def run(bench, what, n, limited):
    """With n calls in all. Returns: % of a core they took."""
    with tempfile.TemporaryDirectory(prefix='bestellbot-bench-') as folder, on_cpu(CPUS[-1]), \
            Process([os.path.join(os.path.dirname(phones.LOAD), 'realtime-peer'), '100', 'spread',
                     'probe']) as api:
        port = api.wait_for_line(r'^listening on (\d+)').group(1)
        with gateway_with(folder, port, 'media.codecs=PCMA') as gateway, \
                phones.Phones(gateway.udp_port, n) as callers:
            percent, others = watch(gateway.pid)
            report = callers.report()
            found = probe(api, callers) if what else {}
            threads = usage(gateway.pid)[2]
    if not what:
        return percent
    bench.row(f'{what}: calls', '', n)
    bench.row(f'{what}: load of the core', '%', percent)
    bench.row(f'{what}: threads', '', threads)
    for name, values in found.items():
        for share, limit in zip((0.5, 0.99), LIMITS[name]):
            row = (f'{what}: {name}, p{share * 100:.0f}', 'ms', percentile(values, share))
            if limited:
                bench.limit(*row, limit)
            else:
                bench.row(*row)
    if limited:
        bench.limit(f'{what}: departure jitter', 'ms', report['jitter_ms'], 1)
    else:
        bench.row(f'{what}: departure jitter', 'ms', report['jitter_ms'])
    disturbed(bench, what, others, report['late_ms'])
    return percent


def measure(bench):
    run(bench, 'one call', 1, False)
    per_call = run(bench, '', TRIAL, False) / TRIAL
    run(bench, f'at {LOAD:.0f} % load', max(1, min(MOST, int(LOAD / per_call))), True)
