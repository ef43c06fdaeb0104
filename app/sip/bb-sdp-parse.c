/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-sdp-parse.h"

#include <string.h>

#include <gio/gio.h>
#include <sofia-sip/sdp.h>

#include "bb-sip-agent.h"

static void
format_clear (gpointer data)
{
  BbSdpFormat *format = data;

  g_free (format->encoding);
  g_free (format->fmtp);
}

static void
line_free (gpointer data)
{
  BbSdpLine *line = data;

  g_free (line->type);
  g_free (line->protocol);
  g_free (line->format_list);
  g_free (line->address);
  g_array_unref (line->formats);
  explicit_bzero (line->cryptos->data, line->cryptos->len * sizeof (BbSdesCrypto));
  g_array_unref (line->cryptos);
  g_free (line);
}

/* A decimal number of 0..@max with nothing but white space behind it. */
static gboolean
parse_number (const char *text, guint64 max, guint64 *value)
{
  char *end = NULL;

  if (text == NULL || !g_ascii_isdigit (*text))
    return FALSE;
  *value = g_ascii_strtoull (text, &end, 10);
  return *value <= max && (*end == '\0' || g_ascii_isspace (*end));
}

static const char *
attribute_value (const sdp_media_t *media, const char *name)
{
  const sdp_attribute_t *attribute = sdp_attribute_find (media->m_attributes, name);

  if (attribute == NULL && media->m_session != NULL)
    attribute = sdp_attribute_find (media->m_session->sdp_attributes, name);
  return attribute != NULL ? attribute->a_value : NULL;
}

/* The value of an attribute of the form "NUMBER rest". */
static const char *
mapped_attribute (const sdp_media_t *media, const char *name, guint payload_type)
{
  const sdp_attribute_t *attribute = sdp_attribute_find (media->m_attributes, name);

  for (; attribute != NULL; attribute = sdp_attribute_find (attribute->a_next, name))
    {
      char *end = NULL;
      guint64 number;

      if (attribute->a_value == NULL || !g_ascii_isdigit (attribute->a_value[0]))
        continue;
      number = g_ascii_strtoull (attribute->a_value, &end, 10);
      if (number == payload_type && g_ascii_isspace (*end))
        {
          while (g_ascii_isspace (*end))
            end++;
          return end;
        }
    }

  return NULL;
}

/* "opus/48000/2" */
static void
parse_rtpmap (const char *text, BbSdpFormat *format)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);
  guint64 number;

  if (parts[0] == NULL || parts[1] == NULL)
    return;
  g_free (format->encoding);
  format->encoding = g_strstrip (g_strdup (parts[0]));
  format->clock_rate = parse_number (parts[1], G_MAXUINT32, &number) ? (guint)number : 0;
  format->channels = parse_number (parts[2], 255, &number) ? (guint)number : 0;
}

static void
add_format (BbSdpLine *line, const sdp_media_t *media, guint payload_type, const sdp_rtpmap_t *map)
{
  BbSdpFormat format = { .payload_type = (guint8)payload_type };
  const char *text;
  guint64 number;

  if (payload_type > 127)
    return;

  format.encoding = g_strdup ("");
  if (map != NULL)
    {
      /* sofia has read rtpmap and fmtp (RTP/AVP) */
      g_free (format.encoding);
      format.encoding = g_strdup (map->rm_encoding != NULL ? map->rm_encoding : "");
      format.clock_rate = (guint)MIN (map->rm_rate, G_MAXUINT32);
      format.channels = parse_number (map->rm_params, 255, &number) ? (guint)number : 0;
      format.fmtp = g_strdup (map->rm_fmtp);
    }
  else
    {
      /* RTP/AVPF: sofia leaves the attributes as they are */
      const BbCodec *codec = bb_codec_by_static_payload_type (payload_type);

      if (codec != NULL)
        {
          g_free (format.encoding);
          format.encoding = g_strdup (codec->name);
          format.clock_rate = codec->clock_rate;
        }
      text = mapped_attribute (media, "rtpmap", payload_type);
      if (text != NULL)
        parse_rtpmap (text, &format);
      format.fmtp = g_strdup (mapped_attribute (media, "fmtp", payload_type));
    }

  g_array_append_val (line->formats, format);
}

static void
parse_formats (BbSdpLine *line, const sdp_media_t *media)
{
  GString *list = g_string_new (NULL);

  if (media->m_rtpmaps != NULL)
    {
      for (const sdp_rtpmap_t *map = media->m_rtpmaps; map != NULL; map = map->rm_next)
        {
          g_string_append_printf (list, "%s%u", list->len > 0 ? " " : "", (guint)map->rm_pt);
          if (line->usable)
            add_format (line, media, map->rm_pt, map);
        }
    }
  else
    {
      for (const sdp_list_t *item = media->m_format; item != NULL; item = item->l_next)
        {
          guint64 number;

          g_string_append_printf (list, "%s%s", list->len > 0 ? " " : "", item->l_text);
          if (line->usable && parse_number (item->l_text, 127, &number))
            add_format (line, media, (guint)number, NULL);
        }
    }

  /* the grammar wants at least one, in a refused line too */
  if (list->len == 0)
    g_string_append_c (list, '0');
  line->format_list = g_string_free (list, FALSE);
}

/* The peer's address: numeric, no group. A name would need a resolver in the
 * middle of a call, and a multicast group would make us flood strangers. */
static void
parse_address (BbSdpLine *line, const sdp_media_t *media)
{
  const sdp_connection_t *connection = sdp_media_connections (media);
  g_autoptr (GInetAddress) address = NULL;

  if (connection == NULL || connection->c_address == NULL)
    {
      line->usable = FALSE;
      return;
    }

  address = g_inet_address_new_from_string (connection->c_address);
  if (address == NULL || connection->c_mcast || g_inet_address_get_is_multicast (address))
    {
      line->usable = FALSE;
      return;
    }

  line->address = g_inet_address_to_string (address);
  line->held = g_inet_address_get_is_any (address);
}

static BbMediaDirection
parse_direction (const sdp_media_t *media, gboolean held)
{
  static const struct
  {
    const char *name;
    BbMediaDirection direction;
  } names[] = {
    { "sendrecv", BB_MEDIA_SENDRECV },
    { "sendonly", BB_MEDIA_SENDONLY },
    { "recvonly", BB_MEDIA_RECVONLY },
    { "inactive", BB_MEDIA_INACTIVE },
  };
  /* sofia takes the four attributes out of both levels and leaves the result here */
  BbMediaDirection direction = (BbMediaDirection)media->m_mode;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (sdp_attribute_find (media->m_attributes, names[i].name) != NULL)
        direction = names[i].direction;
    }

  /* c=0.0.0.0 says "don't send to me" (RFC 3264 section 8.4) */
  if (held)
    direction &= ~(guint)BB_MEDIA_RECVONLY;
  return direction;
}

static guint
parse_milliseconds (const sdp_media_t *media, const char *name)
{
  guint64 number;

  return parse_number (attribute_value (media, name), 1000, &number) ? (guint)number : 0;
}

static void
parse_cryptos (BbSdpLine *line, const sdp_media_t *media)
{
  const sdp_attribute_t *attribute = sdp_attribute_find (media->m_attributes, "crypto");

  for (guint n = 0; attribute != NULL && n < BB_SDP_MAX_CRYPTOS; n++)
    {
      const char *why = "no value";
      BbSdesCrypto crypto;
      gboolean good
          = attribute->a_value != NULL && bb_sdes_parse (attribute->a_value, &crypto, &why);

      /* a tag names one line only (RFC 4568 section 5.1.1) */
      for (guint i = 0; good && i < line->cryptos->len; i++)
        if (g_array_index (line->cryptos, BbSdesCrypto, i).tag == crypto.tag)
          {
            good = FALSE;
            why = "a tag that is there twice";
          }
      if (good)
        g_array_append_val (line->cryptos, crypto);
      else
        line->crypto_why = why;
      explicit_bzero (&crypto, sizeof crypto);
      attribute = sdp_attribute_find (attribute->a_next, "crypto");
    }
}

static BbSdpLine *
parse_line (const sdp_media_t *media)
{
  BbSdpLine *line = g_new0 (BbSdpLine, 1);
  const char *protocol = media->m_proto_name != NULL ? media->m_proto_name : "RTP/AVP";
  gboolean audio = media->m_type == sdp_media_audio;
  guint64 port;

  line->formats = g_array_new (FALSE, TRUE, sizeof (BbSdpFormat));
  g_array_set_clear_func (line->formats, format_clear);
  line->cryptos
      = g_array_sized_new (FALSE, TRUE, sizeof (BbSdesCrypto), BB_SDP_MAX_CRYPTOS); /* never moves */
  line->type = g_strdup (media->m_type_name != NULL ? media->m_type_name : "audio");
  line->protocol = g_strdup (protocol);
  line->secure = audio && media->m_port != 0
                 && (g_ascii_strcasecmp (protocol, "RTP/SAVP") == 0
                     || g_ascii_strcasecmp (protocol, "RTP/SAVPF") == 0
                     || g_str_has_prefix (protocol, "UDP/TLS/"));
  line->usable = audio && media->m_port != 0 && media->m_port <= 65535
                 && (g_ascii_strcasecmp (protocol, "RTP/AVP") == 0
                     || g_ascii_strcasecmp (protocol, "RTP/AVPF") == 0
                     || g_ascii_strcasecmp (protocol, "RTP/SAVP") == 0
                     || g_ascii_strcasecmp (protocol, "RTP/SAVPF") == 0);
  if (line->usable)
    {
      line->rtp_port = (guint16)media->m_port;
      parse_address (line, media);
    }
  parse_formats (line, media);
  if (!line->usable)
    return line;

  /* RFC 3605: "53020" or "53020 IN IP4 192.0.2.1" */
  if (parse_number (attribute_value (media, "rtcp"), 65535, &port))
    line->rtcp_port = (guint16)port;
  else
    line->rtcp_port = line->rtp_port < 65535 ? line->rtp_port + 1 : 0;
  line->rtcp_mux = sdp_attribute_find (media->m_attributes, "rtcp-mux") != NULL;
  if (line->rtcp_mux)
    line->rtcp_port = line->rtp_port;
  parse_cryptos (line, media);
  line->ptime = parse_milliseconds (media, "ptime");
  line->maxptime = parse_milliseconds (media, "maxptime");
  line->direction = parse_direction (media, line->held);
  return line;
}

/* RFC 4566 section 9: token-char */
static gboolean
is_token_char (char c)
{
  return c > ' ' && c < 0x7f && strchr ("\"(),/:;<=>?@[\\]", c) == NULL;
}

static const char *
skip_token (const char *p, const char *end)
{
  while (p < end && is_token_char (*p))
    p++;
  return p;
}

static const char *
skip_blanks (const char *p, const char *end)
{
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  return p;
}

/* "audio 49170/2 RTP/AVP 0 8 101": words of token characters. Port and protocol
 * may have slashes between such characters. */
static gboolean
is_sane_media_line (const char *p, const char *end)
{
  guint words = 0;

  for (p = skip_blanks (p, end); p < end; p = skip_blanks (p, end))
    {
      gboolean slashes = words == 1 || words == 2;

      for (;;)
        {
          const char *next = skip_token (p, end);

          if (next == p)
            return FALSE;
          p = next;
          if (!slashes || p == end || *p != '/')
            break;
          p++;
        }
      if (p < end && *p != ' ' && *p != '\t')
        return FALSE;
      words++;
    }

  return words >= 3;
}

/* sofia 1.12 allocates without end on a media line whose list of formats holds
 * a word it can't read: one packet would cost us all memory. So these lines are
 * checked before it sees them. It takes CR and LF alike as ends and skips
 * blanks in front. */
static gboolean
has_sane_media_lines (const char *body, gsize size)
{
  const char *stop = body + size;

  while (body < stop)
    {
      const char *end = body;

      while (end < stop && *end != '\r' && *end != '\n')
        end++;
      body = skip_blanks (body, end);
      if (end - body >= 2 && body[0] == 'm' && body[1] == '=' && !is_sane_media_line (body + 2, end))
        return FALSE;
      body = end + 1;
    }
  return TRUE;
}

/**
 * bb_sdp_body_parse:
 * @body: a message body; need not be terminated
 * @length: its length in bytes, -1: terminated
 * @error: return location for %BB_SIP_ERROR_SDP, one line that says what is wrong
 *
 * Reads a session description (RFC 4566). Whatever comes in, the result is a
 * description or an error.
 *
 * Returns: (transfer full) (nullable): the description
 */
BbSdpBody *
bb_sdp_body_parse (const char *body, gssize length, GError **error)
{
  gsize size = body == NULL ? 0 : (length < 0 ? strlen (body) : (gsize)length);
  BbSdpBody *self = NULL;
  sdp_parser_t *parser;
  const sdp_session_t *session;

  if (size == 0 || size > BB_SDP_MAX_SIZE || memchr (body, '\0', size) != NULL)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP,
                   size == 0 ? "the session description is empty"
                             : (size > BB_SDP_MAX_SIZE ? "the session description is too long"
                                                       : "the session description holds a zero byte"));
      return NULL;
    }

  if (!has_sane_media_lines (body, size))
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP,
                   "malformed session description: unreadable media line");
      return NULL;
    }

  parser = sdp_parse (NULL, body, (issize_t)size, sdp_f_c_missing);
  session = sdp_session (parser);
  if (session == NULL)
    {
      const char *text = sdp_parsing_error (parser);
      g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "unreadable", -1);
      g_autofree char *printable = g_strescape (valid, NULL);

      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP, "malformed session description: %s",
                   printable);
    }
  else if (session->sdp_media == NULL)
    g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP,
                 "malformed session description: no media line");
  else
    {
      self = g_new0 (BbSdpBody, 1);
      self->lines = g_ptr_array_new_with_free_func (line_free);
      self->time = session->sdp_time != NULL
                       ? g_strdup_printf ("%lu %lu", session->sdp_time->t_start,
                                          session->sdp_time->t_stop)
                       : g_strdup ("0 0");
      for (const sdp_media_t *media = session->sdp_media; media != NULL; media = media->m_next)
        g_ptr_array_add (self->lines, parse_line (media));
      if (self->lines->len > BB_SDP_MAX_LINES)
        {
          g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP,
                       "the session description has %u media lines, more than %d",
                       self->lines->len, BB_SDP_MAX_LINES);
          g_clear_pointer (&self, bb_sdp_body_free);
        }
    }
  sdp_parser_free (parser);
  return self;
}

/**
 * bb_sdp_body_free:
 * @self: (nullable) (transfer full): what to free
 */
void
bb_sdp_body_free (BbSdpBody *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->lines);
  g_free (self->time);
  g_free (self);
}

/**
 * bb_sdp_line_find_codec:
 * @self: a media line
 * @codec: one of ours
 *
 * Returns: (transfer none) (nullable): the line's first format of that codec
 */
const BbSdpFormat *
bb_sdp_line_find_codec (const BbSdpLine *self, const BbCodec *codec)
{
  for (guint i = 0; i < self->formats->len; i++)
    {
      const BbSdpFormat *format = &g_array_index (self->formats, BbSdpFormat, i);

      /* Opus is always said to be stereo (RFC 7587 section 7); some forget it */
      if (bb_codec_by_name (format->encoding, format->clock_rate) == codec
          && (format->channels == 0 || format->channels == codec->channels))
        return format;
    }

  return NULL;
}

/**
 * bb_sdp_line_find_dtmf:
 * @self: a media line
 * @clock_rate: Hz; 0: any
 *
 * Returns: (transfer none) (nullable): the line's telephone-event (RFC 4733) of that rate
 */
const BbSdpFormat *
bb_sdp_line_find_dtmf (const BbSdpLine *self, guint clock_rate)
{
  for (guint i = 0; i < self->formats->len; i++)
    {
      const BbSdpFormat *format = &g_array_index (self->formats, BbSdpFormat, i);

      if (g_ascii_strcasecmp (format->encoding, "telephone-event") == 0
          && (clock_rate == 0 || format->clock_rate == clock_rate))
        return format;
    }

  return NULL;
}

/**
 * bb_sdp_fmtp_get:
 * @fmtp: (nullable): "key=value; key=value"
 * @key: case is ignored
 * @value: (out): a decimal number
 *
 * Returns: %TRUE if @key is there with a number
 */
gboolean
bb_sdp_fmtp_get (const char *fmtp, const char *key, guint *value)
{
  g_auto (GStrv) parts = NULL;

  if (fmtp == NULL)
    return FALSE;

  parts = g_strsplit (fmtp, ";", -1);
  for (char **part = parts; *part != NULL; part++)
    {
      char *equals = strchr (*part, '=');
      guint64 number;

      if (equals == NULL)
        continue;
      *equals = '\0';
      if (g_ascii_strcasecmp (g_strstrip (*part), key) == 0
          && parse_number (g_strstrip (equals + 1), G_MAXUINT32, &number))
        {
          *value = (guint)number;
          return TRUE;
        }
    }

  return FALSE;
}
