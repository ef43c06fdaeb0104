/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-sdp.h"

#include <string.h>

#include <gio/gio.h>

#include "bb-sdp-parse.h"
#include "bb-sip-agent.h"

/* What our own offers use for telephone-event: one for each clock, since the
 * events share the audio's (RFC 4733 section 2.1). */
static const struct
{
  guint clock_rate; /* Hz */
  int payload_type;
} dtmf_rates[] = { { 8000, 101 }, { 48000, 102 }, { 16000, 103 }, { 44100, 104 } };

#define DTMF_EVENTS "0-15"

/* What we agreed to send and receive, or mean to. */
struct _BbSdp
{
  BbConfig *config;
  char *local_address;
  guint16 local_rtp_port;
  guint16 local_rtcp_port;

  BbMediaParams *params; /* NULL before the first offer or answer */
  BbSdpBody *remote;     /* what the peer sent last; NULL before */
  guint line;            /* which line of it is ours */
  guint crypto_tag;      /* of the a=crypto agreed on */
  guint dtmf_rate;       /* clock of the agreed telephone-event, Hz */

  guint64 session_id;
  guint64 version;
  char *sent; /* the last body we sent, without its origin: RFC 3264 section 8 */

  /* the numbers our last offer gave out; -1: not offered */
  int offered[BB_N_CODECS];
  BbSdesCrypto offered_crypto[BB_N_SRTP_SUITES]; /* suite NULL: not offered */
  int offered_dtmf[G_N_ELEMENTS (dtmf_rates)];
};

/**
 * bb_sdp_new:
 * @config: codecs and their order, ptime, bit rate
 *
 * Returns: (transfer full): the state of a dialog that has agreed on nothing
 */
BbSdp *
bb_sdp_new (const BbConfig *config)
{
  BbSdp *self = g_new0 (BbSdp, 1);

  self->config = bb_config_ref (config);
  /* RFC 4566 section 5.2: unique and numeric; 31 bits, since some peers read an int */
  self->session_id = (guint64)g_random_int_range (1, G_MAXINT32);
  self->version = self->session_id;
  return self;
}

/* It may hold a key. */
static void
forget_sent (BbSdp *self)
{
  if (self->sent != NULL)
    explicit_bzero (self->sent, strlen (self->sent));
  g_clear_pointer (&self->sent, g_free);
}

/**
 * bb_sdp_free:
 * @self: (nullable) (transfer full): what to free
 */
void
bb_sdp_free (BbSdp *self)
{
  if (self == NULL)
    return;

  bb_config_unref (self->config);
  g_free (self->local_address);
  bb_media_params_free (self->params);
  bb_sdp_body_free (self->remote);
  forget_sent (self);
  explicit_bzero (self, sizeof *self);
  g_free (self);
}

static void
update_local (BbSdp *self)
{
  if (self->params == NULL)
    return;

  g_free (self->params->local_address);
  self->params->local_address = g_strdup (self->local_address);
  self->params->local_rtp_port = self->local_rtp_port;
}

/**
 * bb_sdp_set_local:
 * @self: the state
 * @address: numeric: where the peer reaches us
 * @rtp_port: of our RTP socket
 * @rtcp_port: of our RTCP socket; 0: RTP + 1
 *
 * What answers and offers will name.
 */
void
bb_sdp_set_local (BbSdp *self, const char *address, guint16 rtp_port, guint16 rtcp_port)
{
  if (g_strcmp0 (address, self->local_address) != 0)
    {
      g_free (self->local_address);
      self->local_address = g_strdup (address);
    }
  self->local_rtp_port = rtp_port;
  self->local_rtcp_port = rtcp_port;
  update_local (self);
}

/**
 * bb_sdp_get_params:
 * @self: the state
 *
 * Returns: (transfer none) (nullable): what is agreed; %NULL before an offer
 */
const BbMediaParams *
bb_sdp_get_params (BbSdp *self)
{
  return self->params;
}

/* What we send: the peer's wish where our packetizer can do it, in ms. */
static guint
choose_ptime (BbSdp *self, const BbSdpLine *line, const BbCodec *codec)
{
  guint wanted = line->ptime != 0 ? line->ptime : self->config->ptime;

  return bb_codec_fit_ptime (codec, line->maxptime != 0 ? MIN (wanted, line->maxptime) : wanted);
}

static BbMediaDirection
mirror (BbMediaDirection direction)
{
  return ((direction & BB_MEDIA_SENDONLY) ? BB_MEDIA_RECVONLY : 0)
         | ((direction & BB_MEDIA_RECVONLY) ? BB_MEDIA_SENDONLY : 0);
}

static const BbSdpFormat *
choose_dtmf (const BbSdpLine *line, const BbCodec *codec)
{
  const BbSdpFormat *format = bb_sdp_line_find_dtmf (line, codec->clock_rate);

  /* beside Opus many peers offer it at 8 kHz only */
  return format != NULL ? format : bb_sdp_line_find_dtmf (line, 8000);
}

static gboolean
srtp_is (BbSdp *self, const char *choice)
{
  return strcmp (self->config->srtp, choice) == 0;
}

/* Whether a line can be taken with or without SRTP. */
static gboolean
may_use (BbSdp *self, const BbSdpLine *line, gboolean protected)
{
  if (!line->usable)
    return FALSE;
  if (protected)
    return line->cryptos->len > 0 && !srtp_is (self, "off");
  return !line->secure && !srtp_is (self, "required");
}

/* The peer's first that we can do (RFC 4568 section 5.1.2). Our own key stays
 * as long as the peer's does. */
static gboolean
agree_on_crypto (BbSdp *self, BbMediaParams *params, const BbSdesCrypto *crypto, GError **error)
{
  const BbMediaParams *old = self->params;

  params->srtp_suite = crypto->suite;
  params->srtp_lifetime = crypto->lifetime;
  memcpy (params->srtp_receive_key, crypto->key, BB_SRTP_MAX_KEY);
  if (old != NULL && old->srtp_suite == crypto->suite && self->crypto_tag == crypto->tag
      && memcmp (old->srtp_receive_key, crypto->key, BB_SRTP_MAX_KEY) == 0)
    {
      memcpy (params->srtp_send_key, old->srtp_send_key, BB_SRTP_MAX_KEY);
      return TRUE;
    }
  if (bb_sdes_make_key (crypto->suite, params->srtp_send_key))
    return TRUE;

  g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC, "no random numbers for an SRTP key");
  return FALSE;
}

static BbMediaParams *
build_params (BbSdp *self, const BbSdpLine *line, const BbCodec *codec, const BbSdpFormat *format)
{
  BbMediaParams *params = bb_media_params_new ();
  guint value;

  params->codec = codec;
  params->payload_type_send = format->payload_type;
  params->payload_type_receive = format->payload_type;
  params->ptime = choose_ptime (self, line, codec);
  params->remote_address = line->held ? NULL : g_strdup (line->address);
  params->remote_rtp_port = line->rtp_port;
  params->remote_rtcp_port = line->rtcp_port;
  params->direction = mirror (line->direction);
  params->rtcp_mux = line->rtcp_mux;
  if (codec->id == BB_CODEC_OPUS)
    {
      params->opus_inband_fec = bb_sdp_fmtp_get (format->fmtp, "useinbandfec", &value) && value == 1;
      /* RFC 7587 section 6.1: 6000 to 510000 */
      if (bb_sdp_fmtp_get (format->fmtp, "maxaveragebitrate", &value) && value != 0)
        params->opus_max_bitrate = CLAMP (value, 6000, 510000);
      if (bb_sdp_fmtp_get (format->fmtp, "maxplaybackrate", &value) && value != 0)
        params->opus_max_playback_rate = CLAMP (value, 8000, 48000);
      params->opus_cbr = bb_sdp_fmtp_get (format->fmtp, "cbr", &value) && value == 1;
    }
  return params;
}

static void
adopt (BbSdp *self, BbMediaParams *params, BbSdpBody *body, guint line, const BbSdpFormat *dtmf)
{
  bb_media_params_free (self->params);
  self->params = params;
  bb_sdp_body_free (self->remote);
  self->remote = body;
  self->line = line;
  self->dtmf_rate = dtmf != NULL ? dtmf->clock_rate : 0;
  update_local (self);
}

static void
set_codec_error (BbSdp *self, const BbSdpBody *body, GError **error)
{
  g_autoptr (GString) offered = g_string_new (NULL);
  const char *why = NULL;
  gboolean plain = FALSE;
  gboolean protected = FALSE;

  for (guint i = 0; i < body->lines->len; i++)
    {
      const BbSdpLine *line = g_ptr_array_index (body->lines, i);

      why = line->crypto_why != NULL ? line->crypto_why : why;
      plain = plain || (line->usable && !line->secure);
      protected = protected || line->cryptos->len > 0;
      if (line->secure)
        g_string_append_printf (offered, "%s%s", offered->len > 0 ? ", " : "", line->protocol);
      for (guint j = 0; j < line->formats->len; j++)
        {
          const BbSdpFormat *format = &g_array_index (line->formats, BbSdpFormat, j);
          g_autofree char *valid = g_utf8_make_valid (format->encoding, -1);
          g_autofree char *name = g_strescape (valid, NULL);

          g_string_append_printf (offered, "%s%s/%u", offered->len > 0 ? ", " : "",
                                  *name != '\0' ? name : "?", format->clock_rate);
        }
    }
  if (srtp_is (self, "required") && !protected)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC,
                   "the peer offers no SRTP that we can do%s%s ([media] srtp = required)",
                   why != NULL ? ", but " : "", why != NULL ? why : "");
      return;
    }
  if (!plain && !protected && why != NULL)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC,
                   "the peer offers SRTP with %s, which we can't do", why);
      return;
    }
  g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_CODEC,
               "no codec in common: the peer offers %s ([media] codecs sets ours)",
               offered->len > 0 ? offered->str : "no audio that we can reach");
}

/* Agrees on the codec of ours that is preferred among those of a line; then
 * takes the body over. */
static gboolean
take_line (BbSdp *self, BbSdpBody **body, guint index, gboolean protected, GError **error)
{
  const BbSdpLine *line = g_ptr_array_index ((*body)->lines, index);

  for (guint c = 0; c < self->config->n_codecs; c++)
    {
      const BbCodec *codec = bb_codec_get (self->config->codecs[c]);
      const BbSdpFormat *format = bb_sdp_line_find_codec (line, codec);
      const BbSdpFormat *dtmf = choose_dtmf (line, codec);
      const BbSdesCrypto *crypto
          = protected ? &g_array_index (line->cryptos, BbSdesCrypto, 0) : NULL;
      BbMediaParams *params;

      if (format == NULL)
        continue;
      params = build_params (self, line, codec, format);
      if (crypto != NULL && !agree_on_crypto (self, params, crypto, error))
        {
          bb_media_params_free (params);
          return FALSE;
        }
      if (dtmf != NULL)
        {
          params->dtmf_payload_type_send = dtmf->payload_type;
          params->dtmf_payload_type_receive = dtmf->payload_type;
        }
      adopt (self, params, g_steal_pointer (body), index, dtmf);
      self->crypto_tag = crypto != NULL ? crypto->tag : 0;
      return TRUE;
    }

  return FALSE;
}

/**
 * bb_sdp_receive_offer:
 * @self: the state
 * @body: an offer (RFC 3264)
 * @length: in bytes, -1: terminated
 * @error: return location for %BB_SIP_ERROR_SDP or %BB_SIP_ERROR_CODEC
 *
 * Chooses the first usable audio line, one with SRTP (RFC 4568) before one
 * without, and of its formats the one our own order prefers. When nothing fits the state stays what it was.
 *
 * Returns: %TRUE when bb_sdp_write_answer() has an answer
 */
gboolean
bb_sdp_receive_offer (BbSdp *self, const char *body, gssize length, GError **error)
{
  g_autoptr (BbSdpBody) parsed = bb_sdp_body_parse (body, length, error);
  GError *own = NULL;

  if (parsed == NULL)
    return FALSE;

  /* a line with SRTP before one without */
  for (guint pass = 0; pass < 2; pass++)
    {
      for (guint i = 0; i < parsed->lines->len; i++)
        {
          if (!may_use (self, g_ptr_array_index (parsed->lines, i), pass == 0)
              || !take_line (self, &parsed, i, pass == 0, &own))
            {
              if (own == NULL)
                continue;
              g_propagate_error (error, own);
              return FALSE;
            }
          return TRUE;
        }
    }

  set_codec_error (self, parsed, error);
  return FALSE;
}

/* The one a=crypto of an answer, by tag and suite one of those we offered. */
static const BbSdesCrypto *
find_answered_crypto (BbSdp *self, const BbSdpLine *line)
{
  const BbSdesCrypto *crypto
      = line->cryptos->len == 1 ? &g_array_index (line->cryptos, BbSdesCrypto, 0) : NULL;

  return crypto != NULL && self->offered_crypto[crypto->suite->id].suite == crypto->suite
                 && self->offered_crypto[crypto->suite->id].tag == crypto->tag
             ? crypto
             : NULL;
}

/**
 * bb_sdp_receive_answer:
 * @self: the state, after bb_sdp_write_offer()
 * @body: the peer's answer
 * @length: in bytes, -1: terminated
 * @error: return location for %BB_SIP_ERROR_SDP or %BB_SIP_ERROR_CODEC
 *
 * The peer's order counts here (RFC 3264 section 7). Its numbers are what we
 * send, ours what we receive: they may differ.
 *
 * Returns: %TRUE when something is agreed
 */
gboolean
bb_sdp_receive_answer (BbSdp *self, const char *body, gssize length, GError **error)
{
  g_autoptr (BbSdpBody) parsed = bb_sdp_body_parse (body, length, error);
  guint index = self->remote != NULL ? self->line : 0;
  const BbSdpLine *line;

  if (parsed == NULL)
    return FALSE;

  line = index < parsed->lines->len ? g_ptr_array_index (parsed->lines, index) : NULL;
  if (line != NULL && !may_use (self, line, find_answered_crypto (self, line) != NULL))
    line = NULL;
  for (guint i = 0; line != NULL && i < line->formats->len; i++)
    {
      const BbSdpFormat *format = &g_array_index (line->formats, BbSdpFormat, i);
      const BbCodec *codec = bb_codec_by_name (format->encoding, format->clock_rate);
      const BbSdpFormat *dtmf;
      const BbSdesCrypto *crypto;
      BbMediaParams *params;

      if (codec == NULL || self->offered[codec->id] < 0
          || bb_sdp_line_find_codec (line, codec) != format)
        continue;
      params = build_params (self, line, codec, format);
      params->payload_type_receive = (guint8)self->offered[codec->id];
      crypto = find_answered_crypto (self, line);
      if (crypto != NULL)
        {
          params->srtp_suite = crypto->suite;
          params->srtp_lifetime = crypto->lifetime;
          memcpy (params->srtp_receive_key, crypto->key, BB_SRTP_MAX_KEY);
          memcpy (params->srtp_send_key, self->offered_crypto[crypto->suite->id].key,
                  BB_SRTP_MAX_KEY);
        }
      dtmf = choose_dtmf (line, codec);
      if (dtmf != NULL)
        {
          params->dtmf_payload_type_send = dtmf->payload_type;
          params->dtmf_payload_type_receive = dtmf->payload_type;
          for (gsize r = 0; r < G_N_ELEMENTS (dtmf_rates); r++)
            {
              if (dtmf_rates[r].clock_rate == dtmf->clock_rate && self->offered_dtmf[r] >= 0)
                params->dtmf_payload_type_receive = self->offered_dtmf[r];
            }
        }
      self->crypto_tag = crypto != NULL ? crypto->tag : 0;
      adopt (self, params, g_steal_pointer (&parsed), index, dtmf);
      return TRUE;
    }

  set_codec_error (self, parsed, error);
  return FALSE;
}

static const char *
direction_name (BbMediaDirection direction)
{
  switch (direction)
    {
    case BB_MEDIA_SENDONLY:
      return "sendonly";
    case BB_MEDIA_RECVONLY:
      return "recvonly";
    case BB_MEDIA_INACTIVE:
      return "inactive";
    case BB_MEDIA_SENDRECV:
    default:
      return "sendrecv";
    }
}

static void
append_codec (BbSdp *self, GString *text, const BbCodec *codec, guint payload_type)
{
  if (codec->channels > 1)
    g_string_append_printf (text, "a=rtpmap:%u %s/%u/%u\r\n", payload_type, codec->name,
                            codec->clock_rate, codec->channels);
  else
    g_string_append_printf (text, "a=rtpmap:%u %s/%u\r\n", payload_type, codec->name,
                            codec->clock_rate);
  /* RFC 7587 section 6.1: what we want to receive. No DTX (its default is off):
   * silence that is sent needs nobody to make it up. */
  if (codec->id == BB_CODEC_OPUS)
    g_string_append_printf (text, "a=fmtp:%u useinbandfec=1;maxaveragebitrate=%u;"
                            "maxplaybackrate=%u;stereo=0\r\n",
                            payload_type, self->config->opus_bitrate, codec->sample_rate);
}

static void
append_dtmf (GString *text, guint payload_type, guint clock_rate)
{
  g_string_append_printf (text, "a=rtpmap:%u telephone-event/%u\r\na=fmtp:%u %s\r\n", payload_type,
                          clock_rate, payload_type, DTMF_EVENTS);
}

static void
append_tail (BbSdp *self, GString *text, guint ptime, guint max_ptime, gboolean rtcp_mux,
             BbMediaDirection direction)
{
  guint rtcp_port = self->local_rtcp_port;

  g_string_append_printf (text, "a=ptime:%u\r\na=maxptime:%u\r\n", ptime, max_ptime);
  if (rtcp_port != 0 && rtcp_port != self->local_rtp_port + 1u)
    g_string_append_printf (text, "a=rtcp:%u\r\n", rtcp_port);
  if (rtcp_mux)
    g_string_append (text, "a=rtcp-mux\r\n");
  g_string_append_printf (text, "a=%s\r\n", direction_name (direction));
}

/* A line we don't take part in: same place, port 0 (RFC 3264 section 6). */
static void
append_refused (GString *text, const BbSdpLine *line)
{
  g_string_append_printf (text, "m=%s 0 %s %s\r\n", line->type, line->protocol, line->format_list);
}

/* Puts the origin in front. The version moves only when the rest did (RFC 3264 section 8). */
static char *
finish_body (BbSdp *self, GString *lines, const char *time)
{
  gboolean v6 = strchr (self->local_address, ':') != NULL;
  const char *family = v6 ? "IP6" : "IP4";
  g_autofree char *rest
      = g_strdup_printf ("s=-\r\nc=IN %s %s\r\nt=%s\r\n%s", family,
                         self->local_address, time, lines->str);

  g_string_free (lines, TRUE);
  if (self->sent != NULL && strcmp (self->sent, rest) != 0)
    self->version++;
  forget_sent (self);
  self->sent = g_steal_pointer (&rest);
  return g_strdup_printf ("v=0\r\no=bestellbot %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                          " IN %s %s\r\n%s",
                          self->session_id, self->version, family, self->local_address,
                          self->sent);
}

static void
append_agreed_line (BbSdp *self, GString *text, const BbSdpLine *line)
{
  const BbMediaParams *params = self->params;

  g_string_append_printf (text, "m=audio %u %s %u", self->local_rtp_port, line->protocol,
                          params->payload_type_receive);
  if (params->dtmf_payload_type_receive >= 0)
    g_string_append_printf (text, " %d", params->dtmf_payload_type_receive);
  g_string_append (text, "\r\n");
  append_codec (self, text, params->codec, params->payload_type_receive);
  if (params->dtmf_payload_type_receive >= 0)
    append_dtmf (text, (guint)params->dtmf_payload_type_receive, self->dtmf_rate);
  if (params->srtp_suite != NULL)
    {
      BbSdesCrypto crypto = { .tag = self->crypto_tag, .suite = params->srtp_suite };

      memcpy (crypto.key, params->srtp_send_key, BB_SRTP_MAX_KEY);
      bb_sdes_append (text, &crypto);
      explicit_bzero (&crypto, sizeof crypto);
    }
  append_tail (self, text, params->ptime, params->codec->max_ptime, params->rtcp_mux,
               params->direction);
}

/**
 * bb_sdp_write_answer:
 * @self: the state, after bb_sdp_receive_offer() and bb_sdp_set_local()
 *
 * Returns: (transfer full) (nullable): the answer; %NULL without an offer
 */
char *
bb_sdp_write_answer (BbSdp *self)
{
  GString *text;

  g_return_val_if_fail (self->params != NULL && self->remote != NULL, NULL);
  g_return_val_if_fail (self->local_address != NULL, NULL);

  text = g_string_new (NULL);
  for (guint i = 0; i < self->remote->lines->len; i++)
    {
      const BbSdpLine *line = g_ptr_array_index (self->remote->lines, i);

      if (i == self->line)
        append_agreed_line (self, text, line);
      else
        append_refused (text, line);
    }

  return finish_body (self, text, self->remote->time);
}

/* A number for a format we offer: the one in use, else its usual one, else the
 * next free dynamic one. A number never changes its meaning inside a session
 * (RFC 3264 section 8.3.2). */
static int
allocate (gboolean used[128], int in_use, int usual)
{
  int number = in_use >= 0 ? in_use : usual;

  if (in_use < 0 && used[number])
    {
      for (number = 96; number < 127 && used[number]; number++)
        ;
    }
  used[number] = TRUE;
  return number;
}

static gboolean
offers_clock (BbSdp *self, guint clock_rate)
{
  for (guint c = 0; c < self->config->n_codecs; c++)
    {
      if (bb_codec_get (self->config->codecs[c])->clock_rate == clock_rate)
        return TRUE;
    }
  return FALSE;
}

/* All suites, each with a key of its own; in a call that has one, that one as
 * it is, so that a mere refresh changes nothing. */
static void
offer_cryptos (BbSdp *self, const BbSdpLine *line)
{
  const BbMediaParams *params = self->params;

  explicit_bzero (self->offered_crypto, sizeof self->offered_crypto);
  if (srtp_is (self, "off") || (params != NULL && params->srtp_suite == NULL && !line->secure))
    return;

  for (guint c = 0; c < BB_N_SRTP_SUITES; c++)
    {
      BbSdesCrypto *crypto = &self->offered_crypto[c];
      gboolean current = params != NULL && params->srtp_suite != NULL
                         && params->srtp_suite->id == (BbSrtpSuiteId)c;

      if (params != NULL && params->srtp_suite != NULL && !current)
        continue;
      if (current)
        memcpy (crypto->key, params->srtp_send_key, BB_SRTP_MAX_KEY);
      else if (!bb_sdes_make_key (bb_srtp_suite_get (c), crypto->key))
        continue;
      crypto->suite = bb_srtp_suite_get (c);
      crypto->tag = current ? self->crypto_tag : c + 1;
    }
}

static void
append_offered_line (BbSdp *self, GString *text)
{
  const BbMediaParams *params = self->params;
  const BbSdpLine *line
      = self->remote != NULL ? g_ptr_array_index (self->remote->lines, self->line) : NULL;
  gboolean used[128] = { FALSE };
  guint max_ptime = 60;
  g_autoptr (GString) tail = g_string_new (NULL);

  for (guint c = 0; c < BB_N_CODECS; c++)
    self->offered[c] = -1;
  if (params != NULL)
    {
      used[params->payload_type_receive] = TRUE;
      if (params->dtmf_payload_type_receive >= 0)
        used[params->dtmf_payload_type_receive] = TRUE;
    }

  g_string_append_printf (text, "m=audio %u %s", self->local_rtp_port,
                          line != NULL                  ? line->protocol
                          : srtp_is (self, "required") ? "RTP/SAVP"
                                                       : "RTP/AVP");
  for (guint c = 0; c < self->config->n_codecs; c++)
    {
      const BbCodec *codec = bb_codec_get (self->config->codecs[c]);
      gboolean current = params != NULL && params->codec == codec;
      int number = allocate (used, current ? params->payload_type_receive : -1,
                             (int)codec->preferred_payload_type);

      self->offered[codec->id] = number;
      max_ptime = MIN (max_ptime, codec->max_ptime); /* it holds for the whole line */
      g_string_append_printf (text, " %d", number);
      append_codec (self, tail, codec, (guint)number);
    }
  for (gsize r = 0; r < G_N_ELEMENTS (dtmf_rates); r++)
    {
      guint rate = dtmf_rates[r].clock_rate;
      gboolean current = params != NULL && params->dtmf_payload_type_receive >= 0
                         && self->dtmf_rate == rate;

      self->offered_dtmf[r] = -1;
      if (!offers_clock (self, rate))
        continue;
      self->offered_dtmf[r] = allocate (used, current ? params->dtmf_payload_type_receive : -1,
                                        dtmf_rates[r].payload_type);
      g_string_append_printf (text, " %d", self->offered_dtmf[r]);
      append_dtmf (tail, (guint)self->offered_dtmf[r], rate);
    }
  offer_cryptos (self, line);
  for (gsize c = 0; c < BB_N_SRTP_SUITES; c++)
    if (self->offered_crypto[c].suite != NULL)
      bb_sdes_append (tail, &self->offered_crypto[c]);
  g_string_append_printf (text, "\r\n%s", tail->str);
  explicit_bzero (tail->str, tail->len);
  append_tail (self, text, MIN (self->config->ptime, max_ptime), max_ptime, TRUE,
               BB_MEDIA_SENDRECV);
}

/**
 * bb_sdp_write_offer:
 * @self: the state, after bb_sdp_set_local()
 *
 * All we speak, in our order (late offer, RFC 3261 section 14.2). Within a
 * dialog the lines keep their places and the numbers their meanings.
 *
 * Returns: (transfer full) (nullable): the offer; %NULL without a local address
 */
char *
bb_sdp_write_offer (BbSdp *self)
{
  GString *text;

  g_return_val_if_fail (self->local_address != NULL, NULL);

  text = g_string_new (NULL);
  if (self->remote == NULL)
    append_offered_line (self, text);
  else
    {
      for (guint i = 0; i < self->remote->lines->len; i++)
        {
          if (i == self->line)
            append_offered_line (self, text);
          else
            append_refused (text, g_ptr_array_index (self->remote->lines, i));
        }
    }

  return finish_body (self, text, "0 0");
}
