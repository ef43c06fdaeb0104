#!/bin/sh
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# transcribe-file.sh SPEECH.wav [LANGUAGE]
# Writes down what is said in a file, a line each; the model answers nothing.
# The file is heard at the pace at which it was spoken.
exec gst-launch-1.0 -q filesrc location="$1" ! wavparse ! openairealtimebin name=bot ${OPENAI_REALTIME_URL:+base-url="$OPENAI_REALTIME_URL"} \
  language="${2:-en}" \
  session='{"audio":{"input":{"turn_detection":{"create_response":false}}}}' \
  transcript_0::role=user transcript_0::newline=true \
  bot.transcript_0 ! filesink location=/dev/stdout buffer-mode=unbuffered
