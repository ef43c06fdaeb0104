/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Words with the times at which they are heard.
 *
 * The service sends an answer's transcript well ahead of its audio, and the
 * audio well ahead of its being played. Where a word lies in the audio it does
 * not tell: a word is taken to lie in an item's audio where it lies in the
 * item's text. As long as more of either is to come, the audio's length is
 * estimated. A word counts as heard when half of it has been; of an answer that
 * is cut off the rest is never told.
 *
 * The caller's words come late, when they have been written down. The service
 * tells when the caller spoke; they are spread over that time.
 *
 * A line ends with a sentence, after a clause when it is long, or when it is
 * full. See GstRealtimeCaptions for the two ways of telling lines.
 */
#include "realtimetranscript.h"

#include <string.h>

#define MS_PER_BYTE  60 /* of speech, while its length is unknown: some 16 letters a second */
#define LONG_LINE    42 /* bytes after which a comma ends a line */
#define FULL_LINE    84 /* two lines of a subtitle */
#define LONG_WORD    60 /* bytes: what has no blanks is broken all the same */
#define MAX_ITEMS    64
#define PAUSE        (40 * GST_MSECOND)  /* longer: playing stood still */
#define SLICE        (100 * GST_MSECOND) /* live: how long a text or its absence is told ahead */
#define LINGER       (2 * GST_SECOND)    /* live: a text stays after its last word */
#define LEAD         (1 * GST_SECOND)    /* live: without text at the start */
#define LINES_GAP    (200 * GST_MSECOND) /* lines: how often the time is told that holds none */
#define SPEECH_DELAY (1 * GST_SECOND)    /* from the caller's first word to our hearing of it */
#define TEXT_DELAY   (5 * GST_SECOND)    /* from the caller's last word to the transcript */

typedef struct
{
  guint ms;         /* of the item's audio */
  GstClockTime pts; /* when it left */
} Mark;

typedef struct
{
  char *id;
  GstRealtimeSpeaker speaker;
  GString *text;
  gboolean final;
  gboolean closed; /* no word more will be told */

  /* The assistant's. */
  gboolean written;  /* text without audio */
  gboolean seen;     /* in the playout */
  gboolean finished; /* all of it has left */
  gint cut_ms;       /* what was heard of it when it was cut off; -1: it was not */
  guint left_ms, heard_ms, received_ms;
  gboolean complete;
  GArray *marks; /* Mark: where playing began, or went on after standing still */

  /* The user's. */
  GstClockTime from, to; /* NONE: unknown */
  GstClockTime deadline; /* lines: until when other lines wait for this one */

  gsize told;      /* bytes of text that are in lines */
  gsize line_from; /* bytes; the line that is open, if it is not told */
  GstClockTime line_start, line_end;
} Said;

struct _GstRealtimeTranscript
{
  GstRealtimeSpeaker speakers;
  GstRealtimeCaptions captions;
  GQueue items; /* Said, in order of appearance */
  GQueue lines; /* GstRealtimeCue, complete, by start; they wait for an earlier one */
  GQueue out;   /* GstRealtimeCue, in the order in which they go */
  GstClockTime now;
  GstClockTime position; /* nothing can start earlier any more */
  GstClockTime covered;  /* the end of what was told */

  /* Live. */
  char *caption;
  GstRealtimeSpeaker caption_speaker;
  GstClockTime expires; /* NONE: as long as it is being spoken */
};

void
gst_realtime_cue_free (GstRealtimeCue *cue)
{
  g_free (cue->text);
  g_free (cue);
}

static void
said_free (Said *said)
{
  g_free (said->id);
  g_string_free (said->text, TRUE);
  g_array_unref (said->marks);
  g_free (said);
}

GstRealtimeTranscript *
gst_realtime_transcript_new (void)
{
  GstRealtimeTranscript *self = g_new0 (GstRealtimeTranscript, 1);

  self->speakers = GST_REALTIME_SPEAKER_BOTH;
  g_queue_init (&self->items);
  g_queue_init (&self->lines);
  g_queue_init (&self->out);
  gst_realtime_transcript_reset (self);
  return self;
}

/* A new session begins. */
void
gst_realtime_transcript_reset (GstRealtimeTranscript *self)
{
  g_queue_clear_full (&self->items, (GDestroyNotify)said_free);
  g_queue_clear_full (&self->lines, (GDestroyNotify)gst_realtime_cue_free);
  g_queue_clear_full (&self->out, (GDestroyNotify)gst_realtime_cue_free);
  g_clear_pointer (&self->caption, g_free);
  self->now = GST_CLOCK_TIME_NONE;
  self->position = 0;
  self->covered = 0;
  self->expires = GST_CLOCK_TIME_NONE;
}

void
gst_realtime_transcript_free (GstRealtimeTranscript *self)
{
  gst_realtime_transcript_reset (self);
  g_free (self);
}

void
gst_realtime_transcript_set_speakers (GstRealtimeTranscript *self, GstRealtimeSpeaker which)
{
  self->speakers = which;
}

void
gst_realtime_transcript_set_captions (GstRealtimeTranscript *self, GstRealtimeCaptions how)
{
  self->captions = how;
}

static Said *
get_item (GstRealtimeTranscript *self, GstRealtimeSpeaker speaker, const char *id)
{
  Said *said;

  for (GList *l = self->items.tail; l != NULL; l = l->prev)
    if (strcmp (((Said *)l->data)->id, id) == 0)
      return l->data;
  if (g_queue_get_length (&self->items) >= MAX_ITEMS)
    said_free (g_queue_pop_head (&self->items));
  said = g_new0 (Said, 1);
  said->id = g_strdup (id);
  said->speaker = speaker;
  said->text = g_string_new (NULL);
  said->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  said->cut_ms = -1;
  said->from = said->to = said->deadline = GST_CLOCK_TIME_NONE;
  g_queue_push_tail (&self->items, said);
  return said;
}

/* ---- where a word lies ------------------------------------------------- */

/* Of the item's audio, ms. */
static guint
length_ms (const Said *said)
{
  return said->complete ? said->received_ms
                        : MAX (said->received_ms, (guint)said->text->len * MS_PER_BYTE);
}

static guint
ms_of_byte (const Said *said, gsize at)
{
  return said->text->len > 0 ? gst_util_uint64_scale (at, length_ms (said), said->text->len) : 0;
}

static GstClockTime
time_of_byte (const Said *said, gsize at)
{
  const Mark *mark = NULL;
  guint ms;

  if (said->speaker == GST_REALTIME_SPEAKER_USER || said->marks->len == 0)
    return said->from + gst_util_uint64_scale (said->to - said->from, at, MAX (said->text->len, 1));

  ms = ms_of_byte (said, at);
  for (guint i = 0; i < said->marks->len; i++)
    if (mark == NULL || g_array_index (said->marks, Mark, i).ms <= ms)
      mark = &g_array_index (said->marks, Mark, i);
  return mark->pts + (ms > mark->ms ? (ms - mark->ms) * GST_MSECOND : 0);
}

/* The word after @from. Returns: %FALSE if there is none, or it may go on */
static gboolean
next_word (const Said *said, gsize from, gsize *start, gsize *end)
{
  const char *text = said->text->str;
  gsize at = from;

  while (g_ascii_isspace (text[at]))
    at++;
  *start = at;
  while (text[at] != '\0' && !g_ascii_isspace (text[at]))
    {
      if (at - *start >= LONG_WORD)
        {
          *end = at;
          return TRUE;
        }
      at += g_utf8_skip[(guchar)text[at]];
    }
  *end = MIN (at, said->text->len);
  return *end > *start && (text[*end] != '\0' || said->final);
}

/* Whether a line is at its end with this word of it. */
static gboolean
ends_line (const Said *said, gsize start, gsize end)
{
  static const char *const stops[] = { ".", "!", "?", "…", "。", "！", "？" };
  static const char *const commas[] = { ",", ";", ":", "–", "、", "，" };
  const char *text = said->text->str;
  g_autofree char *word = g_strndup (text + start, end - start);
  gboolean number = TRUE;
  gsize next_start, next_end;

  for (const char *c = word; *c != '\0'; c++)
    number &= g_ascii_isdigit (*c) || *c == '.';
  for (guint i = 0; i < G_N_ELEMENTS (stops) && !number; i++) /* "am 3. Mai" */
    if (g_str_has_suffix (word, stops[i]))
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (commas) && end - said->line_from >= LONG_LINE; i++)
    if (g_str_has_suffix (word, commas[i]))
      return TRUE;
  return next_word (said, end, &next_start, &next_end) && next_end - said->line_from > FULL_LINE;
}

/* ---- lines ------------------------------------------------------------- */

static int
compare_start (gconstpointer a, gconstpointer b, gpointer data)
{
  const GstRealtimeCue *one = a, *other = b;

  return one->start < other->start ? -1 : one->start > other->start;
}

static char *
open_line (const Said *said)
{
  char *text = g_strndup (said->text->str + said->line_from, said->told - said->line_from);

  g_strdelimit (text, "\r\n\t", ' ');
  return g_strstrip (text);
}

static void
set_caption (GstRealtimeTranscript *self, const Said *said, GstClockTime expires)
{
  g_free (self->caption);
  self->caption = open_line (said);
  self->caption_speaker = said->speaker;
  self->expires = expires;
}

static void
end_line (GstRealtimeTranscript *self, Said *said)
{
  GstRealtimeCue *cue;

  if (said->told == said->line_from)
    return;
  if (self->captions == GST_REALTIME_CAPTIONS_LIVE)
    set_caption (self, said, self->now + LINGER);
  else
    {
      cue = g_new0 (GstRealtimeCue, 1);
      cue->text = open_line (said);
      cue->speaker = said->speaker;
      cue->start = said->line_start;
      cue->end = MAX (said->line_end, cue->start + GST_MSECOND);
      g_queue_insert_sorted (&self->lines, cue, compare_start, NULL);
    }
  said->line_from = said->told;
}

/* Tells the words whose middle is at @ms of the audio or before. */
static void
tell_words (GstRealtimeTranscript *self, Said *said, guint ms)
{
  gboolean more = FALSE;
  gsize start, end;

  while (next_word (said, said->told, &start, &end) && ms_of_byte (said, (start + end) / 2) <= ms)
    {
      if (said->told == said->line_from)
        {
          said->line_from = start;
          said->line_start = MAX (time_of_byte (said, start), said->line_end);
        }
      said->told = end;
      said->line_end = MAX (time_of_byte (said, end), said->line_start);
      more = TRUE;
      if (ends_line (said, start, end))
        {
          end_line (self, said);
          more = FALSE;
        }
    }
  if (more && self->captions == GST_REALTIME_CAPTIONS_LIVE)
    set_caption (self, said, GST_CLOCK_TIME_NONE);
}

static void
close_item (GstRealtimeTranscript *self, Said *said)
{
  end_line (self, said);
  said->closed = TRUE;
}

/* All of it, spread over the time from said->from to said->to. */
static void
tell_all (GstRealtimeTranscript *self, Said *said)
{
  said->final = TRUE;
  said->complete = FALSE;
  tell_words (self, said, G_MAXUINT);
  close_item (self, said);
  if (self->captions == GST_REALTIME_CAPTIONS_LIVE && self->caption != NULL)
    self->expires = self->now + MAX (LINGER, strlen (self->caption) * MS_PER_BYTE * GST_MSECOND);
}

/* ---- facts ------------------------------------------------------------- */

static GstClockTime
get_now (GstRealtimeTranscript *self)
{
  return GST_CLOCK_TIME_IS_VALID (self->now) ? self->now : 0;
}

/**
 * gst_realtime_transcript_add_text:
 * @text: all of the item so far
 * @final: nothing more will come
 */
void
gst_realtime_transcript_add_text (GstRealtimeTranscript *self,
                                  GstRealtimeSpeaker speaker,
                                  const char *item_id,
                                  const char *text,
                                  gboolean final)
{
  Said *said;

  if (!(self->speakers & speaker) || item_id == NULL || text == NULL ||
      !g_utf8_validate (text, -1, NULL))
    return;
  said = get_item (self, speaker, item_id);
  if (said->closed || said->final)
    return;
  /* What is told stands, whatever the final version makes of it. */
  if (strncmp (said->text->str, text, said->told) != 0)
    {
      if (!final)
        return;
    }
  else
    g_string_assign (said->text, text);
  said->final = final;

  if (speaker == GST_REALTIME_SPEAKER_USER && !final)
    {
      if (self->captions == GST_REALTIME_CAPTIONS_LIVE)
        {
          gsize whole = said->text->len;

          said->told = whole; /* for the time being */
          said->line_from = whole > FULL_LINE ? whole - FULL_LINE : 0;
          while (said->line_from > 0 && !g_ascii_isspace (said->text->str[said->line_from]) &&
                 said->line_from < whole)
            said->line_from++;
          set_caption (self, said, get_now (self) + LINGER);
          said->told = said->line_from = 0;
        }
    }
  else if (final && (speaker == GST_REALTIME_SPEAKER_USER || said->written))
    {
      GstClockTime length = said->text->len * MS_PER_BYTE * GST_MSECOND;

      if (said->written)
        {
          said->from = get_now (self);
          said->to = said->from + length;
        }
      if (!GST_CLOCK_TIME_IS_VALID (said->to))
        said->to = get_now (self);
      if (!GST_CLOCK_TIME_IS_VALID (said->from))
        said->from = said->to > length ? said->to - length : 0;
      said->to = MAX (said->to, said->from);
      tell_all (self, said);
    }
}

/* The item is text and will never be heard: it is told when it is complete. */
void
gst_realtime_transcript_add_written (GstRealtimeTranscript *self, const char *item_id)
{
  if (item_id != NULL && (self->speakers & GST_REALTIME_SPEAKER_ASSISTANT))
    get_item (self, GST_REALTIME_SPEAKER_ASSISTANT, item_id)->written = TRUE;
}

/* The caller began (@started) or ceased to speak at @at, running time. */
void
gst_realtime_transcript_add_speech (GstRealtimeTranscript *self,
                                    const char *item_id,
                                    gboolean started,
                                    GstClockTime at)
{
  Said *said;

  if (item_id == NULL || !(self->speakers & GST_REALTIME_SPEAKER_USER))
    return;
  said = get_item (self, GST_REALTIME_SPEAKER_USER, item_id);
  if (said->closed)
    return;
  if (started)
    said->from = at;
  else
    {
      said->to = at;
      if (!GST_CLOCK_TIME_IS_VALID (said->from) || said->from > at)
        said->from = at;
    }
  said->deadline = MAX (get_now (self), at) + TEXT_DELAY;
}

void
gst_realtime_transcript_add_notice (GstRealtimeTranscript *self, const GstRealtimeNotice *notice)
{
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      Said *said = l->data;

      if (g_strcmp0 (said->id, notice->item_id) != 0)
        continue;
      if (notice->type == GST_REALTIME_NOTICE_FINISHED)
        said->finished = TRUE;
      else if (notice->type == GST_REALTIME_NOTICE_INTERRUPTED)
        said->cut_ms = notice->played_ms;
    }
}

/* ---- time -------------------------------------------------------------- */

static void
play_item (GstRealtimeTranscript *self, Said *said, const GstRealtimePosition *position)
{
  said->seen = TRUE;
  said->received_ms = position->received_ms;
  said->complete = position->complete;
  if (position->left_ms > said->left_ms)
    {
      guint advance = position->left_ms - said->left_ms;
      GstClockTime span = advance * GST_MSECOND;
      Mark mark = { said->left_ms, self->now > span ? self->now - span : 0 };
      const Mark *last =
          said->marks->len > 0 ? &g_array_index (said->marks, Mark, said->marks->len - 1) : NULL;

      if (last == NULL || mark.pts > last->pts + (mark.ms - last->ms) * GST_MSECOND + PAUSE)
        g_array_append_val (said->marks, mark);
      said->left_ms = position->left_ms;
    }
  said->heard_ms = position->heard_ms;
  if (said->marks->len > 0)
    tell_words (self, said,
                self->captions == GST_REALTIME_CAPTIONS_LIVE ? said->left_ms : said->heard_ms);
}

/* It is in the playout no longer. */
static void
leave_item (GstRealtimeTranscript *self, Said *said)
{
  if (said->cut_ms >= 0)
    tell_words (self, said, said->cut_ms);
  else if (!said->finished)
    tell_words (self, said, said->heard_ms);
  else
    {
      /* Its last words are on their way, but not for ever. */
      if (!GST_CLOCK_TIME_IS_VALID (said->deadline))
        said->deadline = self->now + LINGER;
      if (!said->final && self->now < said->deadline)
        return;
      said->final = TRUE;
      tell_words (self, said, G_MAXUINT);
    }
  close_item (self, said);
}

static void
tell_gap (GstRealtimeTranscript *self, GstClockTime end)
{
  GstRealtimeCue *last = g_queue_peek_tail (&self->out);

  if (last == NULL || last->text != NULL || last->end != self->covered)
    {
      last = g_new0 (GstRealtimeCue, 1);
      last->start = self->covered;
      g_queue_push_tail (&self->out, last);
    }
  last->end = end;
  self->covered = end;
}

/* Lines: what can't be preceded by anything any more. */
static void
tell_lines (GstRealtimeTranscript *self, GstClockTime until)
{
  GstRealtimeCue *cue;

  while ((cue = g_queue_peek_head (&self->lines)) != NULL && cue->start <= until)
    {
      g_queue_pop_head (&self->lines);
      cue->start = MAX (cue->start, self->position);
      cue->end = MAX (cue->end, cue->start + GST_MSECOND);
      if (cue->start > self->covered)
        tell_gap (self, cue->start);
      self->position = cue->start;
      self->covered = MAX (self->covered, cue->end);
      g_queue_push_tail (&self->out, cue);
    }
  self->position = MAX (self->position, until);
  if (until > self->covered + LINES_GAP)
    tell_gap (self, until);
}

/* Before which nothing can begin that is not told yet. */
static GstClockTime
get_horizon (GstRealtimeTranscript *self)
{
  GstClockTime horizon = self->now;

  if (self->speakers & GST_REALTIME_SPEAKER_USER)
    horizon = horizon > SPEECH_DELAY ? horizon - SPEECH_DELAY : 0;
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      Said *said = l->data;

      if (said->closed)
        continue;
      if (said->told > said->line_from)
        horizon = MIN (horizon, said->line_start);
      else if (said->speaker == GST_REALTIME_SPEAKER_ASSISTANT && said->marks->len > 0)
        horizon = MIN (horizon, MAX (time_of_byte (said, said->told), said->line_end));
      else if (said->speaker == GST_REALTIME_SPEAKER_USER &&
               GST_CLOCK_TIME_IS_VALID (said->from) &&
               (!GST_CLOCK_TIME_IS_VALID (said->to) || self->now < said->deadline))
        horizon = MIN (horizon, said->from);
    }
  return horizon;
}

static void
tell_live (GstRealtimeTranscript *self)
{
  GstRealtimeCue *cue;

  if (GST_CLOCK_TIME_IS_VALID (self->expires) && self->now >= self->expires)
    {
      g_clear_pointer (&self->caption, g_free);
      self->expires = GST_CLOCK_TIME_NONE;
    }
  if (self->now + GST_MSECOND < self->covered)
    return;
  if (self->now > self->covered + PAUSE)
    tell_gap (self, self->now);
  if (self->caption == NULL || *self->caption == '\0')
    {
      tell_gap (self, MAX (self->now, self->covered) + SLICE);
      return;
    }
  cue = g_new0 (GstRealtimeCue, 1);
  cue->text = g_strdup (self->caption);
  cue->speaker = self->caption_speaker;
  cue->start = self->covered;
  cue->end = self->covered = MAX (self->now, self->covered) + SLICE;
  g_queue_push_tail (&self->out, cue);
}

/**
 * gst_realtime_transcript_advance:
 * @now: the running time at the end of the buffer that has left
 * @positions: what is in the playout, or left and is still held downstream
 *
 * To be called once for each buffer, after its notices.
 */
void
gst_realtime_transcript_advance (GstRealtimeTranscript *self,
                                 GstClockTime now,
                                 const GstRealtimePosition *positions,
                                 guint n_positions)
{
  if (!GST_CLOCK_TIME_IS_VALID (self->now) && self->captions == GST_REALTIME_CAPTIONS_LIVE)
    self->covered = MAX (self->covered, now);
  self->now = GST_CLOCK_TIME_IS_VALID (self->now) ? MAX (self->now, now) : now;

  /* Words may come later than their audio. */
  for (guint i = 0; i < n_positions && (self->speakers & GST_REALTIME_SPEAKER_ASSISTANT); i++)
    get_item (self, GST_REALTIME_SPEAKER_ASSISTANT, positions[i].item_id);
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      Said *said = l->data;
      const GstRealtimePosition *position = NULL;

      if (said->closed || said->speaker != GST_REALTIME_SPEAKER_ASSISTANT)
        continue;
      for (guint i = 0; i < n_positions; i++)
        if (g_strcmp0 (positions[i].item_id, said->id) == 0)
          position = &positions[i];
      if (position != NULL)
        play_item (self, said, position);
      else if (said->seen)
        leave_item (self, said);
    }
  if (self->captions == GST_REALTIME_CAPTIONS_LIVE)
    tell_live (self);
  else
    tell_lines (self, get_horizon (self));
}

/* The stream begins. Sinks are ready only when something has come, and nothing
 * leaves before they are: so in live captions the first moments are told to be
 * empty. Returns: the end of what is told; NONE: of no length */
GstClockTime
gst_realtime_transcript_begin (GstRealtimeTranscript *self, GstClockTime now)
{
  if (self->captions != GST_REALTIME_CAPTIONS_LIVE)
    return GST_CLOCK_TIME_NONE;
  self->covered = MAX (self->covered, now + LEAD);
  return self->covered;
}

/* The stream ends: what was heard and not told is told now. */
void
gst_realtime_transcript_end (GstRealtimeTranscript *self)
{
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      Said *said = l->data;

      if (!said->closed && said->seen && said->finished)
        said->final = TRUE;
      if (!said->closed && said->seen)
        leave_item (self, said);
    }
  if (self->captions == GST_REALTIME_CAPTIONS_LINES)
    {
      GstRealtimeCue *last = g_queue_peek_tail (&self->lines);

      tell_lines (self, MAX (last != NULL ? last->start : 0, self->position));
    }
}

/* Returns: whether the caller has spoken words that are still being written down */
gboolean
gst_realtime_transcript_is_waiting (GstRealtimeTranscript *self)
{
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      Said *said = l->data;

      if (said->speaker == GST_REALTIME_SPEAKER_USER && !said->closed &&
          GST_CLOCK_TIME_IS_VALID (said->deadline) && get_now (self) < said->deadline)
        return TRUE;
    }
  return FALSE;
}

gboolean
gst_realtime_transcript_has_cue (GstRealtimeTranscript *self)
{
  return !g_queue_is_empty (&self->out);
}

/* Returns: (transfer full) (nullable): what goes downstream next */
GstRealtimeCue *
gst_realtime_transcript_pop (GstRealtimeTranscript *self)
{
  return g_queue_pop_head (&self->out);
}

/* A flush: what has not gone is forgotten. */
void
gst_realtime_transcript_drop_cues (GstRealtimeTranscript *self)
{
  g_queue_clear_full (&self->out, (GDestroyNotify)gst_realtime_cue_free);
}
