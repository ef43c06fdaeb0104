/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order.h"

struct _BbOrder
{
  GObject parent_instance;

  char *id;
  char *number; /* NULL until submitted */
  char *call_id;
  char *caller;
  BbOrderState state;
  char *note;
  GDateTime *created; /* UTC */
  GDateTime *updated; /* UTC */
  gint64 total;       /* cents */

  GPtrArray *lines; /* (element-type BbOrderLine) */
};

static void bb_order_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BbOrder,
                               bb_order,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, bb_order_list_model_init))

enum
{
  PROP_0,
  PROP_ID,
  PROP_NUMBER,
  PROP_CALL_ID,
  PROP_CALLER,
  PROP_STATE,
  PROP_TOTAL,
  PROP_NOTE,
  PROP_CREATED,
  PROP_UPDATED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gint64
sum_of_lines (BbOrder *self)
{
  gint64 sum = 0;

  for (guint i = 0; i < self->lines->len; i++)
    {
      gint64 total = bb_order_line_get_total (g_ptr_array_index (self->lines, i));

      if (__builtin_add_overflow (sum, total, &sum))
        return total < 0 ? G_MININT64 : G_MAXINT64;
    }

  return sum;
}

/* After every change, and once for each: the stamp, then the signal. */
static void
changed (BbOrder *self)
{
  g_date_time_unref (self->updated);
  self->updated = g_date_time_new_now_utc ();
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UPDATED]);
  g_signal_emit (self, signals[CHANGED], 0);
}

static GType
bb_order_get_item_type (GListModel *model)
{
  return BB_TYPE_ORDER_LINE;
}

static guint
bb_order_get_n_items (GListModel *model)
{
  return BB_ORDER (model)->lines->len;
}

static gpointer
bb_order_get_item (GListModel *model, guint position)
{
  BbOrder *self = BB_ORDER (model);

  if (position >= self->lines->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->lines, position));
}

static void
bb_order_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = bb_order_get_item_type;
  iface->get_n_items = bb_order_get_n_items;
  iface->get_item = bb_order_get_item;
}

static void
bb_order_finalize (GObject *object)
{
  BbOrder *self = BB_ORDER (object);

  g_free (self->id);
  g_free (self->number);
  g_free (self->call_id);
  g_free (self->caller);
  g_free (self->note);
  g_clear_pointer (&self->created, g_date_time_unref);
  g_clear_pointer (&self->updated, g_date_time_unref);
  g_ptr_array_unref (self->lines);

  G_OBJECT_CLASS (bb_order_parent_class)->finalize (object);
}

static void
bb_order_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  BbOrder *self = BB_ORDER (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NUMBER:
      g_value_set_string (value, self->number);
      break;
    case PROP_CALL_ID:
      g_value_set_string (value, self->call_id);
      break;
    case PROP_CALLER:
      g_value_set_string (value, self->caller);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_TOTAL:
      g_value_set_int64 (value, self->total);
      break;
    case PROP_NOTE:
      g_value_set_string (value, self->note);
      break;
    case PROP_CREATED:
      g_value_set_boxed (value, self->created);
      break;
    case PROP_UPDATED:
      g_value_set_boxed (value, self->updated);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bb_order_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  BbOrder *self = BB_ORDER (object);

  switch (prop_id)
    {
    case PROP_NUMBER:
      bb_order_set_number (self, g_value_get_string (value));
      break;
    case PROP_STATE:
      bb_order_set_state (self, g_value_get_enum (value));
      break;
    case PROP_NOTE:
      bb_order_set_note (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bb_order_class_init (BbOrderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags read_write = read_only | G_PARAM_WRITABLE;

  object_class->finalize = bb_order_finalize;
  object_class->get_property = bb_order_get_property;
  object_class->set_property = bb_order_set_property;

  properties[PROP_ID] = g_param_spec_string (BB_ORDER_PROP_ID, NULL, NULL, "", read_only);
  properties[PROP_NUMBER] =
      g_param_spec_string (BB_ORDER_PROP_NUMBER, NULL, NULL, NULL, read_write);
  properties[PROP_CALL_ID] = g_param_spec_string (BB_ORDER_PROP_CALL_ID, NULL, NULL, "", read_only);
  properties[PROP_CALLER] = g_param_spec_string (BB_ORDER_PROP_CALLER, NULL, NULL, "", read_only);
  properties[PROP_STATE] = g_param_spec_enum (BB_ORDER_PROP_STATE, NULL, NULL, BB_TYPE_ORDER_STATE,
                                              BB_ORDER_DRAFT, read_write);
  properties[PROP_TOTAL] =
      g_param_spec_int64 (BB_ORDER_PROP_TOTAL, NULL, NULL, G_MININT64, G_MAXINT64, 0, read_only);
  properties[PROP_NOTE] = g_param_spec_string (BB_ORDER_PROP_NOTE, NULL, NULL, "", read_write);
  properties[PROP_CREATED] =
      g_param_spec_boxed (BB_ORDER_PROP_CREATED, NULL, NULL, G_TYPE_DATE_TIME, read_only);
  properties[PROP_UPDATED] =
      g_param_spec_boxed (BB_ORDER_PROP_UPDATED, NULL, NULL, G_TYPE_DATE_TIME, read_only);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * BbOrder::changed:
   *
   * After any change, and after the notify signals and items-changed of it.
   */
  signals[CHANGED] = g_signal_new (BB_ORDER_SIGNAL_CHANGED, BB_TYPE_ORDER, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
bb_order_init (BbOrder *self)
{
  self->lines = g_ptr_array_new_with_free_func (g_object_unref);
}

static char *
dup_or_empty (const char *string)
{
  return g_strdup (string != NULL ? string : "");
}

/**
 * bb_order_new:
 * @call_id: (nullable): the call it comes from
 * @caller: (nullable): number or name
 *
 * Returns: (transfer full): an empty draft with an id of its own
 */
BbOrder *
bb_order_new (const char *call_id, const char *caller)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return bb_order_new_full (id, NULL, call_id, caller, BB_ORDER_DRAFT, NULL, now, now, NULL);
}

/**
 * bb_order_new_full:
 * @id: UUID
 * @number: (nullable): %NULL unless it was submitted
 * @call_id: (nullable): the call it came from
 * @caller: (nullable): number or name
 * @state: as it was
 * @note: (nullable): as it was
 * @created: (nullable): any zone, kept as UTC; %NULL: now
 * @updated: (nullable): any zone, kept as UTC; %NULL: @created
 * @lines: (nullable) (element-type BbOrderLine) (transfer none): in their order
 *
 * Rebuilds an order that was stored or sent. Any thread.
 *
 * Returns: (transfer full): the order
 */
BbOrder *
bb_order_new_full (const char *id,
                   const char *number,
                   const char *call_id,
                   const char *caller,
                   BbOrderState state,
                   const char *note,
                   GDateTime *created,
                   GDateTime *updated,
                   GPtrArray *lines)
{
  BbOrder *self;

  g_return_val_if_fail (id != NULL, NULL);

  self = g_object_new (BB_TYPE_ORDER, NULL);
  self->id = g_strdup (id);
  self->number = g_strdup (number);
  self->call_id = dup_or_empty (call_id);
  self->caller = dup_or_empty (caller);
  self->state = state;
  self->note = dup_or_empty (note);
  self->created = created != NULL ? g_date_time_to_utc (created) : g_date_time_new_now_utc ();
  self->updated = updated != NULL ? g_date_time_to_utc (updated) : g_date_time_ref (self->created);
  for (guint i = 0; lines != NULL && i < lines->len; i++)
    g_ptr_array_add (self->lines, g_object_ref (g_ptr_array_index (lines, i)));
  self->total = sum_of_lines (self);

  return self;
}

const char *
bb_order_get_id (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), "");

  return self->id;
}

/**
 * bb_order_get_number:
 *
 * Returns: (nullable): %NULL until submitted
 */
const char *
bb_order_get_number (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), NULL);

  return self->number;
}

const char *
bb_order_get_call_id (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), "");

  return self->call_id;
}

const char *
bb_order_get_caller (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), "");

  return self->caller;
}

BbOrderState
bb_order_get_state (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), BB_ORDER_DRAFT);

  return self->state;
}

/**
 * bb_order_get_total:
 *
 * Returns: sum of the lines in cents; the nearest representable amount when
 *   that does not fit
 */
gint64
bb_order_get_total (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), 0);

  return self->total;
}

const char *
bb_order_get_note (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), "");

  return self->note;
}

GDateTime *
bb_order_get_created (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), NULL);

  return self->created;
}

GDateTime *
bb_order_get_updated (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), NULL);

  return self->updated;
}

static gboolean
find_position (BbOrder *self, const char *number, guint *position)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      if (strcmp (bb_order_line_get_number (g_ptr_array_index (self->lines, i)), number) == 0)
        {
          *position = i;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * bb_order_find:
 * @number: article number, exactly
 *
 * Returns: (transfer none) (nullable): its line
 */
BbOrderLine *
bb_order_find (BbOrder *self, const char *number)
{
  guint position;

  g_return_val_if_fail (BB_IS_ORDER (self), NULL);
  g_return_val_if_fail (number != NULL, NULL);

  if (!find_position (self, number, &position))
    return NULL;
  return g_ptr_array_index (self->lines, position);
}

static gboolean
lines_equal (BbOrderLine *a, BbOrderLine *b)
{
  return bb_order_line_get_quantity (a) == bb_order_line_get_quantity (b) &&
         bb_order_line_get_price (a) == bb_order_line_get_price (b) &&
         strcmp (bb_order_line_get_name (a), bb_order_line_get_name (b)) == 0 &&
         strcmp (bb_order_line_get_unit (a), bb_order_line_get_unit (b)) == 0;
}

/**
 * bb_order_set_line:
 * @line: (transfer none): replaces the line of the same article, else is added;
 *   removes it when its quantity is 0
 *
 * What was read back is no longer what would be submitted: the state falls
 * back to %BB_ORDER_DRAFT, before anybody hears of the change.
 */
void
bb_order_set_line (BbOrder *self, BbOrderLine *line)
{
  g_autoptr (BbOrder) alive = NULL;
  guint position, removed, added;
  gint64 total;
  gboolean fell_back;

  g_return_if_fail (BB_IS_ORDER (self));
  g_return_if_fail (BB_IS_ORDER_LINE (line));
  BB_ASSERT_MAIN_CONTEXT ();
  g_return_if_fail (self->state == BB_ORDER_DRAFT || self->state == BB_ORDER_READ_BACK);

  removed = find_position (self, bb_order_line_get_number (line), &position) ? 1 : 0;
  added = bb_order_line_get_quantity (line) > 0 ? 1 : 0;
  if (removed == 0 && added == 0)
    return;
  if (removed == 1 && added == 1 && lines_equal (g_ptr_array_index (self->lines, position), line))
    return;

  if (removed == 0)
    position = self->lines->len;
  g_object_ref (line); /* it may be the very line that leaves the array */
  if (removed == 1)
    g_ptr_array_remove_index (self->lines, position);
  if (added == 1)
    g_ptr_array_insert (self->lines, (int)position, g_object_ref (line));
  g_object_unref (line);

  fell_back = self->state == BB_ORDER_READ_BACK;
  self->state = BB_ORDER_DRAFT;
  total = self->total;
  self->total = sum_of_lines (self);

  alive = g_object_ref (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  if (fell_back)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  if (total != self->total)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL]);
  changed (self);
}

void
bb_order_set_state (BbOrder *self, BbOrderState state)
{
  g_autoptr (BbOrder) alive = NULL;

  g_return_if_fail (BB_IS_ORDER (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (self->state == state)
    return;
  alive = g_object_ref (self);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  changed (self);
}

void
bb_order_set_number (BbOrder *self, const char *number)
{
  g_autoptr (BbOrder) alive = NULL;

  g_return_if_fail (BB_IS_ORDER (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (g_strcmp0 (self->number, number) == 0)
    return;
  alive = g_object_ref (self);
  g_free (self->number);
  self->number = g_strdup (number);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NUMBER]);
  changed (self);
}

void
bb_order_set_note (BbOrder *self, const char *note)
{
  g_autoptr (BbOrder) alive = NULL;

  g_return_if_fail (BB_IS_ORDER (self));
  BB_ASSERT_MAIN_CONTEXT ();

  if (g_strcmp0 (self->note, note != NULL ? note : "") == 0)
    return;
  alive = g_object_ref (self);
  g_free (self->note);
  self->note = dup_or_empty (note);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NOTE]);
  changed (self);
}

static gboolean
lines_identical (BbOrderLine *a, BbOrderLine *b)
{
  return strcmp (bb_order_line_get_number (a), bb_order_line_get_number (b)) == 0
         && lines_equal (a, b);
}

/* Replaces what differs between a common beginning and a common end, so that
 * a list keeps its place. */
static void
mirror_lines (BbOrder *self, GPtrArray *lines, guint *position, guint *removed, guint *added)
{
  guint n_old = self->lines->len, n_new = lines->len;
  guint head = 0, tail = 0;

  while (head < n_old && head < n_new
         && lines_identical (self->lines->pdata[head], lines->pdata[head]))
    head++;
  while (tail < n_old - head && tail < n_new - head
         && lines_identical (self->lines->pdata[n_old - 1 - tail], lines->pdata[n_new - 1 - tail]))
    tail++;

  *position = head;
  *removed = n_old - head - tail;
  *added = n_new - head - tail;
  if (*removed > 0)
    g_ptr_array_remove_range (self->lines, head, *removed);
  for (guint i = 0; i < *added; i++)
    g_ptr_array_insert (self->lines, (int)(head + i), g_object_ref (lines->pdata[head + i]));
  self->total = sum_of_lines (self);
}

/**
 * bb_order_copy:
 * @self: the order
 *
 * Returns: (transfer full): the same, on its own from now on
 */
BbOrder *
bb_order_copy (BbOrder *self)
{
  g_return_val_if_fail (BB_IS_ORDER (self), NULL);

  return bb_order_new_full (self->id, self->number, self->call_id, self->caller, self->state,
                            self->note, self->created, self->updated, self->lines);
}

/**
 * bb_order_mirror:
 * @number: (nullable): %NULL unless it was submitted
 * @note: (nullable): as it is
 * @updated: (nullable): any zone; %NULL: leaves the stamp alone
 * @lines: (element-type BbOrderLine) (transfer none): in their order
 *
 * Not held to the rules of an order: the other process held itself to them.
 * One "changed" at the end, if anything did.
 */
void
bb_order_mirror (BbOrder *self,
                 const char *number,
                 BbOrderState state,
                 const char *note,
                 GDateTime *updated,
                 GPtrArray *lines)
{
  g_autoptr (BbOrder) alive = NULL;
  guint position, removed, added;
  gint64 total;
  gboolean new_number, new_note, new_state, new_updated;

  g_return_if_fail (BB_IS_ORDER (self));
  g_return_if_fail (lines != NULL);
  BB_ASSERT_MAIN_CONTEXT ();

  total = self->total;
  mirror_lines (self, lines, &position, &removed, &added);
  new_number = g_strcmp0 (self->number, number) != 0;
  new_note = strcmp (self->note, note != NULL ? note : "") != 0;
  new_state = self->state != state;
  new_updated = updated != NULL && !g_date_time_equal (self->updated, updated);
  if (new_number)
    {
      g_free (self->number);
      self->number = g_strdup (number);
    }
  if (new_note)
    {
      g_free (self->note);
      self->note = dup_or_empty (note);
    }
  if (new_updated)
    {
      g_date_time_unref (self->updated);
      self->updated = g_date_time_to_utc (updated);
    }
  self->state = state;

  alive = g_object_ref (self);
  if (removed > 0 || added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  if (total != self->total)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL]);
  if (new_number)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NUMBER]);
  if (new_state)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  if (new_note)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NOTE]);
  if (new_updated)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UPDATED]);
  if (removed > 0 || added > 0 || new_number || new_state || new_note || new_updated)
    g_signal_emit (self, signals[CHANGED], 0);
}
