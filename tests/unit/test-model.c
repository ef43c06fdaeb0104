/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-call.h"
#include "bb-operator.h"
#include "bb-order.h"
#include "bb-product.h"
#include "bb-transcript.h"

#include "model-log.h"

#include <locale.h>
#include <string.h>

static void
count (GObject *object, gpointer unused, gpointer counter)
{
  ++*(guint *)counter;
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
    { BB_TYPE_CALL_END, "none caller bot operator transfer refused lost error limit shutdown" },
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
      g_autofree char *text =
          bb_money_format_in (rows[i].language, rows[i].cents, rows[i].currency);

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
               (const char *[]){
                   BB_CALL_PROP_ID, BB_CALL_PROP_CALLER_NUMBER, BB_CALL_PROP_CALLER_NAME,
                   BB_CALL_PROP_CALLED, BB_CALL_PROP_STATE, BB_CALL_PROP_END, BB_CALL_PROP_END_TEXT,
                   BB_CALL_PROP_STARTED, BB_CALL_PROP_ANSWERED, BB_CALL_PROP_ENDED,
                   BB_CALL_PROP_MEDIA, BB_CALL_PROP_RECORDING_PATH, BB_CALL_PROP_TRANSCRIPT,
                   BB_CALL_PROP_ORDER, BB_CALL_PROP_CONNECTION, BB_CALL_PROP_SPEAKING,
                   BB_CALL_PROP_OPERATOR_MODE, BB_CALL_PROP_WAITING, NULL },
               BB_CALL_SIGNAL_CHANGED, 18);
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
  check_names (
      G_OBJECT (bb_transcript_add (bb_call_get_transcript (call), BB_TRANSCRIPT_NOTE, "hello", 0)),
      (const char *[]){ BB_TRANSCRIPT_LINE_PROP_KIND, BB_TRANSCRIPT_LINE_PROP_ITEM_ID,
                        BB_TRANSCRIPT_LINE_PROP_TEXT, BB_TRANSCRIPT_LINE_PROP_FINAL,
                        BB_TRANSCRIPT_LINE_PROP_TIME, BB_TRANSCRIPT_LINE_PROP_INTERRUPTED,
                        BB_TRANSCRIPT_LINE_PROP_TOOL_NAME, BB_TRANSCRIPT_LINE_PROP_TOOL_ARGUMENTS,
                        BB_TRANSCRIPT_LINE_PROP_TOOL_RESULT, NULL },
      NULL, 9);
  check_names (G_OBJECT (bb_call_get_transcript (call)), (const char *[]){ NULL },
               BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, 0);
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
  g_test_add_data_func ("/model/thread/call", GUINT_TO_POINTER (0), test_thread_aborts);
  g_test_add_data_func ("/model/thread/transcript", GUINT_TO_POINTER (1), test_thread_aborts);
  g_test_add_data_func ("/model/thread/order", GUINT_TO_POINTER (2), test_thread_aborts);
  g_test_add_func ("/model/thread/owner", test_thread_owner);
  g_test_add_func ("/model/thread/construct", test_thread_construct);

  return g_test_run ();
}
