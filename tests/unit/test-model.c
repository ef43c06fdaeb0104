/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-call.h"
#include "bb-operator.h"
#include "bb-order.h"
#include "bb-product.h"
#include "bb-transcript.h"

#include <locale.h>
#include <string.h>

static void
count (GObject *object, gpointer unused, gpointer counter)
{
  ++*(guint *)counter;
}

static void
count_signal (GObject *object, gpointer counter)
{
  ++*(guint *)counter;
}

/* Names, to show the order in which signals come. */
static void
append_name (GObject *object, GParamSpec *pspec, gpointer log)
{
  g_string_append_printf (log, "%s ", pspec->name);
}

static void
append_changed (GObject *object, gpointer log)
{
  g_string_append (log, "changed ");
}

static void
append_items (GListModel *model, guint position, guint removed, guint added, gpointer log)
{
  g_string_append_printf (log, "items(%u,-%u,+%u) ", position, removed, added);
}

static void
append_line (GObject *object, BbTranscriptLine *line, gpointer log)
{
  g_string_append_printf (log, "line(%s) ", bb_transcript_line_get_text (line));
}

/* Every row of an enum: nick there and back, a label of its own. */
static void
test_enums (void)
{
  const struct
  {
    GType type;
    const char *nicks;
  } enums[] = {
    { BB_TYPE_CALL_STATE, "incoming answering talking operator ending ended" },
    { BB_TYPE_CALL_END,
      "none caller bot operator transfer refused lost error limit shutdown" },
    { BB_TYPE_TRANSCRIPT_KIND, "caller bot operator tool note" },
    { BB_TYPE_ORDER_STATE, "draft read-back submitted cancelled" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (enums); i++)
    {
      g_autoptr (GEnumClass) klass = g_type_class_ref (enums[i].type);
      g_autoptr (GString) nicks = g_string_new (NULL);
      g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);

      for (guint j = 0; j < klass->n_values; j++)
        {
          const char *nick = NULL, *label = NULL;
          int back = -1;
          gboolean found = FALSE;

          g_assert_cmpint (klass->values[j].value, ==, (int)j);
          switch (i)
            {
            case 0:
              nick = bb_call_state_nick (j);
              label = bb_call_state_label (j);
              found = bb_call_state_from_nick (nick, (BbCallState *)&back);
              break;
            case 1:
              nick = bb_call_end_nick (j);
              label = bb_call_end_label (j);
              found = bb_call_end_from_nick (nick, (BbCallEnd *)&back);
              break;
            case 2:
              nick = bb_transcript_kind_nick (j);
              label = bb_transcript_kind_label (j);
              found = bb_transcript_kind_from_nick (nick, (BbTranscriptKind *)&back);
              break;
            case 3:
              nick = bb_order_state_nick (j);
              label = bb_order_state_label (j);
              found = bb_order_state_from_nick (nick, (BbOrderState *)&back);
              break;
            }
          g_assert_true (found);
          g_assert_cmpint (back, ==, (int)j);
          g_assert_cmpstr (nick, ==, klass->values[j].value_nick);
          g_assert_true (g_hash_table_add (labels, (gpointer)label));
          g_string_append_printf (nicks, "%s%s", j > 0 ? " " : "", nick);
        }
      g_assert_cmpstr (nicks->str, ==, enums[i].nicks);
    }
}

static void
test_enum_unknown_nick (void)
{
  BbOrderState state = BB_ORDER_SUBMITTED;

  g_assert_false (bb_order_state_from_nick ("shipped", &state));
  g_assert_false (bb_order_state_from_nick ("Draft", &state));
  g_assert_false (bb_order_state_from_nick ("", &state));
  g_assert_false (bb_order_state_from_nick (NULL, &state));
  g_assert_cmpint (state, ==, BB_ORDER_SUBMITTED);
}

static void
test_product (void)
{
  g_autoptr (BbProduct) product = bb_product_new ();
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_cmpstr (product->name, ==, "");
  g_assert_cmpstr (product->aliases, ==, "");
  g_assert_cmpuint (product->pack_size, ==, 1);
  g_assert_false (product->whole_packs);

  g_free (product->name);
  product->name = g_strdup ("T-Stück Kupfer 15 mm");
  g_value_init (&value, BB_TYPE_PRODUCT);
  g_value_set_boxed (&value, product);
  g_assert_true (g_value_get_boxed (&value) == product);
}

static void
test_money (void)
{
  const struct
  {
    const char *language;
    gint64 cents;
    const char *currency;
    const char *text;
  } rows[] = {
    { "de", 123456, "EUR", "1.234,56 €" },
    { "de_DE.UTF-8", 123456, "EUR", "1.234,56 €" },
    { "de-AT", 5, "EUR", "0,05 €" },
    { "de", -5, "EUR", "-0,05 €" },
    { "de", -100000, "EUR", "-1.000,00 €" },
    { "de", 0, NULL, "0,00 €" },
    { "de", 99999, "eur", "999,99 €" },
    { "de", 100000000, "CHF", "1.000.000,00 CHF" },
    { "en", 123456, "EUR", "€1,234.56" },
    { "en_GB", -123456, "GBP", "-£1,234.56" },
    { "en", 1200, "CHF", "CHF 12.00" },
    { "C", 1234, "USD", "$12.34" },
    { "del", 1234, "EUR", "€12.34" }, /* Delaware is not German */
    { "de", G_MAXINT64, "EUR", "92.233.720.368.547.758,07 €" },
    { "de", G_MININT64, "EUR", "-92.233.720.368.547.758,08 €" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = bb_money_format_in (rows[i].language, rows[i].cents,
                                                  rows[i].currency);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

/* Amounts follow the messages: German only when messages may be German. */
static void
test_money_locale (void)
{
  g_autofree char *before = g_strdup (setlocale (LC_MESSAGES, NULL));

  g_assert_nonnull (setlocale (LC_MESSAGES, "C.UTF-8"));
  g_setenv ("LANGUAGE", "de_DE:en", TRUE);
  {
    g_autofree char *german = bb_money_format (123456, "EUR");
    g_assert_cmpstr (german, ==, "1.234,56 €");
  }
  g_setenv ("LANGUAGE", "en", TRUE);
  {
    g_autofree char *english = bb_money_format (123456, "EUR");
    g_assert_cmpstr (english, ==, "€1,234.56");
  }
  g_setenv ("LANGUAGE", "de", TRUE);
  setlocale (LC_MESSAGES, "C");
  {
    g_autofree char *plain = bb_money_format (123456, "EUR");
    g_assert_cmpstr (plain, ==, "€1,234.56");
  }
  g_unsetenv ("LANGUAGE");
  setlocale (LC_MESSAGES, before);
}

/* LESSONS 9: every name in the headers exists, notifies, and can be read; every
 * signal can be connected. GObject only warns about a wrong name, and warnings
 * are fatal here. */
static void
check_names (GObject *object, const char *const *names, const char *signal, guint n_properties)
{
  g_autofree GParamSpec **specs = NULL;
  guint n_specs = 0;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), names[i]);
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *detailed = g_strconcat ("notify::", names[i], NULL);
      guint notified = 0;
      gulong handler;

      g_assert_nonnull (spec);
      g_assert_true ((spec->flags & G_PARAM_READABLE) != 0);
      g_object_get_property (object, names[i], &value);
      g_assert_true (G_VALUE_HOLDS (&value, spec->value_type));
      handler = g_signal_connect (object, detailed, G_CALLBACK (count), &notified);
      g_assert_cmpuint (handler, >, 0);
      g_object_notify (object, names[i]);
      g_assert_cmpuint (notified, ==, 1);
      g_signal_handler_disconnect (object, handler);
    }
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_specs);
  g_assert_cmpuint (n_specs, ==, n_properties);
  g_assert_cmpuint (g_strv_length ((char **)names), ==, n_properties);

  if (signal != NULL)
    {
      gulong handler = g_signal_connect (object, signal, G_CALLBACK (count_signal), NULL);

      g_assert_cmpuint (handler, >, 0);
      g_signal_handler_disconnect (object, handler);
    }
}

static void
test_names (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "+491", "", "100");
  g_autoptr (BbOrderLine) line = bb_order_line_new ("1", "Rohr", "Meter", 2, 300);

  check_names (G_OBJECT (call),
               (const char *[]){ BB_CALL_PROP_ID, BB_CALL_PROP_CALLER_NUMBER,
                                 BB_CALL_PROP_CALLER_NAME, BB_CALL_PROP_CALLED, BB_CALL_PROP_STATE,
                                 BB_CALL_PROP_END, BB_CALL_PROP_END_TEXT, BB_CALL_PROP_STARTED,
                                 BB_CALL_PROP_ANSWERED, BB_CALL_PROP_ENDED, BB_CALL_PROP_MEDIA,
                                 BB_CALL_PROP_RECORDING_PATH, BB_CALL_PROP_TRANSCRIPT,
                                 BB_CALL_PROP_ORDER, BB_CALL_PROP_CONNECTION, BB_CALL_PROP_SPEAKING,
                                 NULL },
               BB_CALL_SIGNAL_CHANGED, 16);
  check_names (G_OBJECT (bb_call_get_order (call)),
               (const char *[]){ BB_ORDER_PROP_ID, BB_ORDER_PROP_NUMBER, BB_ORDER_PROP_CALL_ID,
                                 BB_ORDER_PROP_CALLER, BB_ORDER_PROP_STATE, BB_ORDER_PROP_TOTAL,
                                 BB_ORDER_PROP_NOTE, BB_ORDER_PROP_CREATED, BB_ORDER_PROP_UPDATED,
                                 NULL },
               BB_ORDER_SIGNAL_CHANGED, 9);
  check_names (G_OBJECT (line),
               (const char *[]){ BB_ORDER_LINE_PROP_PRODUCT_NUMBER, BB_ORDER_LINE_PROP_NAME,
                                 BB_ORDER_LINE_PROP_UNIT, BB_ORDER_LINE_PROP_QUANTITY,
                                 BB_ORDER_LINE_PROP_PRICE, BB_ORDER_LINE_PROP_TOTAL, NULL },
               NULL, 6);
  check_names (G_OBJECT (bb_transcript_add (bb_call_get_transcript (call), BB_TRANSCRIPT_NOTE,
                                            "hello", 0)),
               (const char *[]){ BB_TRANSCRIPT_LINE_PROP_KIND, BB_TRANSCRIPT_LINE_PROP_ITEM_ID,
                                 BB_TRANSCRIPT_LINE_PROP_TEXT, BB_TRANSCRIPT_LINE_PROP_FINAL,
                                 BB_TRANSCRIPT_LINE_PROP_TIME, BB_TRANSCRIPT_LINE_PROP_INTERRUPTED,
                                 BB_TRANSCRIPT_LINE_PROP_TOOL_NAME,
                                 BB_TRANSCRIPT_LINE_PROP_TOOL_ARGUMENTS,
                                 BB_TRANSCRIPT_LINE_PROP_TOOL_RESULT, NULL },
               NULL, 9);
  check_names (G_OBJECT (bb_call_get_transcript (call)), (const char *[]){ NULL },
               BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, 0);
}

static void
test_call_new (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "+4930123", "", "100");
  g_autoptr (BbCall) named = bb_call_new ("an-id", NULL, "Bäckerei", NULL);
  g_autoptr (BbCall) nobody = bb_call_new (NULL, NULL, NULL, NULL);
  g_autofree char *title = bb_call_dup_title (call);
  g_autofree char *named_title = bb_call_dup_title (named);
  g_autofree char *nobody_title = bb_call_dup_title (nobody);

  g_assert_true (g_uuid_string_is_valid (bb_call_get_id (call)));
  g_assert_cmpstr (bb_call_get_id (named), ==, "an-id");
  g_assert_cmpstr (title, ==, "+4930123");
  g_assert_cmpstr (named_title, ==, "Bäckerei");
  g_assert_cmpstr (nobody_title, ==, "Anonymous");
  g_assert_cmpstr (bb_call_get_called (call), ==, "100");
  g_assert_cmpstr (bb_call_get_called (nobody), ==, "");

  g_assert_cmpint (bb_call_get_state (call), ==, BB_CALL_INCOMING);
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_NONE);
  g_assert_cmpint (bb_call_get_speaking (call), ==, -1);
  g_assert_nonnull (bb_call_get_started (call));
  g_assert_null (bb_call_get_answered (call));
  g_assert_null (bb_call_get_ended (call));
  g_assert_null (bb_call_get_media (call));
  g_assert_cmpint (bb_call_get_duration (call), ==, 0);

  /* LESSONS 14: nothing is shared. */
  g_assert_true (bb_call_get_order (call) != bb_call_get_order (named));
  g_assert_true (bb_call_get_transcript (call) != bb_call_get_transcript (named));
  g_assert_cmpstr (bb_order_get_call_id (bb_call_get_order (named)), ==, "an-id");
  g_assert_cmpstr (bb_order_get_caller (bb_call_get_order (call)), ==, "+4930123");
  g_assert_cmpstr (bb_order_get_caller (bb_call_get_order (named)), ==, "Bäckerei");
}

/* The whole table of steps, from each state to each. */
static void
test_call_states (void)
{
  static const char *const legal[] = {
    [BB_CALL_INCOMING] = ".A..X.",  [BB_CALL_ANSWERING] = "..T.X.", [BB_CALL_TALKING] = "...OX.",
    [BB_CALL_OPERATOR] = "..T.X.", [BB_CALL_ENDING] = ".....E",    [BB_CALL_ENDED] = "......",
  };
  g_autoptr (GDateTime) started = g_date_time_new_now_utc ();

  for (guint from = BB_CALL_INCOMING; from <= BB_CALL_ENDED; from++)
    {
      for (guint to = BB_CALL_INCOMING; to <= BB_CALL_ENDED; to++)
        {
          g_autoptr (BbCall) call
              = bb_call_new_full ("id", NULL, NULL, NULL, from, BB_CALL_END_NONE, NULL, started,
                                  NULL, NULL, NULL);
          const gboolean may = legal[from][to] != '.';
          guint changes = 0;

          g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (count_signal), &changes);
          g_assert_cmpint (bb_call_set_state (call, to), ==, may);
          g_assert_cmpint (bb_call_get_state (call), ==, may ? to : from);
          g_assert_cmpuint (changes, ==, may ? 1 : 0);
        }
    }
}

static void
test_call_stamps (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "1", NULL, "2");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GDateTime) answered = NULL;
  gint64 duration;

  g_signal_connect (call, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (append_changed), log);

  g_assert_true (bb_call_set_state (call, BB_CALL_ANSWERING));
  g_assert_true (bb_call_set_state (call, BB_CALL_TALKING));
  g_assert_nonnull (bb_call_get_answered (call));
  answered = g_date_time_ref (bb_call_get_answered (call));
  g_assert_true (bb_call_set_state (call, BB_CALL_OPERATOR));
  g_assert_true (bb_call_set_state (call, BB_CALL_TALKING));
  g_assert_true (bb_call_get_answered (call) == answered); /* the first time counts */
  bb_call_set_end (call, BB_CALL_END_CALLER, NULL);
  bb_call_set_end (call, BB_CALL_END_ERROR, "too late");
  g_assert_true (bb_call_set_state (call, BB_CALL_ENDING));
  g_assert_false (bb_call_set_state (call, BB_CALL_ENDING));
  g_assert_true (bb_call_set_state (call, BB_CALL_ENDED));
  g_assert_nonnull (bb_call_get_ended (call));
  g_assert_cmpint (bb_call_get_end (call), ==, BB_CALL_END_CALLER);
  g_assert_cmpstr (bb_call_get_end_text (call), ==, "");

  g_assert_cmpstr (log->str, ==,
                   "state changed state answered changed state changed state changed end changed "
                   "state changed state ended changed ");

  duration = bb_call_get_duration (call);
  g_assert_cmpint (duration, >=, 0);
  g_usleep (2000);
  g_assert_cmpint (bb_call_get_duration (call), ==, duration); /* it stands still */
}

static void
test_call_full (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) before = g_date_time_add_seconds (now, -90);
  g_autoptr (GDateTime) until = g_date_time_add_seconds (now, -30);
  g_autoptr (BbOrder) order = bb_order_new ("id", "caller");
  g_autoptr (BbCall) running = bb_call_new_full ("id", "1", "n", "2", BB_CALL_TALKING,
                                                 BB_CALL_END_NONE, NULL, before, before, NULL,
                                                 order);
  g_autoptr (BbCall) over = bb_call_new_full ("id", "1", "n", "2", BB_CALL_ENDED, BB_CALL_END_BOT,
                                              "bye", before, before, until, NULL);

  g_assert_true (bb_call_get_order (running) == order);
  g_assert_cmpint (bb_call_get_duration (running), >=, 90000);
  g_assert_cmpint (bb_call_get_duration (running), <, 90000 + 60000);
  g_assert_true (bb_call_set_state (running, BB_CALL_ENDING));
  g_assert_cmpint (bb_call_get_duration (over), ==, 60000);
  g_assert_cmpstr (bb_call_get_end_text (over), ==, "bye");
}

static void
test_call_properties (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "1", NULL, "2");
  g_autoptr (BbMediaParams) media = bb_media_params_new ();
  g_autoptr (BbMediaParams) read = NULL;
  g_autoptr (GString) log = g_string_new (NULL);
  g_autofree char *connection = NULL;
  BbCallQuality quality = { .turns = 3, .jitter = 1.5 };
  guint changes = 0;
  BbCallState state;
  int speaking;

  media->ptime = 20;
  media->remote_address = g_strdup ("192.0.2.7");
  g_signal_connect (call, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (call, BB_CALL_SIGNAL_CHANGED, G_CALLBACK (count_signal), &changes);

  g_object_set (call, BB_CALL_PROP_STATE, BB_CALL_ANSWERING, NULL);
  g_object_set (call, BB_CALL_PROP_MEDIA, media, NULL);
  g_object_set (call, BB_CALL_PROP_RECORDING_PATH, "/tmp/a.ogg", NULL);
  g_object_set (call, BB_CALL_PROP_CONNECTION, "connected", NULL);
  g_object_set (call, BB_CALL_PROP_SPEAKING, BB_TRANSCRIPT_BOT, NULL);
  g_assert_cmpstr (log->str, ==, "state media recording-path connection speaking ");
  g_assert_cmpuint (changes, ==, 5);

  /* The same again is no change. */
  bb_call_set_recording_path (call, "/tmp/a.ogg");
  bb_call_set_connection (call, "connected");
  bb_call_set_speaking (call, BB_TRANSCRIPT_BOT);
  bb_call_set_media (call, bb_call_get_media (call));
  g_assert_cmpuint (changes, ==, 5);

  bb_call_set_quality (call, &quality);
  bb_call_set_quality (call, &quality);
  g_assert_cmpuint (changes, ==, 6);
  g_assert_cmpuint (bb_call_get_quality (call)->turns, ==, 3);

  g_object_get (call,
                BB_CALL_PROP_STATE, &state,
                BB_CALL_PROP_MEDIA, &read,
                BB_CALL_PROP_CONNECTION, &connection,
                BB_CALL_PROP_SPEAKING, &speaking,
                NULL);
  g_assert_cmpint (state, ==, BB_CALL_ANSWERING);
  g_assert_cmpstr (connection, ==, "connected");
  g_assert_cmpint (speaking, ==, BB_TRANSCRIPT_BOT);
  g_assert_true (read != media);
  g_assert_cmpstr (read->remote_address, ==, "192.0.2.7");
  g_assert_cmpuint (bb_call_get_media (call)->ptime, ==, 20);

  bb_call_set_media (call, NULL);
  g_assert_null (bb_call_get_media (call));
}

/* A handler may drop the last reference of the object that called it. */
static void
drop (GObject *object, gpointer unused, gpointer reference)
{
  g_clear_object ((BbCall **)reference);
}

static void
test_call_dropped_in_handler (void)
{
  BbCall *call = bb_call_new (NULL, "1", NULL, "2");
  gpointer weak = call;

  g_object_add_weak_pointer (G_OBJECT (call), &weak);
  g_signal_connect (call, "notify::" BB_CALL_PROP_STATE, G_CALLBACK (drop), &call);
  g_assert_true (bb_call_set_state (call, BB_CALL_ENDING));
  g_assert_null (weak);
}

static void
assert_lines (BbTranscript *transcript, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (transcript)); i++)
    {
      g_autoptr (BbTranscriptLine) line = g_list_model_get_item (G_LIST_MODEL (transcript), i);

      g_string_append_printf (text, "%s:%s%s%s|",
                              bb_transcript_kind_nick (bb_transcript_line_get_kind (line)),
                              bb_transcript_line_get_text (line),
                              bb_transcript_line_get_final (line) ? "." : "",
                              bb_transcript_line_get_interrupted (line) ? "-" : "");
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* The answer is final before the question has been transcribed. */
static void
test_transcript_order (void)
{
  g_autoptr (BbTranscript) transcript = bb_transcript_new ();
  BbTranscriptLine *question;

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (transcript)) == BB_TYPE_TRANSCRIPT_LINE);
  question = bb_transcript_begin (transcript, BB_TRANSCRIPT_CALLER, "item_1", 1000);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_2", "Gu", FALSE, 3000);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_2", "Gerne.", TRUE, 3500);
  assert_lines (transcript, "caller:|bot:Gerne..|");
  g_assert_true (bb_transcript_update (transcript, BB_TRANSCRIPT_CALLER, "item_1", "Zwei Bögen",
                                       TRUE, 4000)
                 == question);
  assert_lines (transcript, "caller:Zwei Bögen.|bot:Gerne..|");
  g_assert_cmpint (bb_transcript_line_get_time (question), ==, 1000);

  /* Nobody opened this one when it began: its time puts it in its place. */
  bb_transcript_update (transcript, BB_TRANSCRIPT_CALLER, "item_3", "Hallo", TRUE, 500);
  bb_transcript_update (transcript, BB_TRANSCRIPT_CALLER, "item_4", "Ja", TRUE, 3000);
  assert_lines (transcript, "caller:Hallo.|caller:Zwei Bögen.|bot:Gerne..|caller:Ja.|");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (transcript), 4));
}

static void
test_transcript_signals (void)
{
  g_autoptr (BbTranscript) transcript = bb_transcript_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  BbTranscriptLine *line;

  g_signal_connect (transcript, "items-changed", G_CALLBACK (append_items), log);
  g_signal_connect (transcript, BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, G_CALLBACK (append_line), log);

  line = bb_transcript_begin (transcript, BB_TRANSCRIPT_BOT, "item_1", 10);
  g_assert_true (bb_transcript_begin (transcript, BB_TRANSCRIPT_BOT, "item_1", 20) == line);
  g_signal_connect (line, "notify", G_CALLBACK (append_name), log);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das", FALSE, 20);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das", FALSE, 30); /* nothing */
  bb_transcript_mark_interrupted (transcript, "item_1");
  bb_transcript_mark_interrupted (transcript, "item_1"); /* nothing */
  bb_transcript_mark_interrupted (transcript, "item_9"); /* unknown */
  bb_transcript_mark_interrupted (transcript, NULL);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das macht", TRUE, 40);
  bb_transcript_update (transcript, BB_TRANSCRIPT_BOT, "item_1", "Das", FALSE, 50); /* late */
  bb_transcript_add (transcript, BB_TRANSCRIPT_NOTE, "reconnecting", 60);

  g_assert_cmpstr (log->str, ==,
                   "items(0,-0,+1) text line(Das) interrupted line(Das) text final "
                   "line(Das macht) items(1,-0,+1) ");
  assert_lines (transcript, "bot:Das macht.-|note:reconnecting.|");
}

static void
test_transcript_tools (void)
{
  g_autoptr (BbTranscript) transcript = bb_transcript_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  BbTranscriptLine *first, *second;

  /* Parallel calls; an item with the same id is somebody else. */
  bb_transcript_begin (transcript, BB_TRANSCRIPT_BOT, "call_1", 1);
  first = bb_transcript_add_tool (transcript, "call_1", "search_products", "{\"query\":\"T\"}", 2);
  second = bb_transcript_add_tool (transcript, "call_2", "read_order", NULL, 3);
  g_assert_true (bb_transcript_add_tool (transcript, "call_1", "other", "{}", 4) == first);
  g_signal_connect (first, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (transcript, BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, G_CALLBACK (append_line), log);

  g_assert_false (bb_transcript_line_get_final (second));
  bb_transcript_set_tool_result (transcript, "call_2", "{\"ok\":true}");
  g_assert_true (bb_transcript_line_get_final (second));
  g_assert_false (bb_transcript_line_get_final (first));
  bb_transcript_set_tool_result (transcript, "call_1", "{\"ok\":false}");
  bb_transcript_set_tool_result (transcript, "call_1", "{}"); /* the first stays */
  bb_transcript_set_tool_result (transcript, "call_9", "{}"); /* unknown */

  g_assert_cmpstr (log->str, ==, "line() tool-result final line() ");
  g_assert_cmpint (bb_transcript_line_get_kind (first), ==, BB_TRANSCRIPT_TOOL);
  g_assert_cmpstr (bb_transcript_line_get_item_id (first), ==, "call_1");
  g_assert_cmpstr (bb_transcript_line_get_tool_name (first), ==, "search_products");
  g_assert_cmpstr (bb_transcript_line_get_tool_arguments (first), ==, "{\"query\":\"T\"}");
  g_assert_cmpstr (bb_transcript_line_get_tool_result (first), ==, "{\"ok\":false}");
  g_assert_cmpstr (bb_transcript_line_get_tool_arguments (second), ==, "");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (transcript)), ==, 3);
}

static void
set (BbOrder *order, const char *number, guint quantity, gint64 price)
{
  g_autoptr (BbOrderLine) line = bb_order_line_new (number, "Bogen", "Stück", quantity, price);

  bb_order_set_line (order, line);
}

static void
test_order_lines (void)
{
  g_autoptr (BbOrder) order = bb_order_new ("call", "+49");
  g_autoptr (BbOrderLine) kept = NULL;
  g_autoptr (GString) log = g_string_new (NULL);

  g_assert_true (g_uuid_string_is_valid (bb_order_get_id (order)));
  g_assert_null (bb_order_get_number (order));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (order)) == BB_TYPE_ORDER_LINE);
  g_signal_connect (order, "items-changed", G_CALLBACK (append_items), log);
  g_signal_connect (order, "notify", G_CALLBACK (append_name), log);
  g_signal_connect (order, BB_ORDER_SIGNAL_CHANGED, G_CALLBACK (append_changed), log);

  set (order, "10", 3, 250);
  set (order, "11", 1, 100);
  g_assert_cmpint (bb_order_get_total (order), ==, 850);
  kept = g_object_ref (bb_order_find (order, "10"));
  set (order, "10", 5, 250); /* in its place */
  g_assert_cmpint (bb_order_get_total (order), ==, 1350);
  g_assert_cmpuint (bb_order_line_get_quantity (kept), ==, 3); /* lines are immutable */
  g_assert_cmpuint (bb_order_line_get_quantity (bb_order_find (order, "10")), ==, 5);
  set (order, "10", 5, 250); /* the same */
  set (order, "99", 0, 250); /* not there */
  set (order, "10", 0, 0);
  g_assert_null (bb_order_find (order, "10"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 1);
  g_assert_cmpint (bb_order_get_total (order), ==, 100);

  g_assert_cmpstr (log->str, ==,
                   "items(0,-0,+1) total updated changed items(1,-0,+1) total updated changed "
                   "items(0,-1,+1) total updated changed items(0,-1,+0) total updated changed ");
}

/* What was not read back in its present form can't be submitted. */
static void
test_order_falls_back (void)
{
  g_autoptr (BbOrder) order = bb_order_new ("call", "+49");
  g_autoptr (GString) log = g_string_new (NULL);

  set (order, "10", 3, 250);
  bb_order_set_state (order, BB_ORDER_READ_BACK);
  set (order, "10", 3, 250); /* the same: still as read */
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_READ_BACK);
  g_signal_connect (order, "notify::" BB_ORDER_PROP_STATE, G_CALLBACK (append_name), log);
  set (order, "10", 4, 250);
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_DRAFT);
  g_assert_cmpstr (log->str, ==, "state ");

  bb_order_set_state (order, BB_ORDER_READ_BACK);
  set (order, "10", 0, 0);
  g_assert_cmpint (bb_order_get_state (order), ==, BB_ORDER_DRAFT);
}

static void
test_order_closed (void)
{
  g_autoptr (BbOrder) order = bb_order_new ("call", "+49");

  set (order, "10", 3, 250);
  bb_order_set_state (order, BB_ORDER_SUBMITTED);
  g_test_expect_message ("bb-model", G_LOG_LEVEL_CRITICAL, "*bb_order_set_line*");
  set (order, "10", 9, 250);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (bb_order_line_get_quantity (bb_order_find (order, "10")), ==, 3);
}

static void
test_order_properties (void)
{
  g_autoptr (GDateTime) created = g_date_time_new_from_iso8601 ("2026-03-01T10:00:00+01:00", NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (BbOrder) order = NULL;
  g_autoptr (GString) log = g_string_new (NULL);
  g_autofree char *iso = NULL, *number = NULL, *note = NULL;
  BbOrderState state;

  g_ptr_array_add (lines, bb_order_line_new ("7", "Rohr", "Meter", 2, 1050));
  g_ptr_array_add (lines, bb_order_line_new ("8", "Muffe", "Stück", 1, 1));
  order = bb_order_new_full ("id", "2026-000123", "call", "caller", BB_ORDER_READ_BACK, "Tor 3",
                             created, NULL, lines);
  g_assert_cmpstr (bb_order_get_id (order), ==, "id");
  g_assert_cmpstr (bb_order_get_call_id (order), ==, "call");
  g_assert_cmpstr (bb_order_get_caller (order), ==, "caller");
  g_assert_cmpint (bb_order_get_total (order), ==, 2101);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 2);
  iso = g_date_time_format_iso8601 (bb_order_get_created (order));
  g_assert_cmpstr (iso, ==, "2026-03-01T09:00:00Z"); /* UTC whatever came in */
  g_assert_true (g_date_time_equal (bb_order_get_created (order), bb_order_get_updated (order)));

  g_signal_connect (order, "notify", G_CALLBACK (append_name), log);
  bb_order_set_state (order, BB_ORDER_SUBMITTED);
  bb_order_set_number (order, "2026-000124");
  bb_order_set_note (order, "");
  g_assert_cmpstr (log->str, ==, "state updated number updated note updated ");
  g_assert_cmpint (g_date_time_compare (bb_order_get_created (order),
                                        bb_order_get_updated (order)),
                   <, 0);
  g_string_truncate (log, 0);
  bb_order_set_number (order, "2026-000124");
  bb_order_set_note (order, NULL);
  bb_order_set_state (order, BB_ORDER_SUBMITTED);
  g_assert_cmpstr (log->str, ==, "");

  g_object_set (order,
                BB_ORDER_PROP_STATE, BB_ORDER_CANCELLED,
                BB_ORDER_PROP_NUMBER, "2026-000125",
                BB_ORDER_PROP_NOTE, "Tor 4",
                NULL);
  g_object_get (order,
                BB_ORDER_PROP_STATE, &state,
                BB_ORDER_PROP_NUMBER, &number,
                BB_ORDER_PROP_NOTE, &note,
                NULL);
  g_assert_cmpint (state, ==, BB_ORDER_CANCELLED);
  g_assert_cmpstr (number, ==, "2026-000125");
  g_assert_cmpstr (note, ==, "Tor 4");
}

/* Totals neither wrap nor trap. */
static void
test_order_overflow (void)
{
  g_autoptr (BbOrder) order = bb_order_new (NULL, NULL);
  g_autoptr (BbOrderLine) negative = bb_order_line_new ("3", "x", "x", 3, G_MININT64 / 2);

  set (order, "1", G_MAXUINT, G_MAXINT64 / 2);
  g_assert_cmpint (bb_order_get_total (order), ==, G_MAXINT64);
  set (order, "2", 1, 1);
  g_assert_cmpint (bb_order_get_total (order), ==, G_MAXINT64);
  g_assert_cmpint (bb_order_line_get_total (negative), ==, G_MININT64);
}

/* LESSONS 10: a change from another thread aborts the program, and says where. */
static gpointer
change_call (gpointer call)
{
  bb_call_set_connection (call, "from afar");
  return NULL;
}

static gpointer
change_transcript (gpointer call)
{
  bb_transcript_add (bb_call_get_transcript (call), BB_TRANSCRIPT_NOTE, "from afar", 0);
  return NULL;
}

static gpointer
change_order (gpointer call)
{
  bb_order_set_note (bb_call_get_order (call), "from afar");
  return NULL;
}

static void
run_in_thread (GThreadFunc func)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, NULL, NULL, NULL);

  g_thread_join (g_thread_new ("other", func, call));
}

static void
test_thread_aborts (gconstpointer data)
{
  const struct
  {
    GThreadFunc func;
    const char *pattern;
  } rows[] = {
    { change_call, "*bb_call_set_connection: called outside the main context's thread*" },
    { change_transcript, "*bb_transcript_update: called outside the main context's thread*" },
    { change_order, "*bb_order_set_note: called outside the main context's thread*" },
  };
  const guint row = GPOINTER_TO_UINT (data);

  if (g_test_subprocess ())
    {
      run_in_thread (rows[row].func);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr (rows[row].pattern);
}

/* Whoever iterates the default context owns the model, whichever thread it is;
 * then nobody else does. */
static gpointer
change_as_owner (gpointer call)
{
  g_assert_true (g_main_context_acquire (NULL));
  bb_call_set_connection (call, "from the loop's thread");
  g_main_context_release (NULL);
  return NULL;
}

static void
test_thread_owner (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (BbCall) call = bb_call_new (NULL, NULL, NULL, NULL);

      g_thread_join (g_thread_new ("loop", change_as_owner, call));
      g_assert_cmpstr (bb_call_get_connection (call), ==, "from the loop's thread");
      g_printerr ("so far so good\n");
      bb_call_set_speaking (call, BB_TRANSCRIPT_BOT);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*so far so good*bb_call_set_speaking: called outside*");
}

/* The store makes orders on its own thread and hands them over. */
static gpointer
make_order (gpointer unused)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (lines, bb_order_line_new ("1", "Rohr", "Meter", 2, 300));
  return bb_order_new_full ("id", NULL, "call", "caller", BB_ORDER_DRAFT, NULL, NULL, NULL, lines);
}

static void
test_thread_construct (void)
{
  g_autoptr (BbOrder) order = g_thread_join (g_thread_new ("store", make_order, NULL));

  g_assert_cmpint (bb_order_get_total (order), ==, 600);
  bb_order_set_note (order, "now ours");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/enums", test_enums);
  g_test_add_func ("/model/enums/unknown-nick", test_enum_unknown_nick);
  g_test_add_func ("/model/product", test_product);
  g_test_add_func ("/model/money", test_money);
  g_test_add_func ("/model/money/locale", test_money_locale);
  g_test_add_func ("/model/names", test_names);
  g_test_add_func ("/model/call/new", test_call_new);
  g_test_add_func ("/model/call/states", test_call_states);
  g_test_add_func ("/model/call/stamps", test_call_stamps);
  g_test_add_func ("/model/call/full", test_call_full);
  g_test_add_func ("/model/call/properties", test_call_properties);
  g_test_add_func ("/model/call/dropped-in-handler", test_call_dropped_in_handler);
  g_test_add_func ("/model/transcript/order", test_transcript_order);
  g_test_add_func ("/model/transcript/signals", test_transcript_signals);
  g_test_add_func ("/model/transcript/tools", test_transcript_tools);
  g_test_add_func ("/model/order/lines", test_order_lines);
  g_test_add_func ("/model/order/falls-back", test_order_falls_back);
  g_test_add_func ("/model/order/closed", test_order_closed);
  g_test_add_func ("/model/order/properties", test_order_properties);
  g_test_add_func ("/model/order/overflow", test_order_overflow);
  g_test_add_data_func ("/model/thread/call", GUINT_TO_POINTER (0), test_thread_aborts);
  g_test_add_data_func ("/model/thread/transcript", GUINT_TO_POINTER (1), test_thread_aborts);
  g_test_add_data_func ("/model/thread/order", GUINT_TO_POINTER (2), test_thread_aborts);
  g_test_add_func ("/model/thread/owner", test_thread_owner);
  g_test_add_func ("/model/thread/construct", test_thread_construct);

  return g_test_run ();
}
