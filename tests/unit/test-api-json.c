/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "api-world.h"

#include "bb-api-events.h"
#include "bb-api-json.h"
#include "bb-api-mirror.h"
#include "bb-api-read.h"

static BbCall *
through_text (BbCall *call)
{
  g_autoptr (JsonNode) node = bb_api_json_call (call, TRUE);
  g_autofree char *text = bb_api_json_print (node, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) back = bb_api_read_root (text, -1, &error);
  BbCall *result;

  g_assert_no_error (error);
  result = bb_api_read_call (json_node_get_object (back), &error);
  g_assert_no_error (error);
  return result;
}

static void
test_round_trip (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "+4930123456", "Jörg \"J\" Müller\t", "bestellung");
  g_autoptr (BbCall) empty = through_text (call);
  g_autoptr (BbCall) full = NULL;

  test_assert_calls_equal (call, empty);
  test_fill_call (call);
  bb_call_set_recording_path (call, "/srv/aufnahmen/ä.ogg");
  bb_call_set_end (call, BB_CALL_END_LOST, "keine Pakete mehr");
  bb_call_set_state (call, BB_CALL_ENDING);
  bb_call_set_state (call, BB_CALL_ENDED);
  full = through_text (call);
  test_assert_calls_equal (call, full);
  g_assert_cmpint (ABS (bb_call_get_duration (call) - bb_call_get_duration (full)), <=, 1);
}

/* What the network sent as a name is not always UTF-8, and a figure not always a number. */
static void
test_hostile_fields (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "\xff\xfe", "A\xc3", "");
  BbCallQuality quality = { .jitter = 0.0 / 0.0 };
  g_autoptr (BbCall) back = NULL;

  bb_call_set_quality (call, &quality);
  back = through_text (call);
  g_assert_true (g_utf8_validate (bb_call_get_caller_name (back), -1, NULL));
  g_assert_true (g_str_has_prefix (bb_call_get_caller_name (back), "A"));
  g_assert_cmpfloat (bb_call_get_quality (back)->jitter, ==, 0.0);
}

static void
assert_refused (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = bb_api_read_root (text, -1, &error);

  if (root != NULL)
    g_assert_null (bb_api_read_call (json_node_get_object (root), &error));
  g_assert_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT);
}

/* Puts something else in place of each member, one at a time, at any depth. */
static guint
spoil (JsonObject *object, JsonObject *root)
{
  g_autoptr (GList) members = json_object_get_members (object);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  static const char *const values[] = { "null", "true", "17", "-1", "1e300", "\"x\"", "[]", "{}", "[[1]]" };
  guint refused = 0;

  /* Setting a member frees its old name too. */
  for (GList *link = members; link != NULL; link = link->next)
    g_ptr_array_add (names, g_strdup (link->data));
  for (guint n = 0; n < names->len; n++)
    {
      const char *name = names->pdata[n];
      JsonNode *original = json_object_dup_member (object, name);

      for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
        {
          g_autoptr (BbCall) call = NULL;
          g_autoptr (GError) error = NULL;

          json_object_set_member (object, name, json_from_string (values[i], NULL));
          call = bb_api_read_call (root, &error);
          g_assert_true ((call == NULL) == (error != NULL));
          refused += call == NULL;
        }
      json_object_set_member (object, name, original);
      if (JSON_NODE_HOLDS_OBJECT (original))
        refused += spoil (json_node_get_object (original), root);
      else if (JSON_NODE_HOLDS_ARRAY (original))
        {
          JsonArray *array = json_node_get_array (original);

          for (guint i = 0; i < json_array_get_length (array); i++)
            refused += spoil (json_array_get_object_element (array, i), root);
        }
    }
  return refused;
}

static void
test_malformed (void)
{
  g_autoptr (BbCall) call = bb_call_new (NULL, "1", "", "");
  g_autoptr (JsonNode) node = NULL;

  assert_refused ("");
  assert_refused ("null");
  assert_refused ("[]");
  assert_refused ("{}");
  assert_refused ("{\"id\":");
  assert_refused ("{\"id\":\"\xff\"}");

  test_fill_call (call);
  node = bb_api_json_call (call, TRUE);
  g_assert_cmpuint (spoil (json_node_get_object (node), json_node_get_object (node)), >, 300);
}

static void
test_error_body (void)
{
  g_autofree char *text = bb_api_json_error ("not-found", "no “call”\n");

  g_assert_cmpstr (text, ==, "{\"error\":{\"code\":\"not-found\",\"message\":\"no “call”\\n\"}}");
}

static void
apply (BbApiMirror *mirror, GBytes *text)
{
  g_autoptr (GError) error = NULL;

  bb_api_mirror_apply (mirror, g_bytes_get_data (text, NULL), (gssize)g_bytes_get_size (text), &error);
  g_assert_no_error (error);
}

static void
on_message (BbApiEvents *events, GBytes *text, gpointer user_data)
{
  g_ptr_array_add (user_data, g_bytes_ref (text));
}

static void
on_changed (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  *(guint *)user_data += removed + added;
}

/* Thousands of changes of all kinds, cut into turns anywhere: after each turn
 * the mirror equals the world; breaks of any length are caught up with. */
static void
test_mirror_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260101);
  g_autoptr (TestOperator) world = test_operator_new ();
  g_autoptr (BbApiEvents) events = bb_api_events_new (BB_OPERATOR (world));
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  BbApiMirror *mirror = bb_api_mirror_new ();
  g_autoptr (GBytes) snapshot = NULL;
  guint resumed = 0, anew = 0;

  bb_api_events_set_recording (events, TRUE);
  g_signal_connect (events, BB_API_EVENTS_SIGNAL_MESSAGE, G_CALLBACK (on_message), messages);
  snapshot = bb_api_events_snapshot (events);
  apply (mirror, snapshot);
  for (guint turn = 0; turn < 1500; turn++)
    {
      guint n = (guint)g_rand_int_range (rand, 1, 30);
      gboolean away = g_rand_int_range (rand, 0, 10) == 0;

      for (guint i = 0; i < n; i++)
        test_change_something (world, rand);
      bb_api_events_flush (events);
      for (guint i = 0; !away && i < messages->len; i++)
        apply (mirror, g_ptr_array_index (messages, i));
      g_ptr_array_set_size (messages, 0);

      if (away)
        {
          g_autoptr (GPtrArray) missed
            = bb_api_events_resume (events, bb_api_mirror_get_epoch (mirror),
                                    bb_api_mirror_get_seq (mirror));

          if (missed != NULL && g_rand_boolean (rand))
            {
              for (guint i = 0; i < missed->len; i++)
                apply (mirror, g_ptr_array_index (missed, i));
              resumed++;
            }
          else
            {
              g_autoptr (GBytes) whole = bb_api_events_snapshot (events);

              apply (mirror, whole);
              anew++;
            }
        }
      g_assert_cmpuint (bb_api_mirror_get_seq (mirror), ==, bb_api_events_get_seq (events));
      test_assert_lists_equal (bb_operator_get_calls (BB_OPERATOR (world)),
                               bb_api_mirror_get_calls (mirror));
    }
  g_assert_cmpuint (resumed, >, 20);
  g_assert_cmpuint (anew, >, 20);
  bb_api_mirror_free (mirror);
}

/* A snapshot brings the objects up to date that are there, and adds no line twice. */
static void
test_mirror_keeps_objects (void)
{
  g_autoptr (TestOperator) world = test_operator_new ();
  BbCall *call = test_operator_add_call (world, "1", "Müller");
  g_autoptr (BbApiEvents) events = bb_api_events_new (BB_OPERATOR (world));
  BbApiMirror *mirror = bb_api_mirror_new ();
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  BbCall *mirrored;
  guint n_list = 0;

  test_fill_call (call);
  first = bb_api_events_snapshot (events);
  apply (mirror, first);
  mirrored = bb_api_mirror_find (mirror, bb_call_get_id (call));
  g_signal_connect (bb_api_mirror_get_calls (mirror), "items-changed", G_CALLBACK (on_changed), &n_list);
  bb_transcript_add (bb_call_get_transcript (call), BB_TRANSCRIPT_NOTE, "mitten hinein", 100);
  bb_transcript_update (bb_call_get_transcript (call), BB_TRANSCRIPT_BOT, "item_9", "neu", TRUE, 9000);
  second = bb_api_events_snapshot (events);
  apply (mirror, second);
  apply (mirror, second);
  g_assert_true (mirrored == bb_api_mirror_find (mirror, bb_call_get_id (call)));
  g_assert_cmpuint (n_list, ==, 0);
  test_assert_calls_equal (call, mirrored);
  bb_api_mirror_free (mirror);
}

/* A storm of changes in one turn is one message for each thing that changed. */
static void
test_batching (void)
{
  g_autoptr (TestOperator) world = test_operator_new ();
  BbCall *call = test_operator_add_call (world, "1", "");
  g_autoptr (BbApiEvents) events = bb_api_events_new (BB_OPERATOR (world));
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);

  bb_api_events_set_recording (events, TRUE);
  g_signal_connect (events, BB_API_EVENTS_SIGNAL_MESSAGE, G_CALLBACK (on_message), messages);
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *text = g_strdup_printf ("Wort %d", i);

      bb_call_set_speaking (call, i % 2);
      bb_transcript_update (bb_call_get_transcript (call), BB_TRANSCRIPT_CALLER, "a", text, FALSE, 0);
      bb_order_set_note (bb_call_get_order (call), text);
    }
  while (messages->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (messages->len, ==, 3);
  g_assert_nonnull (strstr (g_bytes_get_data (messages->pdata[1], NULL), "Wort 999"));
}

/* The ring is bounded, and what fell out of it can't be resumed. */
static void
test_resume_bounds (void)
{
  g_autoptr (TestOperator) world = test_operator_new ();
  BbCall *call = test_operator_add_call (world, "1", "");
  g_autoptr (BbApiEvents) events = bb_api_events_new (BB_OPERATOR (world));
  g_autoptr (GPtrArray) all = NULL;
  const char *epoch = bb_api_events_get_epoch (events);
  guint64 start;

  bb_api_events_set_recording (events, TRUE);
  start = bb_api_events_get_seq (events);
  for (int i = 0; i < BB_API_EVENTS_RING_MESSAGES; i++)
    {
      bb_order_set_note (bb_call_get_order (call), i % 2 != 0 ? "a" : "b");
      bb_api_events_flush (events);
    }
  all = bb_api_events_resume (events, epoch, start);
  g_assert_cmpuint (all->len, ==, BB_API_EVENTS_RING_MESSAGES + 1);
  bb_order_set_note (bb_call_get_order (call), "c");
  g_assert_null (bb_api_events_resume (events, epoch, start));
  g_assert_null (bb_api_events_resume (events, epoch, bb_api_events_get_seq (events) + 1));
  g_assert_null (bb_api_events_resume (events, "other", bb_api_events_get_seq (events)));
  g_assert_null (bb_api_events_resume (events, NULL, bb_api_events_get_seq (events)));

  /* What nobody recorded has no number. */
  start = bb_api_events_get_seq (events);
  bb_api_events_set_recording (events, FALSE);
  bb_order_set_note (bb_call_get_order (call), "d");
  bb_api_events_set_recording (events, TRUE);
  g_assert_null (bb_api_events_resume (events, epoch, start));
}

static void
assert_mirror_refuses (BbApiMirror *mirror, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bb_api_mirror_apply (mirror, text, -1, &error));
  g_assert_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT);
}

/* One call with one line, at number 7. */
static void
apply_world (BbApiMirror *mirror)
{
  g_autoptr (BbCall) call = bb_call_new ("the-call", "1", "", "");
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *call_text = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  bb_transcript_update (bb_call_get_transcript (call), BB_TRANSCRIPT_BOT, "item", "a", TRUE, 0);
  node = bb_api_json_call (call, TRUE);
  call_text = bb_api_json_print (node, FALSE);
  text = g_strdup_printf ("{\"type\":\"snapshot\",\"seq\":7,\"epoch\":\"e\",\"calls\":[%s]}", call_text);
  g_assert_true (bb_api_mirror_apply (mirror, text, -1, &error));
  g_assert_no_error (error);
}

static void
test_mirror_refuses (void)
{
  BbApiMirror *mirror = bb_api_mirror_new ();
  g_autoptr (GError) error = NULL;

  assert_mirror_refuses (mirror, "hello");
  assert_mirror_refuses (mirror, "{\"type\":\"removed\",\"seq\":1,\"call\":\"a\"}");
  assert_mirror_refuses (mirror, "{\"type\":\"snapshot\",\"seq\":1,\"epoch\":\"e\",\"calls\":[{}]}");
  assert_mirror_refuses (mirror, "{\"type\":\"snapshot\",\"seq\":1.5,\"epoch\":\"e\",\"calls\":[]}");
  g_assert_true (bb_api_mirror_apply (
    mirror, "{\"type\":\"snapshot\",\"seq\":7,\"epoch\":\"e\",\"calls\":[]}", -1, &error));
  assert_mirror_refuses (mirror, "{\"type\":\"removed\",\"seq\":9,\"call\":\"a\"}");
  assert_mirror_refuses (mirror, "{\"type\":\"removed\",\"seq\":7,\"call\":\"a\"}");
  assert_mirror_refuses (mirror, "{\"type\":\"line\",\"seq\":8,\"call\":\"a\",\"index\":0}");
  assert_mirror_refuses (mirror, "{\"type\":\"resumed\",\"seq\":8,\"epoch\":\"e\"}");
  apply_world (mirror);
  assert_mirror_refuses (mirror, "{\"type\":\"line\",\"seq\":8,\"call\":\"the-call\",\"index\":0,\"added\":false,"
                                 "\"line\":{\"kind\":\"bot\",\"item_id\":\"other\",\"text\":\"x\",\"final\":true,"
                                 "\"interrupted\":false,\"time_ms\":0}}");
  assert_mirror_refuses (mirror, "{\"type\":\"line\",\"seq\":8,\"call\":\"the-call\",\"index\":5,\"added\":true,"
                                 "\"line\":{\"kind\":\"bot\",\"item_id\":\"new\",\"text\":\"x\",\"final\":true,"
                                 "\"interrupted\":false,\"time_ms\":0}}");
  /* What a newer gateway tells is passed over. */
  g_assert_true (bb_api_mirror_apply (mirror, "{\"type\":\"weather\",\"seq\":8}", -1, &error));
  g_assert_cmpuint (bb_api_mirror_get_seq (mirror), ==, 8);
  bb_api_mirror_free (mirror);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/api-json/round-trip", test_round_trip);
  g_test_add_func ("/api-json/hostile-fields", test_hostile_fields);
  g_test_add_func ("/api-json/malformed", test_malformed);
  g_test_add_func ("/api-json/error-body", test_error_body);
  g_test_add_func ("/api-json/mirror/random", test_mirror_random);
  g_test_add_func ("/api-json/mirror/keeps-objects", test_mirror_keeps_objects);
  g_test_add_func ("/api-json/mirror/refuses", test_mirror_refuses);
  g_test_add_func ("/api-json/events/batching", test_batching);
  g_test_add_func ("/api-json/events/resume-bounds", test_resume_bounds);
  return g_test_run ();
}
