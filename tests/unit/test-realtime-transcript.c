/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Words with the times at which they are heard: paced, cut, in order, whole. */
#include "realtimetranscript.h"

#include <string.h>

#define MS    GST_MSECOND
#define FRAME 20 /* ms */

typedef struct
{
  GstRealtimeTranscript *t;
  GString *log; /* what went downstream: "start-end:text", gaps left out */
  GstClockTime next; /* nothing was left out, nothing overlapped where it must not */
  guint now, left, received, held;
  gboolean playing, complete;
} World;

static World *
world_new (GstRealtimeCaptions captions, GstRealtimeSpeaker speakers)
{
  World *w = g_new0 (World, 1);

  w->t = gst_realtime_transcript_new ();
  w->log = g_string_new (NULL);
  gst_realtime_transcript_set_captions (w->t, captions);
  gst_realtime_transcript_set_speakers (w->t, speakers);
  return w;
}

static void
world_free (World *w)
{
  gst_realtime_transcript_free (w->t);
  g_string_free (w->log, TRUE);
  g_free (w);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static void
drain (World *w)
{
  GstRealtimeCue *cue;

  while ((cue = gst_realtime_transcript_pop (w->t)) != NULL)
    {
      g_assert_cmpuint (cue->end, >, cue->start);
      if (cue->text != NULL)
        g_string_append_printf (w->log, "%u-%u:%s|", (guint)(cue->start / MS),
                                (guint)(cue->end / MS), cue->text);
      else
        g_assert_cmpuint (cue->start, ==, w->next); /* a gap starts where the last one ended */
      w->next = MAX (w->next, cue->end);
      gst_realtime_cue_free (cue);
    }
}

/* Lets time pass, and the item "a" play if it does. */
static void
pass (World *w, guint ms)
{
  for (guint i = 0; i < ms; i += FRAME)
    {
      GstRealtimePosition position = { (char *)"a" };

      w->now += FRAME;
      if (w->playing)
        w->left = MIN (w->left + FRAME, w->received);
      position.left_ms = w->left;
      position.heard_ms = w->left > w->held ? w->left - w->held : 0;
      position.received_ms = w->received;
      position.complete = w->complete;
      gst_realtime_transcript_advance (w->t, w->now * MS, &position,
                                       w->left > 0 && w->received > 0 ? 1 : 0);
      drain (w);
    }
}

static void
leave (World *w, GstRealtimeNoticeType type, guint played_ms)
{
  GstRealtimeNotice notice = { type, (char *)"a", played_ms, -1 };

  gst_realtime_transcript_add_notice (w->t, &notice);
  w->received = 0; /* no longer in the playout */
}

static void
say (World *w, const char *text, gboolean final)
{
  gst_realtime_transcript_add_text (w->t, GST_REALTIME_SPEAKER_ASSISTANT, "a", text, final);
}

static void
hear (World *w, const char *id, const char *text, gboolean final)
{
  gst_realtime_transcript_add_text (w->t, GST_REALTIME_SPEAKER_USER, id, text, final);
}

#define assert_log(w, expected) g_assert_cmpstr ((w)->log->str, ==, expected)

/* The text is there at once; its lines come when they have been heard, with
 * the times at which they were. */
static void
test_paced (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_ASSISTANT);

  pass (w, 1000);
  say (w, "Zehn Bytes. Andere 10.", TRUE); /* 22 bytes, 220 ms for each ten of 2200 */
  w->received = 2200;
  w->complete = w->playing = TRUE;
  pass (w, 780);
  assert_log (w, "");
  pass (w, FRAME); /* the middle of its last word */
  assert_log (w, "1000-2100:Zehn Bytes.|");
  pass (w, 1400);
  leave (w, GST_REALTIME_NOTICE_FINISHED, 2200);
  pass (w, FRAME);
  assert_log (w, "1000-2100:Zehn Bytes.|2200-3200:Andere 10.|");
  pass (w, 1000);
  assert_log (w, "1000-2100:Zehn Bytes.|2200-3200:Andere 10.|");
  g_assert_cmpuint (w->next, >=, 4000 * MS); /* gaps follow the time */
}

/* What was heard of an answer that was cut off is told, the rest never, even
 * when its transcript comes afterwards. With @held: less than what left. */
static void
test_cut (gconstpointer data)
{
  guint held = GPOINTER_TO_UINT (data);
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_BOTH);

  say (w, "eins zwei drei vier fünf", FALSE);
  w->received = 2500;
  w->complete = w->playing = TRUE;
  w->held = held;
  pass (w, 1000 + held);
  leave (w, GST_REALTIME_NOTICE_INTERRUPTED, 1000);
  pass (w, FRAME);
  say (w, "eins zwei drei vier fünf sechs sieben.", TRUE);
  pass (w, 3000);
  assert_log (w, "0-900:eins zwei|");
  gst_realtime_transcript_end (w->t);
  drain (w);
  assert_log (w, "0-900:eins zwei|");
}

/* Playing stands still in the middle: the later words are as much later. */
static void
test_pause (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_ASSISTANT);

  say (w, "Ein Satz. Ein Satz.", TRUE);
  w->received = 1900;
  w->complete = w->playing = TRUE;
  pass (w, 940);
  w->playing = FALSE;
  pass (w, 5000);
  w->playing = TRUE;
  pass (w, 960);
  leave (w, GST_REALTIME_NOTICE_FINISHED, 1900);
  pass (w, FRAME);
  assert_log (w, "0-900:Ein Satz.|6000-6900:Ein Satz.|");
}

/* Before all of either is known, words are not told early, and each once. */
static void
test_growing (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_ASSISTANT);

  say (w, "Guten Tag, hier ist die Bestell", FALSE);
  w->received = 300;
  w->playing = TRUE;
  pass (w, 300);
  say (w, "Guten Tag, hier ist die Bestellannahme. Bitte?", FALSE);
  w->received = 2000;
  pass (w, 1000);
  assert_log (w, "");
  say (w, "Guten Tag, hier ist die Bestellannahme. Bitte?", TRUE);
  w->complete = TRUE;
  pass (w, 700);
  leave (w, GST_REALTIME_NOTICE_FINISHED, 2000);
  pass (w, FRAME);
  g_assert_nonnull (strstr (w->log->str, ":Guten Tag, hier ist die Bestellannahme.|"));
  g_assert_nonnull (strstr (w->log->str, "-2000:Bitte?|"));
}

/* The transcript's last words come after the audio has left, or never. */
static void
test_late_words (gconstpointer data)
{
  gboolean never = GPOINTER_TO_INT (data);
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_ASSISTANT);

  say (w, "Das war", FALSE);
  w->received = 500;
  w->complete = w->playing = TRUE;
  pass (w, 500);
  leave (w, GST_REALTIME_NOTICE_FINISHED, 500);
  pass (w, 100);
  if (!never)
    say (w, "Das war es.", TRUE);
  pass (w, 4000);
  g_assert_nonnull (strstr (w->log->str, never ? ":Das war|" : ":Das war es.|"));
  g_assert_cmpuint (w->next, >=, 4000 * MS); /* nothing is waited for any more */
}

/* A line ends with a sentence, after a long clause, or when it is full; not
 * after an ordinal. */
static void
test_lines (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_ASSISTANT);
  g_autofree char *blank_free = g_strnfill (200, 'x');
  g_autofree char *text = g_strdup_printf (
      "Ja. Am 3. Mai kommt alles, was Sie gestern Abend bei uns bestellt haben, und zwar mit der "
      "Bahn und nicht wie sonst mit dem Lastwagen der Firma nebenan oder %s", blank_free);

  say (w, text, TRUE);
  w->received = 100;
  w->complete = w->playing = TRUE;
  pass (w, 100);
  leave (w, GST_REALTIME_NOTICE_FINISHED, 100);
  pass (w, FRAME);
  g_assert_nonnull (strstr (w->log->str, ":Ja.|"));
  g_assert_nonnull (strstr (w->log->str, ":Am 3. Mai kommt alles, was Sie gestern Abend bei uns bestellt haben,|"));
  {
    g_auto (GStrv) lines = g_strsplit (w->log->str, "|", -1);
    g_autoptr (GString) joined = g_string_new (NULL);

    for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
      {
        const char *line = strchr (lines[i], ':') + 1;

        g_assert_cmpuint (strlen (line), <=, 84 + 1);
        g_string_append (joined, line);
      }
    /* All of it, whatever the blanks. */
    {
      g_auto (GStrv) a = g_strsplit (joined->str, " ", -1), b = g_strsplit (text, " ", -1);
      g_autofree char *one = g_strjoinv ("", a), *other = g_strjoinv ("", b);

      g_assert_cmpstr (one, ==, other);
    }
  }
}

/* The caller's words come when the answer is already being spoken: they stand
 * before it all the same, over the time in which they were spoken. */
static void
test_both (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_BOTH);

  pass (w, 1500);
  gst_realtime_transcript_add_speech (w->t, "u", TRUE, 1000 * MS);
  pass (w, 1500);
  gst_realtime_transcript_add_speech (w->t, "u", FALSE, 2800 * MS);
  say (w, "Gern.", TRUE);
  w->received = 500;
  w->complete = w->playing = TRUE;
  pass (w, 500);
  leave (w, GST_REALTIME_NOTICE_FINISHED, 500);
  pass (w, 1500);
  assert_log (w, "");
  hear (w, "u", "Zehn", FALSE);
  hear (w, "u", "Zehn Bögen bitte.", TRUE);
  pass (w, FRAME);
  assert_log (w, "1000-2800:Zehn Bögen bitte.|3000-3500:Gern.|");
}

/* A transcript that doesn't come holds nothing up for ever; late, it stands
 * where there is room. No VAD: before the moment at which it comes. */
static void
test_user_late (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_USER);

  pass (w, 1000);
  gst_realtime_transcript_add_speech (w->t, "u", TRUE, 500 * MS);
  gst_realtime_transcript_add_speech (w->t, "u", FALSE, 1000 * MS);
  pass (w, 8000);
  g_assert_cmpuint (w->next, >=, 7500 * MS);
  hear (w, "u", "Hallo?", TRUE);
  pass (w, FRAME);
  g_assert_nonnull (strstr (w->log->str, ":Hallo?|"));
  hear (w, "v", "Ja.", TRUE);
  pass (w, 2000);
  g_assert_nonnull (strstr (w->log->str, "|8840-9020:Ja.|"));
  /* The other's words are not for this pad. */
  g_string_truncate (w->log, 0);
  say (w, "Nein.", TRUE);
  gst_realtime_transcript_end (w->t);
  drain (w);
  assert_log (w, "");
}

/* Text that is never heard is told when it is complete. */
static void
test_written (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LINES, GST_REALTIME_SPEAKER_ASSISTANT);

  pass (w, 1000);
  say (w, "Nur", FALSE);
  gst_realtime_transcript_add_written (w->t, "a");
  say (w, "Nur Text.", TRUE);
  pass (w, 1000);
  assert_log (w, "1000-1540:Nur Text.|");
}

/* Live: always as far as now, and a tenth of a second ahead; the words grow,
 * stay a while, and go. */
static void
test_live (void)
{
  g_autoptr (World) w = world_new (GST_REALTIME_CAPTIONS_LIVE, GST_REALTIME_SPEAKER_BOTH);
  char *first, *second;

  w->now = 10000;
  w->next = 10020 * MS;
  pass (w, 500);
  g_assert_cmpuint (w->next, >=, w->now * MS);
  assert_log (w, "");
  say (w, "eins zwei drei", TRUE);
  w->received = 1400;
  w->complete = w->playing = TRUE;
  for (guint i = 0; i < 7; i++)
    {
      pass (w, 200);
      g_assert_cmpuint (w->next, >=, w->now * MS);
      g_assert_cmpuint (w->next, <=, (w->now + 120) * MS);
    }
  leave (w, GST_REALTIME_NOTICE_FINISHED, 1400);
  pass (w, 200);
  first = strstr (w->log->str, ":eins|");
  second = strstr (w->log->str, ":eins zwei|");
  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_true (first < second);
  g_assert_true (second < strstr (w->log->str, ":eins zwei drei|"));
  g_string_truncate (w->log, 0);
  pass (w, 1000);
  g_assert_nonnull (strstr (w->log->str, ":eins zwei drei|"));
  pass (w, 2000);
  g_string_truncate (w->log, 0);
  pass (w, 1000);
  assert_log (w, "");

  hear (w, "u", "Und", FALSE);
  pass (w, 200);
  g_assert_nonnull (strstr (w->log->str, ":Und|"));
  hear (w, "u", "Und vier?", TRUE);
  pass (w, 200);
  g_assert_nonnull (strstr (w->log->str, ":Und vier?|"));
}

/* Anything in any order: no crash, no time that runs back. */
static void
test_random (void)
{
  static const char *const texts[] = { "", "a", "a b", "a b c.", "ü ", "。。", "x\xff", "12. 13." };

  for (guint seed = 0; seed < 200; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (World) w = world_new (seed % 2, 1 + seed / 2 % 3);

      for (guint i = 0; i < 200; i++)
        {
          char id[2] = { "abu"[g_rand_int_range (rand, 0, 3)] };
          const char *text = texts[g_rand_int_range (rand, 0, G_N_ELEMENTS (texts))];
          gboolean yes = g_rand_boolean (rand);

          switch (g_rand_int_range (rand, 0, 6))
            {
            case 0:
              gst_realtime_transcript_add_text (w->t, yes ? 1 : 2, id, text, g_rand_int_range (rand, 0, 9) == 0);
              break;
            case 1:
              gst_realtime_transcript_add_speech (w->t, id, yes, g_rand_int_range (rand, 0, 9000) * MS);
              break;
            case 2:
              leave (w, g_rand_int_range (rand, 0, 3), g_rand_int_range (rand, 0, 3000));
              break;
            case 3:
              w->received += g_rand_int_range (rand, 0, 500);
              w->complete = yes;
              w->playing = g_rand_boolean (rand);
              break;
            default:
              for (guint n = 0; n < 3; n++)
                {
                  GstRealtimePosition p = { (char *)"a", w->left, w->left / 2, w->received, w->complete };
                  GstRealtimeCue *cue;

                  w->now += g_rand_int_range (rand, 1, 400);
                  w->left = w->playing ? MIN (w->left + 20, w->received) : w->left;
                  gst_realtime_transcript_advance (w->t, w->now * MS, &p, yes);
                  while ((cue = gst_realtime_transcript_pop (w->t)) != NULL)
                    {
                      g_assert_cmpuint (cue->end, >, cue->start);
                      g_assert_true (cue->text == NULL || g_utf8_validate (cue->text, -1, NULL));
                      if (cue->text != NULL)
                        {
                          g_assert_cmpuint (cue->start, >=, w->next);
                          w->next = cue->start;
                        }
                      gst_realtime_cue_free (cue);
                    }
                }
            }
        }
      gst_realtime_transcript_end (w->t);
    }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/realtime-transcript/" name, function)
  ADD ("paced", test_paced);
  g_test_add_data_func ("/realtime-transcript/cut/rtp", GUINT_TO_POINTER (0), test_cut);
  g_test_add_data_func ("/realtime-transcript/cut/held", GUINT_TO_POINTER (300), test_cut);
  ADD ("pause", test_pause);
  ADD ("growing", test_growing);
  g_test_add_data_func ("/realtime-transcript/late-words/late", GINT_TO_POINTER (FALSE), test_late_words);
  g_test_add_data_func ("/realtime-transcript/late-words/never", GINT_TO_POINTER (TRUE), test_late_words);
  ADD ("lines", test_lines);
  ADD ("both", test_both);
  ADD ("user-late", test_user_late);
  ADD ("written", test_written);
  ADD ("live", test_live);
  ADD ("random", test_random);
  return g_test_run ();
}
