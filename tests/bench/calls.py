# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a G.711 call costs: the real gateway, WebSocket leg included, against
GStreamer's own RTP elements that only send the packets back.

Callers are sipp, the API is the simulator; neither is counted. Beside it, in
the same run, `udpsrc ! rtpjitterbuffer ! depay ! pay ! udpsink` per call, fed
with the same number of packets, so that the ratio says something on any
machine.
"""
import os
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import speech  # noqa: E402
from peers.gateway import Gateway  # noqa: E402
from peers.process import Process, free_port  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402

CALLS = (10, 20, 40)
SECONDS = 10
TICKS = os.sysconf('SC_CLK_TCK')
PAGE = os.sysconf('SC_PAGE_SIZE')


def usage(pid):
    """CPU seconds, resident bytes and threads of a process."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS, int(fields[21]) * PAGE, int(fields[17])


def cpu_percent(pid):
    before = usage(pid)[0]
    began = time.monotonic()
    time.sleep(SECONDS)
    return (usage(pid)[0] - before) / (time.monotonic() - began) * 100


def wait_until_talking(gateway, n):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        calls = gateway.get('/v1/calls')['calls']
        if sum(call['state'] == 'talking' for call in calls) == n:
            return
        time.sleep(0.2)
    raise RuntimeError(f'{n} calls were not answered within 60 s')


def measure_ours(bench, folder, sound):
    simulator = ['bestellbot-simulator', '--port', '0']
    with Process(simulator) as api:
        url = api.wait_for_line(r'^listening on (ws://\S+)').group(1)
        result = {}
        for n in CALLS:
            with tempfile.TemporaryDirectory(dir=folder) as own, \
                    Gateway(url, own, ['calls.max-calls=500']) as gateway:
                _, resident, _ = usage(gateway.pid)
                scenario = (Scenario().invite().receive(100, optional=True)
                            .receive(180, optional=True).receive(200, dialog=True).ack()
                            .play(sound, -1).pause((SECONDS + 60) * 1000).bye().receive(200))
                with Sipp(scenario, gateway.udp_port, calls=n, rate=20,
                          timeout=SECONDS + 120):
                    wait_until_talking(gateway, n)
                    time.sleep(2)  # greetings are over the socket
                    percent = cpu_percent(gateway.pid)
                    _, grown, threads = usage(gateway.pid)
            result[n] = percent / n
            bench.row(f'gateway, {n} calls: CPU per call', '% of a core', percent / n)
            bench.row(f'gateway, {n} calls: memory per call', 'MB', (grown - resident) / n / 1e6)
            bench.row(f'gateway, {n} calls: threads', '', threads)
    return result


class Sender(threading.Thread):
    """A packet of 20 ms to each port, every 20 ms."""

    def __init__(self, ports):
        super().__init__(daemon=True)
        self.ports = ports
        self.ended = threading.Event()

    def run(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sequence, deadline = 0, time.monotonic()
        while not self.ended.is_set():
            for port in self.ports:
                head = struct.pack('!BBHII', 0x80, 8, sequence & 0xffff, sequence * 160, port)
                sock.sendto(head + b'\xd5' * 160, ('127.0.0.1', port))
            sequence += 1
            deadline += 0.02
            time.sleep(max(0, deadline - time.monotonic()))


def measure_stock(bench):
    result = {}
    for n in CALLS:
        ports = [free_port() for _ in range(n)]
        command = ['gst-launch-1.0', '-q']
        for port in ports:
            command += ('udpsrc', 'address=127.0.0.1', f'port={port}',
                        'caps=application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8',
                        '!', 'rtpjitterbuffer', 'latency=60', '!', 'rtppcmadepay', '!', 'rtppcmapay',
                        '!', 'udpsink', 'host=127.0.0.1', 'port=9', 'sync=false')
        sender = Sender(ports)
        with Process(command) as stock:
            sender.start()
            time.sleep(2)
            percent = cpu_percent(stock.pid)
            threads = usage(stock.pid)[2]
        sender.ended.set()
        sender.join()
        result[n] = percent / n
        bench.row(f"GStreamer's elements, {n} calls: CPU per call", '% of a core', percent / n)
        bench.row(f"GStreamer's elements, {n} calls: threads", '', threads)
    return result


def measure(bench):
    with tempfile.TemporaryDirectory(prefix='bestellbot-bench-') as folder:
        sound = speech.say('Guten Tag, ich hätte gern zwanzig T-Stücke.', os.path.join(folder, 'caller.al'))
        ours = measure_ours(bench, folder, sound)
    stock = measure_stock(bench)
    for n in CALLS:
        bench.row(f'{n} calls: gateway with WebSocket against bare RTP elements', 'times',
                  ours[n] / stock[n] if stock[n] else 0)
