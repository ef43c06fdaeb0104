/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What each tool does. A change of the order is made on a copy, the copy is
 * stored, and only then the call's order follows: what the caller hears is on
 * disk, and a failed write leaves everything as it was.
 */
#include "config.h"

#include "bb-tools-private.h"

#include "bb-order-rules.h"
#include "bb-order-text.h"

#define DEFAULT_LIMIT 5

static void
set_money (JsonObject *object, const char *member, const char *text_member, const BbConfig *config,
           gint64 cents)
{
  g_autofree char *text = bb_speech_money (config, cents);

  if (member != NULL)
    json_object_set_double_member (object, member, (double) cents / 100.0);
  json_object_set_string_member (object, text_member, text);
}

static JsonObject *
describe_product (const BbProduct *product, const BbConfig *config)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "number", product->number);
  json_object_set_string_member (object, "name", product->name);
  json_object_set_string_member (object, "group", product->group);
  json_object_set_string_member (object, "material", product->material);
  json_object_set_string_member (object, "size", product->size);
  json_object_set_string_member (object, "unit", product->unit);
  set_money (object, "price", "price_text", config, product->price);
  json_object_set_int_member (object, "pack_size", product->pack_size);
  return object;
}

static JsonObject *
describe_line (BbOrderLine *line, const BbConfig *config)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "number", bb_order_line_get_number (line));
  json_object_set_string_member (object, "name", bb_order_line_get_name (line));
  json_object_set_int_member (object, "quantity", bb_order_line_get_quantity (line));
  json_object_set_string_member (object, "unit", bb_order_line_get_unit (line));
  set_money (object, NULL, "price_text", config, bb_order_line_get_price (line));
  set_money (object, NULL, "total_text", config, bb_order_line_get_total (line));
  return object;
}

static char *
take_message (GError *error)
{
  char *message = g_strdup (error->message);

  g_error_free (error);
  return message;
}

void
bb_tool_list_groups (BbToolCall *call, JsonObject *arguments)
{
  BbCatalogue *catalogue = call->toolbox->catalogue;
  const char *const *groups = bb_catalogue_get_groups (catalogue);
  JsonObject *result = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; groups[i] != NULL; i++)
    {
      JsonObject *group = json_object_new ();

      json_object_set_string_member (group, "name", groups[i]);
      json_object_set_int_member (group, "count", bb_catalogue_count_group (catalogue, groups[i]));
      json_array_add_object_element (array, group);
    }
  json_object_set_array_member (result, "groups", array);
  bb_tool_call_succeed (call, result);
}

static gboolean
is_blank (const char *text)
{
  while (g_unichar_isspace (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  return *text == '\0';
}

void
bb_tool_search_products (BbToolCall *call, JsonObject *arguments)
{
  BbToolbox *self = call->toolbox;
  const char *query = json_object_get_string_member (arguments, "query");
  const char *group = json_object_get_string_member_with_default (arguments, "group", "");
  guint limit = (guint) json_object_get_double_member_with_default (arguments, "limit",
                                                                    DEFAULT_LIMIT);
  g_autoptr (GPtrArray) matches = NULL;
  JsonObject *result;
  JsonArray *array;

  if (is_blank (group))
    group = NULL;
  if (is_blank (query) && group == NULL)
    {
      bb_tool_call_refuse (call, bb_speech (self->config, BB_SPEECH_NOTHING_TO_SEARCH));
      return;
    }
  if (group != NULL && bb_catalogue_count_group (self->catalogue, group) == 0)
    {
      bb_tool_call_refuse (call, bb_speech (self->config, BB_SPEECH_UNKNOWN_GROUP, group));
      return;
    }

  matches = bb_catalogue_search (self->catalogue, query, group, limit + 1);
  /* The model may have guessed the group wrong: the results name theirs. */
  if (matches->len == 0 && group != NULL)
    {
      g_ptr_array_unref (matches);
      matches = bb_catalogue_search (self->catalogue, query, NULL, limit + 1);
    }

  result = json_object_new ();
  array = json_array_new ();
  for (guint i = 0; i < MIN (matches->len, limit); i++)
    {
      const BbMatch *match = g_ptr_array_index (matches, i);

      json_array_add_object_element (array, describe_product (match->product, self->config));
    }
  json_object_set_array_member (result, "results", array);
  json_object_set_boolean_member (result, "more", matches->len > limit);
  bb_tool_call_succeed (call, result);
}

void
bb_tool_get_product (BbToolCall *call, JsonObject *arguments)
{
  BbToolbox *self = call->toolbox;
  const char *number = json_object_get_string_member (arguments, "number");
  const BbProduct *product = bb_catalogue_lookup (self->catalogue, number);
  JsonObject *result;
  JsonObject *object;

  if (product == NULL)
    {
      bb_tool_call_refuse (call, bb_speech (self->config, BB_SPEECH_UNKNOWN_PRODUCT, number));
      return;
    }
  object = describe_product (product, self->config);
  json_object_set_boolean_member (object, "whole_packs", product->whole_packs);
  json_object_set_string_member (object, "description", product->description);
  result = json_object_new ();
  json_object_set_object_member (result, "product", object);
  bb_tool_call_succeed (call, result);
}

/* The store's error is for the log; the caller hears that it did not work. */
static void
refuse_store_error (BbToolCall *call, const GError *error)
{
  g_warning ("%s", error->message);
  bb_tool_call_refuse (call, bb_speech (call->toolbox->config, BB_SPEECH_STORE_FAILED));
}

/* Somebody may have closed the order while the copy was written. */
static gboolean
still_open (BbToolCall *call)
{
  BbOrderState state = bb_order_get_state (call->toolbox->order);

  if (state == BB_ORDER_DRAFT || state == BB_ORDER_READ_BACK)
    return TRUE;
  bb_tool_call_refuse (call, bb_speech (call->toolbox->config, BB_SPEECH_CLOSED));
  return FALSE;
}

static void
on_change_saved (GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  BbToolCall *call = user_data;
  BbToolbox *self = call->toolbox;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrderLine) line = NULL;
  JsonObject *result;

  if (!bb_order_store_save_finish (BB_ORDER_STORE (source), async_result, &error))
    {
      refuse_store_error (call, error);
      return;
    }
  if (!still_open (call))
    return;

  g_set_object (&line, bb_order_find (call->draft, call->number));
  if (line == NULL)
    {
      BbOrderLine *old = bb_order_find (self->order, call->number);

      line = bb_order_line_new (call->number, old != NULL ? bb_order_line_get_name (old) : "",
                                old != NULL ? bb_order_line_get_unit (old) : "", 0,
                                old != NULL ? bb_order_line_get_price (old) : 0);
    }
  bb_order_set_line (self->order, line);

  result = json_object_new ();
  json_object_set_object_member (result, "line", describe_line (line, self->config));
  set_money (result, "total", "total_text", self->config, bb_order_get_total (self->order));
  json_object_set_int_member (result, "lines",
                              g_list_model_get_n_items (G_LIST_MODEL (self->order)));
  bb_tool_call_succeed (call, result);
}

/* Stores the draft that the rules have accepted. */
static void
save_change (BbToolCall *call)
{
  bb_order_store_save_async (call->toolbox->store, call->draft, NULL, on_change_saved, call);
}

static guint
get_quantity (JsonObject *arguments)
{
  return (guint) json_object_get_double_member (arguments, "quantity");
}

void
bb_tool_add_to_order (BbToolCall *call, JsonObject *arguments)
{
  BbToolbox *self = call->toolbox;
  const char *number = json_object_get_string_member (arguments, "number");
  GError *error = NULL;

  call->draft = bb_order_copy (self->order);
  if (!bb_order_rules_add (call->draft, self->catalogue, self->config, number,
                           get_quantity (arguments), &error))
    {
      bb_tool_call_refuse (call, take_message (error));
      return;
    }
  call->number = g_strdup (bb_catalogue_lookup (self->catalogue, number)->number);
  save_change (call);
}

void
bb_tool_change_quantity (BbToolCall *call, JsonObject *arguments)
{
  BbToolbox *self = call->toolbox;
  const char *number = json_object_get_string_member (arguments, "number");
  GError *error = NULL;

  call->draft = bb_order_copy (self->order);
  if (!bb_order_rules_change (call->draft, self->catalogue, self->config, number,
                              get_quantity (arguments), &error))
    {
      bb_tool_call_refuse (call, take_message (error));
      return;
    }
  call->number = g_strdup (bb_order_line_get_number (bb_order_rules_find (call->draft, number)));
  save_change (call);
}

void
bb_tool_remove_from_order (BbToolCall *call, JsonObject *arguments)
{
  BbToolbox *self = call->toolbox;
  const char *number = json_object_get_string_member (arguments, "number");
  BbOrderLine *line = bb_order_rules_find (self->order, number);
  GError *error = NULL;

  if (line != NULL)
    call->number = g_strdup (bb_order_line_get_number (line));
  call->draft = bb_order_copy (self->order);
  if (!bb_order_rules_remove (call->draft, self->config, number, &error))
    {
      bb_tool_call_refuse (call, take_message (error));
      return;
    }
  save_change (call);
}

static void
on_read_back_saved (GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  BbToolCall *call = user_data;
  BbToolbox *self = call->toolbox;
  g_autoptr (GError) error = NULL;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->order));
  JsonObject *result;
  JsonArray *lines;

  if (!bb_order_store_save_finish (BB_ORDER_STORE (source), async_result, &error))
    {
      refuse_store_error (call, error);
      return;
    }
  if (!still_open (call))
    return;
  bb_order_set_state (self->order, BB_ORDER_READ_BACK);

  result = json_object_new ();
  lines = json_array_new ();
  json_object_set_string_member (result, "text", call->text);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (self->order), i);

      json_array_add_object_element (lines, describe_line (line, self->config));
    }
  json_object_set_array_member (result, "lines", lines);
  set_money (result, "total", "total_text", self->config, bb_order_get_total (self->order));
  bb_tool_call_succeed (call, result);
}

void
bb_tool_read_order (BbToolCall *call, JsonObject *arguments)
{
  BbToolbox *self = call->toolbox;
  GError *error = NULL;

  call->draft = bb_order_copy (self->order);
  call->text = bb_order_rules_read_back (call->draft, self->config, &error);
  if (call->text == NULL)
    {
      bb_tool_call_refuse (call, take_message (error));
      return;
    }
  bb_order_store_save_async (self->store, call->draft, NULL, on_read_back_saved, call);
}

static void
answer_submitted (BbToolCall *call, const char *number)
{
  BbToolbox *self = call->toolbox;
  JsonObject *result = json_object_new ();

  json_object_set_string_member (result, "order_number", number);
  set_money (result, "total", "total_text", self->config, bb_order_get_total (self->order));
  bb_tool_call_succeed (call, result);
}

static void
on_submitted (GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  BbToolCall *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *number
      = bb_order_store_submit_finish (BB_ORDER_STORE (source), async_result, &error);

  if (number != NULL)
    answer_submitted (call, number);
  else
    refuse_store_error (call, error);
}

void
bb_tool_submit_order (BbToolCall *call, JsonObject *arguments)
{
  BbToolbox *self = call->toolbox;
  GError *error = NULL;

  if (bb_order_get_state (self->order) == BB_ORDER_SUBMITTED
      && bb_order_get_number (self->order) != NULL)
    {
      answer_submitted (call, bb_order_get_number (self->order));
      return;
    }
  if (!bb_order_rules_may_submit (self->order, self->config, &error))
    {
      bb_tool_call_refuse (call, take_message (error));
      return;
    }
  if (!json_object_get_boolean_member (arguments, "confirmed"))
    {
      bb_tool_call_refuse (call, bb_speech (self->config, BB_SPEECH_NOT_CONFIRMED));
      return;
    }
  bb_order_store_submit_async (self->store, self->order, NULL, on_submitted, call);
}

/* The answer goes first: whoever hears the signal may end the call. */
static void
succeed_and_emit (BbToolCall *call, JsonObject *arguments, const char *signal)
{
  g_autoptr (BbToolbox) self = g_object_ref (call->toolbox);
  g_autofree char *reason = g_strdup (json_object_get_string_member (arguments, "reason"));

  bb_tool_call_succeed (call, json_object_new ());
  g_signal_emit_by_name (self, signal, reason);
}

void
bb_tool_transfer_to_human (BbToolCall *call, JsonObject *arguments)
{
  const BbConfig *config = call->toolbox->config;

  if (config->operator_target == NULL || *config->operator_target == '\0')
    {
      bb_tool_call_refuse (call, bb_speech (config, BB_SPEECH_NOBODY_THERE));
      return;
    }
  succeed_and_emit (call, arguments, BB_TOOLBOX_SIGNAL_TRANSFER_REQUESTED);
}

/* The answer goes first, as above: recording must not begin with it unsaid. */
void
bb_tool_allow_recording (BbToolCall *call, JsonObject *arguments)
{
  g_autoptr (BbToolbox) self = g_object_ref (call->toolbox);
  gboolean allowed = json_object_get_boolean_member (arguments, "allowed");
  JsonObject *result = json_object_new ();

  json_object_set_boolean_member (result, "recording", allowed);
  bb_tool_call_succeed (call, result);
  g_signal_emit_by_name (self, BB_TOOLBOX_SIGNAL_RECORDING_DECIDED, allowed);
}

void
bb_tool_end_call (BbToolCall *call, JsonObject *arguments)
{
  succeed_and_emit (call, arguments, BB_TOOLBOX_SIGNAL_END_REQUESTED);
}
