# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Spoken text as telephone audio, by espeak-ng and sox.

    say('Guten Tag, ich brauche zwei T-Stücke.', 'hello.wav')        # 8 kHz, mono, 16 bit
    say('Guten Tag.', 'hello.al', voice='de')                         # raw A-law, for sipp
    silence(1.5, 'pause.al'); tone(440, 2, 'tone.wav')
    join(['hello.al', 'pause.al'], 'call.al')                         # raw files only

The suffix decides: .wav is 16 bit PCM, .al raw A-law, .ul raw µ-law, all mono.
"""
import os
import shutil
import subprocess
import tempfile

_RAW = {'.al': 'al', '.ul': 'ul'}


def available():
    return shutil.which('espeak-ng') is not None and shutil.which('sox') is not None


def _output(path, rate):
    suffix = os.path.splitext(path)[1]
    if suffix in _RAW:
        return ['-t', _RAW[suffix], '-r', '8000', '-c', '1', path]
    if suffix == '.wav':
        return ['-t', 'wav', '-e', 'signed', '-b', '16', '-r', str(rate), '-c', '1', path]
    raise ValueError(f'unknown kind of sound file: {path}')


def say(text, path, voice='de', speed=160, rate=8000, gain=-6):
    """Speaks `text`; `gain` is the peak in dBFS."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = os.path.join(folder, 'spoken.wav')
        subprocess.run(['espeak-ng', '-v', voice, '-s', str(speed), '-w', spoken, '--stdin'],
                       input=text.encode('utf-8'), check=True, timeout=60)
        subprocess.run(['sox', '-D', spoken, *_output(path, rate), 'norm', str(gain)],
                       check=True, timeout=60)
    return path


def silence(seconds, path, rate=8000):
    subprocess.run(['sox', '-D', '-n', *_output(path, rate), 'trim', '0', str(seconds)],
                   check=True, timeout=60)
    return path


def tone(frequency, seconds, path, rate=8000, gain=-6):
    subprocess.run(['sox', '-D', '-n', *_output(path, rate), 'synth', str(seconds), 'sine',
                    str(frequency), 'gain', str(gain)], check=True, timeout=60)
    return path


def cough(path, seconds=0.3, rate=8000, gain=-3):
    """A burst of noise."""
    subprocess.run(['sox', '-D', '-n', *_output(path, rate), 'synth', str(seconds), 'pinknoise',
                    'fade', 'h', '0.02', str(seconds), str(seconds / 2), 'gain', str(gain)],
                   check=True, timeout=60)
    return path


def pad(source, seconds, path, rate=8000):
    """Appends silence."""
    subprocess.run(['sox', '-D', source, *_output(path, rate), 'pad', '0', str(seconds)],
                   check=True, timeout=60)
    return path


def join(paths, path):
    """Joins raw files of one kind."""
    with open(path, 'wb') as out:
        for item in paths:
            with open(item, 'rb') as part:
                shutil.copyfileobj(part, out)
    return path


def peak(path):
    """The largest sample of a sound file, 0 to 1."""
    text = subprocess.run(['sox', path, '-n', 'stat'], check=True, timeout=60,
                          capture_output=True).stderr.decode()
    values = [float(line.split(':')[1]) for line in text.splitlines()
              if line.startswith(('Maximum amplitude', 'Minimum amplitude'))]
    return max(abs(value) for value in values)
