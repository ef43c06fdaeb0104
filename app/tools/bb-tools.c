/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-tools-private.h"

#include "bb-json-check.h"
#include "bb-json-text.h"
#include "bb-order-text.h"
#include "bb-tool-schema.h"

#include <string.h>

/* A model's arguments are some dozen bytes; more is no call of a tool. */
#define MAX_ARGUMENTS 65536

#define NUMBER_PROPERTY \
  "\"number\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":40," \
  "\"description\":\"Artikelnummer aus search_products\"}"
#define QUANTITY_PROPERTY \
  "\"quantity\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000000," \
  "\"description\":\"Menge in der Einheit des Artikels (Stück, Meter, Rolle)\"}"
#define REASON_PROPERTY \
  "\"reason\":{\"type\":\"string\",\"maxLength\":400,\"description\":\"Grund in einem Satz\"}"
#define NO_PROPERTIES "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"

const BbTool bb_tools[] = {
  { "list_groups",
    "Nennt alle Produktgruppen des Katalogs mit der Zahl ihrer Artikel.",
    NO_PROPERTIES, bb_tool_list_groups },
  { "search_products",
    "Sucht Artikel im Katalog. Immer aufrufen, bevor ein Artikel oder ein Preis genannt wird. "
    "Die Menge gehört nicht in die Suche.",
    "{\"type\":\"object\",\"properties\":{"
    "\"query\":{\"type\":\"string\",\"maxLength\":200,\"description\":"
    "\"Was gesucht wird, mit Material und Maß, zum Beispiel: T-Stück Kupfer 15 mm\"},"
    "\"group\":{\"type\":\"string\",\"maxLength\":80,\"description\":"
    "\"Nur in dieser Produktgruppe suchen\"},"
    "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":20,\"description\":"
    "\"Höchstens so viele Treffer, sonst 5\"}},"
    "\"required\":[\"query\"],\"additionalProperties\":false}",
    bb_tool_search_products },
  { "get_product",
    "Nennt alle Angaben zu einem Artikel, auch die Beschreibung und ob er nur in ganzen "
    "Packungen verkauft wird.",
    "{\"type\":\"object\",\"properties\":{" NUMBER_PROPERTY "},"
    "\"required\":[\"number\"],\"additionalProperties\":false}",
    bb_tool_get_product },
  { "add_to_order",
    "Legt einen Artikel in die Bestellung. Steht er schon darin, kommt die Menge dazu.",
    "{\"type\":\"object\",\"properties\":{" NUMBER_PROPERTY "," QUANTITY_PROPERTY "},"
    "\"required\":[\"number\",\"quantity\"],\"additionalProperties\":false}",
    bb_tool_add_to_order },
  { "change_quantity",
    "Setzt die Menge eines Artikels der Bestellung neu.",
    "{\"type\":\"object\",\"properties\":{" NUMBER_PROPERTY "," QUANTITY_PROPERTY "},"
    "\"required\":[\"number\",\"quantity\"],\"additionalProperties\":false}",
    bb_tool_change_quantity },
  { "remove_from_order",
    "Nimmt einen Artikel ganz aus der Bestellung.",
    "{\"type\":\"object\",\"properties\":{" NUMBER_PROPERTY "},"
    "\"required\":[\"number\"],\"additionalProperties\":false}",
    bb_tool_remove_from_order },
  { "read_order",
    "Gibt die Bestellung als Text zum Vorlesen. Vor submit_order immer aufrufen, den Text "
    "vollständig vorlesen und fragen, ob er stimmt.",
    NO_PROPERTIES, bb_tool_read_order },
  { "submit_order",
    "Schickt die Bestellung ab. Nur nachdem sie vorgelesen wurde und der Kunde ausdrücklich ja "
    "gesagt hat.",
    "{\"type\":\"object\",\"properties\":{"
    "\"confirmed\":{\"type\":\"boolean\",\"description\":"
    "\"Wahr, wenn der Kunde die vorgelesene Bestellung bestätigt hat\"}},"
    "\"required\":[\"confirmed\"],\"additionalProperties\":false}",
    bb_tool_submit_order },
  { "transfer_to_human",
    "Verbindet mit einem Mitarbeiter: wenn der Kunde es wünscht oder es um anderes geht als "
    "eine Bestellung.",
    "{\"type\":\"object\",\"properties\":{" REASON_PROPERTY "},\"required\":[\"reason\"],"
    "\"additionalProperties\":false}",
    bb_tool_transfer_to_human },
  { "end_call",
    "Beendet das Gespräch, nachdem sich beide verabschiedet haben.",
    "{\"type\":\"object\",\"properties\":{" REASON_PROPERTY "},\"required\":[\"reason\"],"
    "\"additionalProperties\":false}",
    bb_tool_end_call },
  { "allow_recording",
    "Hält fest, ob der Anrufer erlaubt, dass das Gespräch aufgezeichnet wird. Nach seiner Antwort "
    "aufrufen, und wieder, wenn er es sich anders überlegt.",
    "{\"type\":\"object\",\"properties\":{"
    "\"allowed\":{\"type\":\"boolean\",\"description\":"
    "\"Wahr nur nach einem klaren Ja; sonst falsch\"}},"
    "\"required\":[\"allowed\"],\"additionalProperties\":false}",
    bb_tool_allow_recording, bb_config_asks_consent },
};
const guint bb_n_tools = G_N_ELEMENTS (bb_tools);

G_DEFINE_FINAL_TYPE (BbToolbox, bb_toolbox, G_TYPE_OBJECT)

enum
{
  TRANSFER_REQUESTED,
  END_REQUESTED,
  RECORDING_DECIDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void run_next (BbToolbox *self);

/* The parsed schema of a tool; main context only, as all of this. */
static JsonObject *
schema_of (const BbTool *tool)
{
  static JsonObject *schemas[G_N_ELEMENTS (bb_tools)];
  gsize i = tool - bb_tools;

  if (schemas[i] == NULL)
    schemas[i] = bb_tool_schema_parse (tool->parameters);
  return schemas[i];
}

static void
call_free (BbToolCall *call)
{
  g_clear_object (&call->task);
  g_free (call->name);
  g_free (call->arguments);
  g_clear_pointer (&call->parsed, json_node_unref);
  g_clear_object (&call->draft);
  g_free (call->number);
  g_free (call->text);
  g_free (call);
}

/* Takes @result. The next call starts after the answer has been handed over. */
static void
finish (BbToolCall *call, JsonObject *result)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), result);
  g_autoptr (BbToolbox) self = g_object_ref (call->toolbox);

  json_object_unref (result);
  g_assert (g_queue_pop_head (&self->calls) == call);
  g_task_return_pointer (call->task, bb_json_to_text (node, FALSE), g_free);
  call_free (call);
  run_next (self);
}

void
bb_tool_call_succeed (BbToolCall *call, JsonObject *result)
{
  JsonObject *whole = json_object_new ();
  g_autoptr (GList) members = json_object_get_members (result);

  json_object_set_boolean_member (whole, "ok", TRUE);
  for (GList *l = members; l != NULL; l = l->next)
    json_object_set_member (whole, l->data, json_object_dup_member (result, l->data));
  json_object_unref (result);
  finish (call, whole);
}

void
bb_tool_call_refuse (BbToolCall *call, char *sentence)
{
  JsonObject *result = json_object_new ();

  json_object_set_boolean_member (result, "ok", FALSE);
  json_object_set_string_member (result, "error", sentence);
  g_free (sentence);
  finish (call, result);
}

static gboolean
is_offered (const BbTool *tool, const BbConfig *config)
{
  return tool->offered == NULL || tool->offered (config);
}

static const BbTool *
find_tool (const char *name, const BbConfig *config)
{
  for (guint i = 0; i < bb_n_tools; i++)
    if (g_str_equal (bb_tools[i].name, name))
      return is_offered (&bb_tools[i], config) ? &bb_tools[i] : NULL;
  return NULL;
}

/* Models write null for what they leave out. */
static void
remove_nulls (JsonObject *object)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    if (json_object_get_null_member (object, l->data))
      json_object_remove_member (object, l->data);
}

/* The arguments as an object; nothing at all counts as {}. */
static JsonObject *
parse_arguments (BbToolCall *call)
{
  const char *text = call->arguments;

  while (g_ascii_isspace (*text))
    text++;
  if (strlen (text) > MAX_ARGUMENTS || !g_utf8_validate (text, -1, NULL)
      || bb_json_check_end (text, strlen (text)) != NULL)
    return NULL;
  call->parsed = json_from_string (*text != '\0' ? text : "{}", NULL);
  if (call->parsed == NULL || !JSON_NODE_HOLDS_OBJECT (call->parsed))
    return NULL;
  remove_nulls (json_node_get_object (call->parsed));
  return json_node_get_object (call->parsed);
}

static void
run (BbToolCall *call)
{
  const BbConfig *config = call->toolbox->config;
  const BbTool *tool = find_tool (call->name, config);
  g_autofree char *wrong = NULL;
  JsonObject *arguments;

  if (g_cancellable_is_cancelled (g_task_get_cancellable (call->task)))
    {
      bb_tool_call_refuse (call, bb_speech (config, BB_SPEECH_CANCELLED));
      return;
    }
  if (tool == NULL)
    {
      g_autofree char *valid = g_utf8_make_valid (call->name, -1);
      g_autofree char *name = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), 40));

      bb_tool_call_refuse (call, bb_speech (config, BB_SPEECH_UNKNOWN_TOOL, name));
      return;
    }

  arguments = parse_arguments (call);
  wrong = arguments == NULL ? bb_speech (config, BB_SPEECH_ARGUMENTS_NO_OBJECT)
                            : bb_tool_schema_check (schema_of (tool), arguments, config);
  if (wrong != NULL)
    bb_tool_call_refuse (call, bb_speech (config, BB_SPEECH_BAD_ARGUMENTS, wrong));
  else
    tool->handler (call, arguments);
}

/* A loop and no recursion: whole queues of calls end at once. */
static void
run_next (BbToolbox *self)
{
  BbToolCall *call;

  if (self->running)
    return;
  self->running = TRUE;
  g_object_ref (self);
  while ((call = g_queue_peek_head (&self->calls)) != NULL && !call->started)
    {
      call->started = TRUE;
      run (call);
    }
  self->running = FALSE;
  g_object_unref (self);
}

static void
bb_toolbox_dispose (GObject *object)
{
  BbToolbox *self = BB_TOOLBOX (object);

  /* Every call's task holds a reference: there is none left. */
  g_assert (g_queue_is_empty (&self->calls));
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_clear_object (&self->store);
  g_clear_pointer (&self->config, bb_config_unref);
  g_clear_object (&self->order);
  G_OBJECT_CLASS (bb_toolbox_parent_class)->dispose (object);
}

static void
bb_toolbox_class_init (BbToolboxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_toolbox_dispose;

  /**
   * BbToolbox::transfer-requested:
   * @self: the toolbox
   * @reason: why, in the model's words
   *
   * The caller is to be passed to a person.
   */
  signals[TRANSFER_REQUESTED]
      = g_signal_new (BB_TOOLBOX_SIGNAL_TRANSFER_REQUESTED, BB_TYPE_TOOLBOX, G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * BbToolbox::end-requested:
   * @self: the toolbox
   * @reason: why, in the model's words
   *
   * The model wants to hang up, after its last words have been played.
   */
  signals[END_REQUESTED]
      = g_signal_new (BB_TOOLBOX_SIGNAL_END_REQUESTED, BB_TYPE_TOOLBOX, G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * BbToolbox::recording-decided:
   * @self: the toolbox
   * @allowed: whether the caller agrees to being recorded, from now on
   */
  signals[RECORDING_DECIDED]
      = g_signal_new (BB_TOOLBOX_SIGNAL_RECORDING_DECIDED, BB_TYPE_TOOLBOX, G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
bb_toolbox_init (BbToolbox *self)
{
  g_queue_init (&self->calls);
}

/**
 * bb_toolbox_new:
 * @catalogue: what can be ordered
 * @store: where the order is kept
 * @config: limits and language
 * @order: the call's order
 *
 * Returns: (transfer full): the tools of one call
 */
BbToolbox *
bb_toolbox_new (BbCatalogue *catalogue, BbOrderStore *store, const BbConfig *config,
                BbOrder *order)
{
  BbToolbox *self;

  g_return_val_if_fail (catalogue != NULL, NULL);
  g_return_val_if_fail (BB_IS_ORDER_STORE (store), NULL);
  g_return_val_if_fail (config != NULL, NULL);
  g_return_val_if_fail (BB_IS_ORDER (order), NULL);

  self = g_object_new (BB_TYPE_TOOLBOX, NULL);
  self->catalogue = bb_catalogue_ref (catalogue);
  self->store = g_object_ref (store);
  self->config = bb_config_ref (config);
  self->order = g_object_ref (order);
  return self;
}

/**
 * bb_tools_to_json:
 * @config: some tools are offered with certain settings only
 *
 * Returns: (transfer full): the array for `session.tools`
 */
char *
bb_tools_to_json (const BbConfig *config)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; i < bb_n_tools; i++)
    {
      JsonObject *tool;

      if (!is_offered (&bb_tools[i], config))
        continue;
      tool = json_object_new ();
      json_object_set_string_member (tool, "type", "function");
      json_object_set_string_member (tool, "name", bb_tools[i].name);
      json_object_set_string_member (tool, "description", bb_tools[i].description);
      json_object_set_object_member (tool, "parameters",
                                     json_object_ref (schema_of (&bb_tools[i])));
      json_array_add_object_element (array, tool);
    }
  json_node_set_array (node, array);
  return bb_json_to_text (node, FALSE);
}

/**
 * bb_toolbox_call_async:
 * @self: the toolbox
 * @name: (nullable): the tool, as the model wrote it
 * @arguments: (nullable): its arguments, as the model wrote them
 * @cancellable: (nullable): refuses what has not begun
 * @callback: (nullable): called in the order of the calls
 * @user_data: for @callback
 */
void
bb_toolbox_call_async (BbToolbox *self, const char *name, const char *arguments,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  BbToolCall *call;

  g_return_if_fail (BB_IS_TOOLBOX (self));
  BB_ASSERT_MAIN_CONTEXT ();

  call = g_new0 (BbToolCall, 1);
  call->toolbox = self;
  call->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (call->task, bb_toolbox_call_async);
  /* A cancelled call has an answer too. */
  g_task_set_check_cancellable (call->task, FALSE);
  call->name = g_strdup (name != NULL ? name : "");
  call->arguments = g_strdup (arguments != NULL ? arguments : "");

  g_queue_push_tail (&self->calls, call);
  run_next (self);
}

/**
 * bb_toolbox_call_finish:
 * @self: the toolbox
 * @result: of the callback
 *
 * Returns: (transfer full): a JSON object, for `function_call_output`
 */
char *
bb_toolbox_call_finish (BbToolbox *self, GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}
