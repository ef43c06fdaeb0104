#!/bin/sh
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Microphone and loudspeaker. Ends with Ctrl-C. There is no echo cancellation:
# use a headset.
exec gst-launch-1.0 -e autoaudiosrc ! openairealtimebin ${OPENAI_REALTIME_URL:+base-url="$OPENAI_REALTIME_URL"} \
  instructions="You are friendly and brief." ! autoaudiosink
