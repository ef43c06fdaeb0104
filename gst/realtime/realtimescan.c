/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The events that come many times a second, read where they lie: audio and
 * text deltas. No tree is built, base64 is decoded from the message into the
 * chunk that the playout queue keeps.
 *
 * It is strict and in doubt says no: then the text goes the long way through
 * json-glib, which decides what it is or what is wrong with it. What it says
 * yes to reads exactly as on the long way; a test compares the two.
 */
#include "realtimescan.h"

#include <string.h>

#define MAX_DEPTH    8    /* of a field that is passed over */
#define MAX_ELEMENTS 1000 /* of the whole event */

typedef struct
{
  const char *p, *end;
  guint elements;
} Scanner;

/* What stands between the quotes, as written. */
typedef struct
{
  const char *text; /* NULL: there is no such field, or it is no string */
  gsize size;
  gboolean escaped;
} Slice;

enum
{
  FIELD_TYPE,
  FIELD_DELTA,
  FIELD_RESPONSE_ID,
  FIELD_ITEM_ID,
  FIELD_PREVIOUS_ITEM_ID,
  FIELD_CONTENT_INDEX,
  N_FIELDS
};

static const char *const field_names[N_FIELDS] = { "type",    "delta",            "response_id",
                                                   "item_id", "previous_item_id", "content_index" };

static const struct
{
  const char *name;
  GstRealtimeEventType type;
} hot_events[] = {
  { "response.output_audio.delta", GST_REALTIME_EVENT_AUDIO_DELTA },
  { "response.output_audio_transcript.delta", GST_REALTIME_EVENT_TRANSCRIPT_DELTA },
  { "conversation.item.input_audio_transcription.delta",
    GST_REALTIME_EVENT_INPUT_TRANSCRIPT_DELTA },
  { "response.output_text.delta", GST_REALTIME_EVENT_TEXT_DELTA },
  { "response.audio.delta", GST_REALTIME_EVENT_AUDIO_DELTA },
  { "response.audio_transcript.delta", GST_REALTIME_EVENT_TRANSCRIPT_DELTA },
  { "response.text.delta", GST_REALTIME_EVENT_TEXT_DELTA },
};

static gboolean
slice_is (const Slice *slice, const char *text)
{
  return slice->text != NULL && !slice->escaped && slice->size == strlen (text) &&
         memcmp (slice->text, text, slice->size) == 0;
}

static void
skip_space (Scanner *s)
{
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
    s->p++;
}

static gboolean
take (Scanner *s, char c)
{
  if (s->p >= s->end || *s->p != c)
    return FALSE;
  s->p++;
  return TRUE;
}

/* Whether one of the eight bytes is a quote, a backslash, a control character
 * or no ASCII. */
static inline gboolean
is_special (const char *eight)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101), high = ones << 7;
  guint64 v, quote, slash;

  memcpy (&v, eight, 8);
  quote = v ^ (ones * '"');
  slash = v ^ (ones * '\\');
  return ((v | (v - ones * 0x20) | (quote - ones) | (slash - ones)) & high) != 0;
}

static gboolean
take_string (Scanner *s, Slice *slice)
{
  gboolean ascii = TRUE;
  const char *p;

  if (!take (s, '"'))
    return FALSE;
  slice->text = s->p;
  slice->escaped = FALSE;
  for (p = s->p; p < s->end; p++)
    {
      guchar c;

      while (s->end - p >= 8 && !is_special (p))
        p += 8;
      if (p == s->end)
        return FALSE;
      c = *p;
      if (c == '"')
        break;
      if (c < 0x20)
        return FALSE;
      if (c == '\\')
        {
          slice->escaped = TRUE;
          p++;
        }
      else if (c >= 0x80)
        ascii = FALSE;
    }
  if (p >= s->end)
    return FALSE;
  slice->size = p - slice->text;
  s->p = p + 1;
  return ascii || g_utf8_validate_len (slice->text, slice->size, NULL);
}

/* Returns: the code unit of "\uXXXX" behind the backslash; -1: it is none */
static int
code_unit (const char *p, const char *end)
{
  int unit = 0;

  if (end - p < 5 || *p != 'u')
    return -1;
  for (guint i = 1; i < 5; i++)
    {
      int digit = g_ascii_xdigit_value (p[i]);

      if (digit < 0)
        return -1;
      unit = unit << 4 | digit;
    }
  return unit;
}

/* Returns: (transfer full) (nullable): the text; %NULL: json-glib shall see to it */
static char *
unescape (const Slice *slice)
{
  const char *p = slice->text, *end = p + slice->size;
  g_autoptr (GString) text = NULL;

  if (!slice->escaped)
    return g_strndup (slice->text, slice->size);
  text = g_string_sized_new (slice->size);
  while (p < end)
    {
      static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
      const char *slash = memchr (p, '\\', end - p);
      const char *found;
      int unit;

      if (slash == NULL)
        slash = end;
      g_string_append_len (text, p, slash - p);
      if (slash == end)
        break;
      p = slash + 1;
      if (p >= end || *p == '\0')
        return NULL;
      found = strchr (from, *p);
      unit = code_unit (p, end);
      if (found != NULL)
        {
          g_string_append_c (text, to[found - from]);
          p++;
        }
      else if (unit > 0 && (unit < 0xd800 || unit > 0xdfff))
        {
          g_string_append_unichar (text, unit);
          p += 5;
        }
      else if (unit >= 0xd800 && unit < 0xdc00 && end - p >= 11 && p[5] == '\\')
        {
          int low = code_unit (p + 6, end);

          if (low < 0xdc00 || low > 0xdfff)
            return NULL;
          g_string_append_unichar (text, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
          p += 11;
        }
      else
        return NULL;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A plain number, without an exponent and of few digits. @whole: (out) (optional): its
 * value, -1: it isn't whole */
static gboolean
take_number (Scanner *s, gint64 *whole)
{
  gboolean negative = take (s, '-');
  gint64 value = 0;
  const char *start = s->p;

  for (; s->p < s->end && g_ascii_isdigit (*s->p); s->p++)
    value = s->p - start < 9 ? value * 10 + (*s->p - '0') : 0;
  if (s->p == start || s->p - start > 9 || (*start == '0' && s->p - start > 1))
    return FALSE;
  *whole = negative ? -value : value;
  if (take (s, '.'))
    {
      start = s->p;
      while (s->p < s->end && g_ascii_isdigit (*s->p))
        s->p++;
      if (s->p == start || s->p - start > 9)
        return FALSE;
      *whole = G_MAXINT64;
    }
  return s->p < s->end && strchr (",]} \t\r\n", *s->p) != NULL && *s->p != '\0';
}

static gboolean
take_word (Scanner *s, const char *word)
{
  gsize size = strlen (word);

  if ((gsize)(s->end - s->p) <= size || memcmp (s->p, word, size) != 0 ||
      g_ascii_isalnum (s->p[size]) || s->p[size] == '_')
    return FALSE;
  s->p += size;
  return TRUE;
}

static gboolean pass_value (Scanner *s, guint depth);

/* An object or an array that is of no interest. */
static gboolean
pass_container (Scanner *s, char close, guint depth)
{
  s->p++;
  skip_space (s);
  if (take (s, close))
    return TRUE;
  do
    {
      if (++s->elements > MAX_ELEMENTS)
        return FALSE;
      skip_space (s);
      if (close == '}')
        {
          Slice key;

          if (!take_string (s, &key) || key.escaped || key.size == 0)
            return FALSE;
          skip_space (s);
          if (!take (s, ':'))
            return FALSE;
          skip_space (s);
        }
      if (!pass_value (s, depth + 1))
        return FALSE;
      skip_space (s);
    }
  while (take (s, ','));
  return take (s, close);
}

static gboolean
pass_value (Scanner *s, guint depth)
{
  Slice slice;
  gint64 number;

  if (s->p >= s->end || depth > MAX_DEPTH)
    return FALSE;
  switch (*s->p)
    {
    case '"':
      if (!take_string (s, &slice))
        return FALSE;
      if (slice.escaped)
        {
          g_autofree char *text = unescape (&slice);

          return text != NULL;
        }
      return TRUE;
    case '{':
      return pass_container (s, '}', depth);
    case '[':
      return pass_container (s, ']', depth);
    case 't':
      return take_word (s, "true");
    case 'f':
      return take_word (s, "false");
    case 'n':
      return take_word (s, "null");
    default:
      return take_number (s, &number);
    }
}

static int
find_field (const Slice *key)
{
  for (guint i = 0; i < N_FIELDS; i++)
    if (slice_is (key, field_names[i]))
      return i;
  return -1;
}

static int
find_hot (const Slice *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (hot_events); i++)
    if (slice_is (type, hot_events[i].name))
      return i;
  return -1;
}

/* Reads the whole text. Returns: whether there is no doubt about it */
static gboolean
scan (Scanner *s, Slice *fields, gint64 *content_index)
{
  guint seen = 0;

  skip_space (s);
  if (!take (s, '{'))
    return FALSE;
  do
    {
      Slice key;
      int field;

      if (++s->elements > MAX_ELEMENTS)
        return FALSE;
      skip_space (s);
      if (!take_string (s, &key) || key.escaped || key.size == 0)
        return FALSE;
      skip_space (s);
      if (!take (s, ':'))
        return FALSE;
      skip_space (s);
      field = find_field (&key);
      if (field < 0)
        {
          if (!pass_value (s, 0))
            return FALSE;
        }
      else if (seen & 1u << field)
        return FALSE; /* twice: which of them counts is not for us to say */
      else if (field != FIELD_CONTENT_INDEX && s->p < s->end && *s->p == '"')
        {
          if (!take_string (s, &fields[field]))
            return FALSE;
          /* The rest of a long event that isn't ours need not be looked at. */
          if (field == FIELD_TYPE && find_hot (&fields[field]) < 0)
            return FALSE;
        }
      else if (field == FIELD_CONTENT_INDEX && s->p < s->end &&
               (*s->p == '-' || g_ascii_isdigit (*s->p)))
        {
          if (!take_number (s, content_index) || *content_index == G_MAXINT64)
            return FALSE;
        }
      else if (!pass_value (s, 0))
        return FALSE;
      if (field >= 0)
        seen |= 1u << field;
      skip_space (s);
    }
  while (take (s, ','));
  if (!take (s, '}'))
    return FALSE;
  skip_space (s);
  return s->p == s->end && fields[FIELD_TYPE].text != NULL;
}

static gboolean
set_string (char **string, const Slice *slice)
{
  if (slice->text == NULL)
    return TRUE;
  *string = unescape (slice);
  return *string != NULL;
}

static gboolean
set_audio (GstRealtimeEvent *event, const Slice *slice)
{
  gint state = 0;
  guint save = 0;
  guchar *data;
  gsize size;

  if (slice->text == NULL)
    return TRUE;
  if (slice->escaped)
    return FALSE;
  data = g_malloc (slice->size / 4 * 3 + 4);
  size = g_base64_decode_step (slice->text, slice->size, data, &state, &save);
  event->audio = g_bytes_new_take (data, size);
  return TRUE;
}

/**
 * gst_realtime_scan_event:
 * @text: one message of the server, @size bytes, not necessarily valid in any way
 *
 * Returns: (transfer full) (nullable): the event, if it is one of those that
 *   are read here; %NULL: gst_realtime_event_parse() has to look at it
 */
GstRealtimeEvent *
gst_realtime_scan_event (const char *text, gsize size)
{
  Scanner s = { text, text + size, 0 };
  Slice fields[N_FIELDS] = { 0 };
  gint64 content_index = 0;
  g_autoptr (GstRealtimeEvent) event = NULL;
  gboolean sure;
  int hot;

  if (!scan (&s, fields, &content_index))
    return NULL;
  hot = find_hot (&fields[FIELD_TYPE]);
  event = g_new0 (GstRealtimeEvent, 1);
  event->type = hot_events[hot].type;
  event->name = g_strdup (hot_events[hot].name);
  event->content_index = MAX (content_index, 0);
  sure = set_string (&event->response_id, &fields[FIELD_RESPONSE_ID]) &&
         set_string (&event->item_id, &fields[FIELD_ITEM_ID]) &&
         set_string (&event->previous_item_id, &fields[FIELD_PREVIOUS_ITEM_ID]);
  if (event->type == GST_REALTIME_EVENT_AUDIO_DELTA)
    sure = sure && set_audio (event, &fields[FIELD_DELTA]);
  else
    sure = sure && set_string (&event->text, &fields[FIELD_DELTA]);
  return sure ? g_steal_pointer (&event) : NULL;
}
