#!/bin/sh
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# live-subtitles.sh [SINK…]
# Microphone and loudspeaker, and a window that shows what is said, word by
# word. Ends with Ctrl-C. SINK: elements instead of the window. A camera instead
# of the black picture: v4l2src for videotestsrc.
[ $# -gt 0 ] || set -- autovideosink
exec gst-launch-1.0 -e autoaudiosrc ! openairealtimebin name=bot ${OPENAI_REALTIME_URL:+base-url="$OPENAI_REALTIME_URL"} \
  transcript_0::captions=live \
  bot.src ! autoaudiosink \
  videotestsrc is-live=true pattern=black ! video/x-raw,width=960,height=240,framerate=15/1 ! \
  textoverlay name=overlay valignment=center font-desc="Sans 24" ! videoconvert ! "$@" \
  bot.transcript_0 ! overlay.text_sink
