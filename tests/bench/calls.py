# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a call costs: the real gateway, WebSocket leg included, beside what else
one could do, all in one run and each with the same packets.

The gateway runs on one core, the telephones (tests/bench/call-load) and the
service (tests/bench/realtime-peer, which speaks all the time) on another. Beside
it, alone on the same core: a bare loop that sends packets back and knows
nothing, and `udpsrc ! rtpjitterbuffer ! depay ! pay ! udpsink` per call. For
Opus the yardstick is the codec alone, decoding and encoding.

Figures depend on what else the machine does: it is measured and printed, and so
is by how much the telephones themselves were late. `calls.svg` in the current
folder, or where BESTELLBOT_BENCH_CHART says, shows growth.
"""
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.dirname(FOLDER)]
import phones  # noqa: E402
from peers.gateway import Gateway  # noqa: E402
from peers.process import Process, free_port  # noqa: E402

STEPS = [int(n) for n in os.environ.get('BESTELLBOT_BENCH_CALLS', '50,100,200,300').split(',')]
SECONDS = float(os.environ.get('BESTELLBOT_BENCH_SECONDS', '8'))
STOCK = 50      # calls of GStreamer's own elements: more threads than that prove nothing
OPUS = (10, 20)
DELTA_MS = 100
TICKS = os.sysconf('SC_CLK_TCK')
PAGE = os.sysconf('SC_PAGE_SIZE')
CPUS = sorted(os.sched_getaffinity(0))
HELD = 0.99     # of the packets have to come back
LIMIT_G711, LIMIT_OPUS, LIMIT_MEMORY = 0.30, 1.6, 0.4


@contextlib.contextmanager
def on_cpu(cpu):
    """What is started meanwhile runs on that one."""
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, set(CPUS))


def usage(pid):
    """CPU seconds, resident bytes and threads of a process."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS, int(fields[21]) * PAGE, int(fields[17])


def busy_seconds(cpu):
    with open('/proc/stat', encoding='ascii') as file:
        fields = next(line for line in file if line.startswith(f'cpu{cpu} ')).split()
    return sum(int(fields[i]) for i in (1, 2, 3, 6, 7, 8)) / TICKS


def watch(pid):
    """For SECONDS: % of a core the process took, and % of its core others did."""
    before, others, began = usage(pid)[0], busy_seconds(CPUS[0]), time.monotonic()
    time.sleep(SECONDS)
    took = time.monotonic() - began
    own = usage(pid)[0] - before
    return own / took * 100, max(0, busy_seconds(CPUS[0]) - others - own) / took * 100


def disturbed(bench, what, others, late_ms):
    bench.row(f'{what}: others on its core', '% of a core', others)
    bench.row(f'{what}: telephones late by at most', 'ms', late_ms)


def peer():
    return Process([os.path.join(os.path.dirname(phones.LOAD), 'realtime-peer'), str(DELTA_MS),
                    'spread'])


def gateway_with(folder, port, *settings):
    with on_cpu(CPUS[0]):
        return Gateway(f'ws://127.0.0.1:{port}/v1', folder, ['calls.max-calls=1000', *settings])


def measure_gateway(bench, n, codec='PCMA', payload=None):
    """% of a core per call, and whether it held them all."""
    what = f'gateway, {n} {codec} calls'
    with tempfile.TemporaryDirectory(prefix='bestellbot-bench-') as folder, \
            on_cpu(CPUS[-1]), peer() as api:
        port = api.wait_for_line(r'^listening on (\d+)').group(1)
        with gateway_with(folder, port, f'media.codecs={codec}') as gateway:
            _, resident, idle_threads = usage(gateway.pid)
            try:
                with phones.Phones(gateway.udp_port, n, codec, payload) as callers:
                    os.sched_setaffinity(0, set(CPUS))
                    before = callers.report()
                    percent, others = watch(gateway.pid)
                    after = callers.report()
                    _, grown, threads = usage(gateway.pid)
            except RuntimeError as error:
                print(f'{what}: {error}', file=sys.stderr)
                return None, False
    sent, came = after['sent'] - before['sent'], after['received'] - before['received']
    per_call = percent / n
    memory = (grown - resident) / n / 1e6
    if codec == 'PCMA':
        bench.limit(f'{what}: CPU per call', '% of a core', per_call, LIMIT_G711)
        bench.limit(f'{what}: memory per call', 'MB', memory, LIMIT_MEMORY)
    else:
        bench.row(f'{what}: CPU per call', '% of a core', per_call)
        bench.row(f'{what}: memory per call', 'MB', memory)
    bench.row(f'{what}: threads', '', threads)
    bench.row(f'{what}: packets back for 100 sent', '', came / sent * 100 if sent else 0)
    bench.row(f'{what}: departure jitter', 'ms', after['jitter_ms'])
    disturbed(bench, what, others, after['late_ms'])
    return per_call, came >= HELD * sent


def measure_loop(bench, n):
    """The bare loop: every packet back at once."""
    with on_cpu(CPUS[0]):
        loop = Process([phones.LOAD, 'echo', str(n)])
    with loop, on_cpu(CPUS[-1]):
        loop.wait_for_line('^ready$')
        ports = [line for kind, line in loop.lines if kind == 'out' and line.isdigit()]
        percent, others, late = feed(loop.pid, ports)
    bench.row(f'bare loop, {n} calls: CPU per call', '% of a core', percent / n)
    disturbed(bench, f'bare loop, {n} calls', others, late)
    return percent / n


def feed(pid, ports):
    """Sends to what is no gateway, and watches it."""
    with Process([phones.LOAD, str(len(ports))]) as load:
        load.wait_for_line('^ready$')
        load.process.stdin.write(''.join(f'{port}\n' for port in ports).encode())
        load.process.stdin.flush()
        load.wait_for_line('^sending$')
        phones.ask(load, 'report')
        percent, others = watch(pid)
        return percent, others, json.loads(phones.ask(load, 'report'))['late_ms']


def measure_stock(bench, n):
    ports = [free_port() for _ in range(n)]
    command = ['gst-launch-1.0']
    for port in ports:
        command += ('udpsrc', 'address=127.0.0.1', f'port={port}',
                    'caps=application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8',
                    '!', 'rtpjitterbuffer', 'latency=60', '!', 'rtppcmadepay', '!', 'rtppcmapay',
                    '!', 'udpsink', 'host=127.0.0.1', 'port=9', 'sync=false')
    with on_cpu(CPUS[0]):
        stock = Process(command)
    with stock, on_cpu(CPUS[-1]):
        stock.wait_for_line('PLAYING')
        percent, others, late = feed(stock.pid, ports)
        threads = usage(stock.pid)[2]
    bench.row(f"GStreamer's elements, {n} calls: CPU per call", '% of a core', percent / n)
    bench.row(f"GStreamer's elements, {n} calls: threads per call", '', threads / n)
    disturbed(bench, f"GStreamer's elements, {n} calls", others, late)
    return percent / n


def codec_alone(seconds=120):
    """Opus at the gateway's settings, decoding and encoding: % of a core in real time."""
    form = 'audio/x-raw,format=S16LE,rate=24000,channels=1'
    began = os.times()
    with on_cpu(CPUS[0]):
        subprocess.run(
            ['gst-launch-1.0', '-q', 'audiotestsrc', 'wave=pink-noise', 'samplesperbuffer=480',
             f'num-buffers={seconds * 50}', '!', form, '!', 'opusenc', 'complexity=5', 'frame-size=20',
             'audio-type=voice', 'bitrate-type=vbr', 'inband-fec=true', 'packet-loss-percentage=5',
             '!', 'opusdec', '!', form, '!', 'fakesink'], check=True, timeout=120)
    ended = os.times()
    took = (ended.children_user + ended.children_system - began.children_user
            - began.children_system)
    return took / seconds * 100


def an_opus_packet():
    """One of noise, from the midst of a stream: to be sent again and again."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(('127.0.0.1', 0))
        ear.settimeout(20)
        subprocess.run(
            ['gst-launch-1.0', '-q', 'audiotestsrc', 'wave=pink-noise', 'num-buffers=40',
             'samplesperbuffer=480', '!', 'audio/x-raw,rate=24000,channels=1', '!', 'opusenc',
             'frame-size=20', 'complexity=5', '!', 'rtpopuspay', '!', 'udpsink', 'host=127.0.0.1',
             f'port={ear.getsockname()[1]}', 'sync=false'], check=True, timeout=30)
        packets = [ear.recv(2000) for _ in range(30)]
    return packets[-1][12:]


def chart(curves, knee, path):
    """Growth as SVG: one line each, calls against % of a core per call."""
    width, height, left, bottom = 640, 360, 60, 40
    most_x = max(n for points in curves.values() for n, _ in points)
    most_y = max([LIMIT_G711] + [y for points in curves.values() for _, y in points]) * 1.1
    colours = ('#1c71d8', '#e66100', '#2ec27e', '#813d9c')

    def place(x, y):
        return (left + x / most_x * (width - left - 130),
                height - bottom - y / most_y * (height - bottom - 20))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    x0, y0 = place(0, 0)
    for i in range(5):
        y = most_y * i / 4
        x1, y1 = place(most_x, y)
        parts.append(f'<path d="M{x0:.0f} {y1:.0f}H{x1:.0f}" stroke="#ddd"/>'
                     f'<text x="{x0 - 6:.0f}" y="{y1 + 4:.0f}" text-anchor="end">{y:.2f}</text>')
    for n in sorted({n for points in curves.values() for n, _ in points}):
        x, _ = place(n, 0)
        parts.append(f'<text x="{x:.0f}" y="{y0 + 16:.0f}" text-anchor="middle">{n}</text>')
    parts.append(f'<text x="{x0:.0f}" y="14">% of a core per call, by calls at once'
                 + (f'; did not hold {knee}' if knee else '') + '</text>')
    x1, y1 = place(most_x, LIMIT_G711)
    parts.append(f'<path d="M{x0:.0f} {y1:.0f}H{x1:.0f}" stroke="#c01c28" stroke-dasharray="4"/>'
                 f'<text x="{x1 + 4:.0f}" y="{y1 + 4:.0f}" fill="#c01c28">limit {LIMIT_G711}</text>')
    for colour, (name, points) in zip(colours, curves.items()):
        line = ' '.join('%.0f,%.0f' % place(*point) for point in points)
        x, y = place(*points[-1])
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{place(*p)[0]:.0f}" cy="{place(*p)[1]:.0f}" r="3" fill="{colour}"/>'
                  for p in points]
        parts.append(f'<text x="{x + 6:.0f}" y="{y - 6:.0f}" fill="{colour}">{name}</text>')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(parts + ['</svg>\n']))


def measure(bench):
    ours, knee = [], None
    for n in STEPS:
        per_call, held = measure_gateway(bench, n)
        if per_call is not None:
            ours.append((n, per_call))
        if not held:
            knee = n
            bench.row('knee: packets leave late first, then are given up, at calls', '', n)
            break
    loops = [(n, measure_loop(bench, n)) for n in STEPS]
    stock = measure_stock(bench, STOCK)
    for n, per_call in ours:
        bench.row(f'{n} calls: against {STOCK} of bare RTP elements', 'times',
                  per_call / stock if stock else 0)
    if len(ours) > 1:
        bench.row(f'growth of the cost per call, {ours[0][0]} to {ours[-1][0]} calls', 'times',
                  ours[-1][1] / ours[0][1])
    alone = codec_alone()
    bench.row('Opus codec alone, complexity 5', '% of a core', alone)
    payload = an_opus_packet()
    for n in OPUS:
        per_call, _ = measure_gateway(bench, n, 'opus', payload)
        if per_call is not None:
            bench.limit(f'{n} opus calls: against the codec alone', 'times', per_call / alone,
                        LIMIT_OPUS)
    curves = {'gateway': ours, 'bare loop': loops, 'GStreamer': [(STOCK, stock)]}
    chart({name: points for name, points in curves.items() if points}, knee,
          os.environ.get('BESTELLBOT_BENCH_CHART', 'calls.svg'))
