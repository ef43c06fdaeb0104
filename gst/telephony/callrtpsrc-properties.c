/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "callrtpsrc-properties.h"

/**
 * gst_call_rtp_src_install_properties:
 * @klass: of callrtpsrc
 *
 * What can be set and asked, and what a person reads about it.
 */
void
gst_call_rtp_src_install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags in_null = flags | GST_PARAM_MUTABLE_READY;
  const GParamFlags any_time = flags | GST_PARAM_MUTABLE_PLAYING;
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamSpec *props[N_PROPS] = { NULL };

  props[PROP_ADDRESS] = g_param_spec_string ("address", "Address", "Numeric local address to bind",
                                             "0.0.0.0", in_null);
  props[PROP_PORT_MIN] = g_param_spec_uint ("port-min", "First port",
                                            "First port of the range; 0: any free ports", 0, 65535,
                                            0, in_null);
  props[PROP_PORT_MAX] = g_param_spec_uint ("port-max", "Last port", "Last port of the range", 0,
                                            65535, 0, in_null);
  props[PROP_PORT] = g_param_spec_uint ("port", "RTP port", "The port bound, from READY on", 0,
                                        65535, 0, read_only);
  props[PROP_RTCP_PORT] = g_param_spec_uint ("rtcp-port", "RTCP port",
                                             "The port bound, from READY on", 0, 65535, 0,
                                             read_only);
  props[PROP_DSCP] = g_param_spec_uint ("dscp", "DSCP", "Marks what is sent; 46: EF", 0, 63, 46,
                                        in_null);
  props[PROP_CAPS] = g_param_spec_boxed ("caps", "Caps",
                                         "application/x-rtp with clock-rate, encoding-name and "
                                         "payload; other payload types are dropped",
                                         GST_TYPE_CAPS, any_time);
  props[PROP_NEXT_CAPS] = g_param_spec_boxed (
      "next-caps", "Next caps",
      "What replaces caps with the first packet of its payload type; NULL: nothing", GST_TYPE_CAPS,
      any_time);
  props[PROP_DTMF_PAYLOAD_TYPE] = g_param_spec_int ("dtmf-payload-type", "DTMF payload type",
                                                    "telephone-event (RFC 4733); -1: none", -1,
                                                    127, -1, any_time);
  props[PROP_REMOTE_ADDRESS] = g_param_spec_string (
      "remote-address", "Remote address", "Numeric address signalling announced", NULL, any_time);
  props[PROP_REMOTE_PORT] = g_param_spec_uint ("remote-port", "Remote RTP port",
                                               "Port signalling announced", 0, 65535, 0, any_time);
  props[PROP_REMOTE_RTCP_PORT] = g_param_spec_uint ("remote-rtcp-port", "Remote RTCP port",
                                                    "Port signalling announced", 0, 65535, 0,
                                                    any_time);
  props[PROP_RTCP_MUX] = g_param_spec_boolean (
      "rtcp-mux", "RTCP on the RTP port", "RTCP goes and comes on the RTP port (RFC 5761)", FALSE,
      any_time);
  props[PROP_SRTP] = g_param_spec_boxed (
      "srtp", "SRTP keys",
      "srtp-keys with suite, send-key, receive-key, lifetime; NULL: plain RTP. Can't be read back",
      GST_TYPE_STRUCTURE, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_RECEIVING] = g_param_spec_boolean ("receiving", "Receiving",
                                                "Whether the sockets are read while playing", TRUE,
                                                any_time);
  props[PROP_TIMEOUT] = g_param_spec_uint ("timeout", "Timeout",
                                           "Seconds without a packet until call-rtp-timeout is "
                                           "posted; 0: never",
                                           0, 86400, 0, any_time);
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics", "What was received so far",
                                          GST_TYPE_STRUCTURE, read_only);
  g_object_class_install_properties (klass, N_PROPS, props);
}
