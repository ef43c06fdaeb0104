/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-history.h"

#include <errno.h>
#include <glib/gstdio.h>

/* Between two looks at what is too old (s). */
#define FORGET_INTERVAL (6 * 3600)

struct _BbHistory
{
  BbConfig *config;
  BbOrderStore *store;
  guint timer;
};

/* Its folder holds the session log too; what else somebody put there stays. */
static void
delete_files (const BbCallRecord *record)
{
  g_autofree char *folder = g_path_get_dirname (record->recording_path);
  g_autofree char *log = g_build_filename (folder, "session.jsonl", NULL);

  if (g_unlink (record->recording_path) != 0 && errno != ENOENT)
    g_warning ("%s can't be deleted (%s): delete it, its time is over", record->recording_path,
               g_strerror (errno));
  g_unlink (log);
  g_rmdir (folder);
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) calls
      = bb_order_store_list_calls_finish (BB_ORDER_STORE (source), result, &error);

  if (calls == NULL)
    {
      g_warning ("past calls can't be deleted: %s", error->message);
      return;
    }
  for (guint i = 0; i < calls->len; i++)
    {
      const BbCallRecord *record = g_ptr_array_index (calls, i);

      if (record->recording_path != NULL)
        delete_files (record);
    }
  if (calls->len > 0)
    g_message ("%u past calls deleted: their time is over ([calls] history-days)", calls->len);
}

static gboolean
forget (gpointer user_data)
{
  BbHistory *self = user_data;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) before = g_date_time_add_days (now, -(int)self->config->history_days);

  bb_order_store_forget_calls_async (self->store, before, on_forgotten, NULL);
  return G_SOURCE_CONTINUE;
}

BbHistory *
bb_history_new (const BbConfig *config, BbOrderStore *store)
{
  BbHistory *self = g_new0 (BbHistory, 1);

  self->config = bb_config_ref (config);
  self->store = g_object_ref (store);
  self->timer = g_timeout_add_seconds (FORGET_INTERVAL, forget, self);
  forget (self);
  return self;
}

void
bb_history_free (BbHistory *self)
{
  g_source_remove (self->timer);
  bb_config_unref (self->config);
  g_object_unref (self->store);
  g_free (self);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!bb_order_store_save_call_finish (BB_ORDER_STORE (source), result, &error))
    g_warning ("a past call is not kept: %s", error->message);
}

/**
 * bb_history_add:
 * @self: the history
 * @call: one that has ended
 * @may_keep: the caller allows that what was said is kept
 */
void
bb_history_add (BbHistory *self, BbCall *call, gboolean may_keep)
{
  if (self->config->history_days > 0)
    bb_order_store_save_call_async (self->store, call, may_keep && self->config->transcripts,
                                    on_saved, NULL);
}
