#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Talks with the model, prints what is said and what it has cost.

    chat.py                      microphone and loudspeaker (use a headset)
    chat.py ASK.wav ANSWER.wav   files instead
"""
import json
import os
import sys
import time

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

TOOLS = [{"type": "function", "name": "get_time", "description": "The time of day",
          "parameters": {"type": "object", "properties": {}}}]


def on_transcript(_bot, role, _item, text, final):
    if final:
        print(f"{role}: {text}", flush=True)


def on_function_call(bot, call_id, name, _arguments):
    print(f"calls {name}", flush=True)
    bot.emit("send-function-output", call_id, json.dumps({"time": time.strftime("%H:%M")}))


def on_message(_bus, message, loop):
    if message.type == Gst.MessageType.ERROR:
        print(message.parse_error()[0].message, file=sys.stderr)  # says what to do
    if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
        loop.quit()


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    if len(sys.argv) == 3:
        line = (f'filesrc location="{sys.argv[1]}" ! wavparse ! openairealtimebin name=bot ! wavenc ! '
                f'filesink location="{sys.argv[2]}"')
    else:
        line = "autoaudiosrc ! openairealtimebin name=bot ! autoaudiosink"
    pipeline = Gst.parse_launch(line)
    bot = pipeline.get_by_name("bot")
    bot.props.instructions = "You are friendly and brief."
    bot.props.tools = json.dumps(TOOLS)
    if "OPENAI_REALTIME_URL" in os.environ:  # another service
        bot.set_property("base-url", os.environ["OPENAI_REALTIME_URL"])
    bot.connect("transcript", on_transcript)
    bot.connect("function-call", on_function_call)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message", on_message, loop)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    stats = bot.props.stats
    print(f"{stats.get_value('responses')} responses, {stats.get_value('tokens')} tokens")
    pipeline.set_state(Gst.State.NULL)


main()
