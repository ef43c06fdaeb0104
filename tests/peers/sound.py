# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures sound: is this what was said, as long, as high, without gaps?

Samples are lists of integers (16 bit), at 8 kHz unless it says otherwise.
"""
import array
import math
import os
import subprocess
import wave

RATE = 8000
STEP = RATE // 100  # of an envelope: 10 ms
LOUD = 200          # effective value (RMS) above which somebody speaks


def decode(path, folder, channels=1, rate=RATE):
    """Any sound file, as one list of samples per channel."""
    out = os.path.join(folder, f'decoded-{os.path.basename(path)}.wav')
    subprocess.run(['gst-launch-1.0', '-q', 'filesrc', f'location={path}', '!', 'decodebin', '!',
                    'audioconvert', '!', 'audioresample', '!',
                    f'audio/x-raw,format=S16LE,rate={rate},channels={channels}', '!', 'wavenc',
                    '!', 'filesink', f'location={out}'], check=True, timeout=60)
    with wave.open(out) as file:
        samples = array.array('h', file.readframes(file.getnframes()))
    os.unlink(out)
    return [list(samples[i::channels]) for i in range(channels)]


def _alaw(code):
    """ITU-T G.711, table 1: one A-law code as 16 bit."""
    code ^= 0x55
    value = (code & 0x0f) << 4
    segment = (code & 0x70) >> 4
    value += 8 if segment == 0 else 0x108
    if segment > 1:
        value <<= segment - 1
    return value if code & 0x80 else -value


def _ulaw(code):
    """ITU-T G.711, table 2: one µ-law code as 16 bit."""
    code = ~code & 0xff
    value = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return -value if code & 0x80 else value


ALAW = [_alaw(code) for code in range(256)]
ULAW = [_ulaw(code) for code in range(256)]


def from_alaw(data):
    return [ALAW[code] for code in data]


def from_ulaw(data):
    return [ULAW[code] for code in data]


def from_pcm(data, rate, folder):
    """Raw 16 bit mono of another rate."""
    path = os.path.join(folder, 'raw.wav')
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data[:len(data) // 2 * 2])
    return decode(path, folder)[0]


def rms(samples):
    return math.sqrt(sum(s * s for s in samples) / len(samples)) if samples else 0.0


class Envelope:
    """Loudness in steps of 10 ms, on a scale as ears have it."""

    def __init__(self, samples):
        self.rms = [rms(samples[i:i + STEP]) for i in range(0, len(samples) - STEP + 1, STEP)]
        self.db = [20 * math.log10(max(value, 10.0)) for value in self.rms]

    def __len__(self):
        return len(self.db)

    def likeness(self, needle, at, length=None):
        """Correlation coefficient of `needle` with what is here from step `at` on."""
        length = length or len(needle)
        a, b = needle.db[:length], self.db[at:at + length]
        if len(b) < length:
            return 0.0
        mean_a, mean_b = sum(a) / length, sum(b) / length
        top = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
        bottom = math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
        return top / bottom if bottom else 0.0

    def find(self, needle, length=None, start=0):
        """(step, correlation) where `needle` is most like what is here."""
        last = len(self) - (length or len(needle))
        found = max(((self.likeness(needle, at, length), at)
                     for at in range(start, max(last, start) + 1)), default=(0.0, start))
        return found[1], found[0]

    def loud_seconds(self):
        return sum(1 for value in self.rms if value > LOUD) / 100

    def trimmed(self):
        """(first, last + 1) step that is loud."""
        loud = [i for i, value in enumerate(self.rms) if value > LOUD]
        return (loud[0], loud[-1] + 1) if loud else (0, 0)

    def silences(self, start, end, least):
        """Runs of at least `least` steps of digital silence between two steps."""
        runs, begin = [], None
        for i in range(start, end + 1):
            silent = i < end and self.rms[i] < 20
            if silent and begin is None:
                begin = i
            elif not silent and begin is not None:
                if i - begin >= least:
                    runs.append((begin, i))
                begin = None
        return runs


def pitch(samples, rate=RATE):
    """Median fundamental of the voiced parts, Hz (autocorrelation)."""
    size, found = rate // 25, []
    lags = range(rate // 300, rate // 60)
    for start in range(0, len(samples) - 2 * size, size):
        block = samples[start:start + 2 * size]
        power = sum(s * s for s in block[:size])
        if power / size < LOUD * LOUD * 4:
            continue
        best, value = 0, 0.0
        for lag in lags:
            shifted = block[lag:lag + size]
            norm = math.sqrt(power * sum(s * s for s in shifted)) or 1.0
            likeness = sum(a * b for a, b in zip(block, shifted)) / norm
            if likeness > value:
                best, value = lag, likeness
        if value > 0.7:
            found.append(rate / best)
    return sorted(found)[len(found) // 2] if found else 0.0


def brightness(samples, rate=RATE):
    """Mean frequency, weighted by power (Hz): sound of the wrong codec hisses."""
    loud = [i for i in range(0, len(samples) - STEP, STEP) if rms(samples[i:i + STEP]) > LOUD]
    power = slope = 0
    for i in loud:
        for a, b in zip(samples[i:i + STEP], samples[i + 1:i + STEP + 1]):
            power += a * a
            slope += (b - a) ** 2
    # E(d²)/E(x²) = (2 sin(ω/2))² of a sine: the power-weighted frequency
    ratio = min(math.sqrt(slope / power) / 2, 1.0) if power else 0.0
    return 2 * math.asin(ratio) * rate / (2 * math.pi)


def aligned_snr(reference, samples, at, search=3 * STEP):
    """(offset, dB): how exactly `reference` is in `samples`, near sample `at`.

    A bit-exact copy has an infinite ratio; it is given as 200 dB.
    """
    middle = len(reference) // 2
    probe = reference[middle:middle + RATE // 4]
    best = max(range(max(at - search, 0), at + search + 1),
               key=lambda o: sum(a * b for a, b in zip(probe, samples[o + middle:])))
    signal = sum(s * s for s in reference)
    noise = sum((a - b) ** 2 for a, b in zip(reference, samples[best:]))
    return best, (10 * math.log10(signal / noise) if noise else 200.0)
