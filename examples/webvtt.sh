#!/bin/sh
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# webvtt.sh QUESTION.wav ANSWER.wav SUBTITLES.vtt
# Asks what is in a file; the answer as a file, both as subtitles. (srtenc
# instead of webvttenc makes SubRip.)
exec gst-launch-1.0 -q filesrc location="$1" ! wavparse ! openairealtimebin name=bot ${OPENAI_REALTIME_URL:+base-url="$OPENAI_REALTIME_URL"} \
  transcript_0::user-prefix="You: " transcript_0::assistant-prefix="Bot: " \
  bot.src ! wavenc ! filesink location="$2" \
  bot.transcript_0 ! webvttenc ! filesink location="$3"
