#!/bin/sh
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# rtp-bridge.sh LISTEN_PORT PEER_HOST PEER_PORT
# A telephone's RTP (G.711 A-law, payload type 8) in and out: nothing is decoded,
# the service speaks A-law, too. Ends with Ctrl-C.
exec gst-launch-1.0 -e udpsrc port="$1" \
  caps="application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8" ! \
  rtpjitterbuffer latency=60 ! rtppcmadepay ! openairealtimebin ${OPENAI_REALTIME_URL:+base-url="$OPENAI_REALTIME_URL"} ! \
  audio/x-alaw ! rtppcmapay min-ptime=20000000 max-ptime=20000000 ! udpsink host="$2" port="$3" sync=false
