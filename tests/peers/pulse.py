# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sound card for tests: a private PulseAudio daemon with null devices.

    with PulseAudio() as pulse:
        subprocess.Popen(["bestellbot"], env=pulse.environ())
        pulse.speak("hello.wav")          # into the microphone
        recording = pulse.record("heard.wav")   # what the speaker gets
        ...
        recording.stop()

`autoaudiosrc` and `autoaudiosink` of a program with this environment record
exactly what is played into the microphone's sink and play into the speaker's
sink. No real device is opened; several daemons can run side by side.
"""
import os
import shutil
import subprocess
import tempfile
import time

from .child import ends_with_parent

MODULES = (
    "module-native-protocol-unix auth-anonymous=1 socket={runtime}/native",
    "module-null-sink sink_name=mouth rate=48000 channels=1",
    "module-null-sink sink_name=speaker rate=48000 channels=1",
    "module-remap-source master=mouth.monitor source_name=microphone",
)


class Recording:
    def __init__(self, process, path):
        self.process = process
        self.path = path

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        return self.path


class PulseAudio:
    def __init__(self):
        self.runtime = tempfile.mkdtemp(prefix="pulse-")
        self.process = None

    def environ(self, base=None):
        """The environment of a program that shall use this sound card."""
        env = dict(os.environ if base is None else base)
        env.update(
            PULSE_RUNTIME_PATH=self.runtime,
            PULSE_SERVER="unix:" + self.runtime + "/native",
            PULSE_STATE_PATH=self.runtime,
            PULSE_SOURCE="microphone",
            PULSE_SINK="speaker",
            # The private registry of the tests knows the real sound elements.
            GST_PLUGIN_FEATURE_RANK="pulsesrc:MAX,pulsesink:MAX",
        )
        return env

    def start(self, deadline=20):
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1",
                   "--use-pid-file=no", "--log-target=stderr", "--log-level=error"]
        for module in MODULES:
            command += ["-L", module.format(runtime=self.runtime)]
        env = self.environ()
        env["HOME"] = self.runtime  # no cookie, no settings of the user's
        self.process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL,
                                        preexec_fn=ends_with_parent)
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError("pulseaudio ended with status %d" % self.process.returncode)
            done = subprocess.run(["pactl", "list", "short", "sources"], env=env, text=True,
                                  capture_output=True)
            if done.returncode == 0 and "microphone" in done.stdout:
                return self
            time.sleep(0.05)
        raise RuntimeError("pulseaudio was not ready within %d s" % deadline)

    def speak(self, path):
        """Plays a file into the microphone; returns when it has been played."""
        subprocess.run(["paplay", "--device=mouth", path], env=self.environ(), check=True, timeout=120)

    def record(self, path):
        """Records what the speaker gets, 48 kHz mono, until stop()."""
        process = subprocess.Popen(
            ["parec", "--device=speaker.monitor", "--file-format=wav", "--rate=48000",
             "--channels=1", path], env=self.environ())
        return Recording(process, path)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.runtime, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()
