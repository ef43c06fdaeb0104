/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-store.h"

#include "bb-order-db.h"

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (bb-order-store-error-quark, bb_order_store_error)

typedef enum
{
  JOB_SAVE,
  JOB_SUBMIT,
  JOB_LIST,
  JOB_LOAD,
  JOB_SAVE_CALL,
  JOB_LIST_CALLS,
  JOB_LOAD_CALL,
  JOB_FORGET_CALLS,
  JOB_QUIT
} JobKind;

/* One thing to do. It belongs to the thread while it is in the queue, then to
 * whoever asked; the thread never drops the last reference of an object that
 * others see. */
typedef struct
{
  JobKind kind;
  GTask *task;             /* NULL: somebody waits for `done` */
  GCancellable *cancellable;
  GMainContext *context;
  BbOrder *snapshot;
  BbOrder *order;          /* JOB_SUBMIT: gets number and state */
  char *wanted;            /* JOB_LOAD, JOB_LOAD_CALL */
  BbFilter filter;         /* JOB_LIST, JOB_LIST_CALLS; until: JOB_FORGET_CALLS */
  BbCallRecord *record;    /* JOB_SAVE_CALL */

  GError *error;
  gpointer result;         /* a pointer of the job's kind; NULL: none, or an error */
  GDestroyNotify free_result;
  gboolean done;           /* under the store's lock */
} Job;

struct _BbOrderStore
{
  GObject parent_instance;

  GThread *thread;    /* NULL: closed */
  GAsyncQueue *queue; /* of Job */
  BbOrderDb *db;      /* the thread's, from its start to its end */
  GMutex lock;        /* for Job.done */
  GCond finished;
};

G_DEFINE_FINAL_TYPE (BbOrderStore, bb_order_store, G_TYPE_OBJECT)

static void
job_free (Job *job)
{
  g_clear_object (&job->task);
  g_clear_object (&job->cancellable);
  g_clear_pointer (&job->context, g_main_context_unref);
  g_clear_object (&job->snapshot);
  g_clear_object (&job->order);
  g_clear_error (&job->error);
  g_free (job->wanted);
  bb_filter_clear (&job->filter);
  g_clear_pointer (&job->record, bb_call_record_free);
  if (job->result != NULL)
    job->free_result (job->result);
  g_free (job);
}

/* In the context of whoever asked: the answer. */
static gboolean
deliver (gpointer user_data)
{
  Job *job = user_data;

  if (job->error != NULL)
    {
      g_task_return_error (job->task, g_steal_pointer (&job->error));
    }
  else if (job->free_result == NULL)
    {
      g_task_return_boolean (job->task, TRUE);
    }
  else
    {
      if (job->kind == JOB_SUBMIT)
        {
          bb_order_set_number (job->order, job->result);
          bb_order_set_state (job->order, BB_ORDER_SUBMITTED);
        }
      g_task_return_pointer (job->task, g_steal_pointer (&job->result), job->free_result);
    }
  return G_SOURCE_REMOVE;
}

static void
run_job (BbOrderDb *db, Job *job)
{
  /* Once begun a write is not undone: what is on disk is what is reported. */
  if (g_cancellable_set_error_if_cancelled (job->cancellable, &job->error))
    return;

  switch (job->kind)
    {
    case JOB_SAVE:
      bb_order_db_save (db, job->snapshot, &job->error);
      break;
    case JOB_SUBMIT:
      job->result = bb_order_db_submit (db, job->snapshot, &job->error);
      job->free_result = g_free;
      break;
    case JOB_LIST:
      job->result = bb_order_db_list (db, &job->filter, &job->error);
      job->free_result = (GDestroyNotify) g_ptr_array_unref;
      break;
    case JOB_LOAD:
      job->result = bb_order_db_load (db, job->wanted, &job->error);
      job->free_result = g_object_unref;
      break;
    case JOB_SAVE_CALL:
      bb_order_db_save_call (db, job->record, &job->error);
      break;
    case JOB_LIST_CALLS:
      job->result = bb_order_db_list_calls (db, &job->filter, &job->error);
      job->free_result = (GDestroyNotify) g_ptr_array_unref;
      break;
    case JOB_LOAD_CALL:
      job->result = bb_order_db_load_call (db, job->wanted, &job->error);
      job->free_result = (GDestroyNotify) bb_call_record_free;
      break;
    case JOB_FORGET_CALLS:
      job->result = bb_order_db_forget_calls (db, job->filter.until, &job->error);
      job->free_result = (GDestroyNotify) g_ptr_array_unref;
      break;
    case JOB_QUIT:
      break;
    }
}

static void
hand_back (BbOrderStore *self, Job *job)
{
  GSource *source;

  if (job->task == NULL)
    {
      g_mutex_lock (&self->lock);
      job->done = TRUE;
      g_cond_broadcast (&self->finished);
      g_mutex_unlock (&self->lock);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "order store");
  g_source_set_callback (source, deliver, job, (GDestroyNotify) job_free);
  g_source_attach (source, job->context);
  g_source_unref (source);
}

/* @data is not referenced: bb_order_store_close() joins before it goes. */
static gpointer
work (gpointer data)
{
  BbOrderStore *self = data;

  for (;;)
    {
      Job *job = g_async_queue_pop (self->queue);

      if (job->kind == JOB_QUIT)
        {
          g_clear_pointer (&self->db, bb_order_db_close);
          job_free (job);
          return NULL;
        }
      run_job (self->db, job);
      hand_back (self, job);
    }
}

static void
bb_order_store_dispose (GObject *object)
{
  bb_order_store_close (BB_ORDER_STORE (object));
  G_OBJECT_CLASS (bb_order_store_parent_class)->dispose (object);
}

static void
bb_order_store_finalize (GObject *object)
{
  BbOrderStore *self = BB_ORDER_STORE (object);

  g_async_queue_unref (self->queue);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->finished);
  G_OBJECT_CLASS (bb_order_store_parent_class)->finalize (object);
}

static void
bb_order_store_class_init (BbOrderStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_order_store_dispose;
  object_class->finalize = bb_order_store_finalize;
}

static void
bb_order_store_init (BbOrderStore *self)
{
  self->queue = g_async_queue_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->finished);
}

static BbOrderStore *
open_store (const char *path, gboolean read_only, GError **error)
{
  BbOrderDb *db;
  BbOrderStore *self;

  g_return_val_if_fail (path != NULL, NULL);

  db = bb_order_db_open (path, read_only, error);
  if (db == NULL)
    return NULL;
  self = g_object_new (BB_TYPE_ORDER_STORE, NULL);
  self->db = db;
  self->thread = g_thread_new ("order-store", work, self);
  return self;
}

/**
 * bb_order_store_open:
 * @path: the database; created with its folder when it does not exist
 * @error: return location for a #BbOrderStoreError
 *
 * Blocks: for the start of a program. A file that is no order database, is
 * damaged or of a newer version is an error, and stays as it is.
 *
 * Returns: (transfer full) (nullable): the store
 */
BbOrderStore *
bb_order_store_open (const char *path, GError **error)
{
  return open_store (path, FALSE, error);
}

/**
 * bb_order_store_open_read_only:
 * @path: an existing database, which another process may be writing
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable): a store that can list and load
 */
BbOrderStore *
bb_order_store_open_read_only (const char *path, GError **error)
{
  return open_store (path, TRUE, error);
}

/**
 * bb_order_store_close:
 * @self: the store
 *
 * Blocks until everything asked for is on disk. The answers still come through
 * the main context.
 */
void
bb_order_store_close (BbOrderStore *self)
{
  Job *job;

  g_return_if_fail (BB_IS_ORDER_STORE (self));

  if (self->thread == NULL)
    return;
  job = g_new0 (Job, 1);
  job->kind = JOB_QUIT;
  g_async_queue_push (self->queue, job);
  g_thread_join (g_steal_pointer (&self->thread));
}

static void
set_closed_error (GError **error)
{
  g_set_error (error, BB_ORDER_STORE_ERROR, BB_ORDER_STORE_ERROR_WRITE,
               _ ("The order database is closed already."));
}

/* A job for a task, or NULL: the store is closed, and the task has its answer. */
static Job *
job_new (BbOrderStore *self, JobKind kind, GCancellable *cancellable, GAsyncReadyCallback callback,
         gpointer user_data, gpointer tag)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Job *job;

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  if (self->thread == NULL)
    {
      GError *error = NULL;

      set_closed_error (&error);
      g_task_return_error (task, error);
      return NULL;
    }

  job = g_new0 (Job, 1);
  job->kind = kind;
  job->task = g_steal_pointer (&task);
  job->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  job->context = g_main_context_ref_thread_default ();
  return job;
}

static void
push_async (BbOrderStore *self, JobKind kind, BbOrder *order, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  Job *job = job_new (self, kind, cancellable, callback, user_data, tag);

  if (job == NULL)
    return;
  job->snapshot = bb_order_copy (order);
  job->order = g_object_ref (order);
  g_async_queue_push (self->queue, job);
}

/**
 * bb_order_store_save_async:
 * @self: the store
 * @order: what to store, as it is now
 * @cancellable: (nullable): cancels what has not begun
 * @callback: (nullable): called in order
 * @user_data: for @callback
 */
void
bb_order_store_save_async (BbOrderStore *self, BbOrder *order, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (BB_IS_ORDER_STORE (self));
  g_return_if_fail (BB_IS_ORDER (order));

  push_async (self, JOB_SAVE, order, cancellable, callback, user_data, bb_order_store_save_async);
}

/**
 * bb_order_store_save_finish:
 * @self: the store
 * @result: of the callback
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: whether the order is on disk
 */
gboolean
bb_order_store_save_finish (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * bb_order_store_submit_async:
 * @self: the store
 * @order: a read-back order, or one submitted before
 * @cancellable: (nullable): cancels what has not begun
 * @callback: (nullable): called in order
 * @user_data: for @callback
 */
void
bb_order_store_submit_async (BbOrderStore *self, BbOrder *order, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (BB_IS_ORDER_STORE (self));
  g_return_if_fail (BB_IS_ORDER (order));

  push_async (self, JOB_SUBMIT, order, cancellable, callback, user_data,
              bb_order_store_submit_async);
}

/**
 * bb_order_store_submit_finish:
 * @self: the store
 * @result: of the callback
 * @error: return location for a #BbOrderStoreError
 *
 * Returns: (transfer full) (nullable): the order's number, "2026-000123"
 */
char *
bb_order_store_submit_finish (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
push_query (BbOrderStore *self, JobKind kind, const char *wanted, const BbFilter *filter,
            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  Job *job = job_new (self, kind, cancellable, callback, user_data, tag);

  if (job == NULL)
    return;
  job->wanted = g_strdup (wanted);
  if (filter != NULL)
    bb_filter_copy_into (filter, &job->filter);
  g_async_queue_push (self->queue, job);
}

/**
 * bb_order_store_list_async:
 * @self: the store
 * @filter: which; limit 0: all
 * @cancellable: (nullable): cancels what has not begun
 * @callback: called with the orders
 * @user_data: for @callback
 */
void
bb_order_store_list_async (BbOrderStore *self, const BbFilter *filter, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (BB_IS_ORDER_STORE (self));

  push_query (self, JOB_LIST, NULL, filter, cancellable, callback, user_data,
              bb_order_store_list_async);
}

void
bb_order_store_load_async (BbOrderStore *self, const char *id_or_number, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (BB_IS_ORDER_STORE (self));
  g_return_if_fail (id_or_number != NULL);

  push_query (self, JOB_LOAD, id_or_number, NULL, cancellable, callback, user_data,
              bb_order_store_load_async);
}

static gpointer
finish_query (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

GPtrArray *
bb_order_store_list_finish (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  return finish_query (self, result, error);
}

BbOrder *
bb_order_store_load_finish (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  return finish_query (self, result, error);
}

/**
 * bb_order_store_save_call_async:
 * @self: the store
 * @call: one that has ended, as it is now
 * @with_transcript: what was said too
 * @callback: (nullable): called in order
 * @user_data: for @callback
 */
void
bb_order_store_save_call_async (BbOrderStore *self, BbCall *call, gboolean with_transcript,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  Job *job;

  g_return_if_fail (BB_IS_ORDER_STORE (self));
  g_return_if_fail (BB_IS_CALL (call));

  job = job_new (self, JOB_SAVE_CALL, NULL, callback, user_data, bb_order_store_save_call_async);
  if (job == NULL)
    return;
  job->record = bb_call_record_new (call, with_transcript);
  g_async_queue_push (self->queue, job);
}

gboolean
bb_order_store_save_call_finish (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bb_order_store_list_calls_async (BbOrderStore *self, const BbFilter *filter,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (BB_IS_ORDER_STORE (self));

  push_query (self, JOB_LIST_CALLS, NULL, filter, cancellable, callback, user_data,
              bb_order_store_list_calls_async);
}

void
bb_order_store_load_call_async (BbOrderStore *self, const char *id, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (BB_IS_ORDER_STORE (self));
  g_return_if_fail (id != NULL);

  push_query (self, JOB_LOAD_CALL, id, NULL, cancellable, callback, user_data,
              bb_order_store_load_call_async);
}

BbCallRecord *
bb_order_store_load_call_finish (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  return finish_query (self, result, error);
}

/**
 * bb_order_store_forget_calls_async:
 * @self: the store
 * @before: calls that began before then go
 * @callback: called with those that are gone, see bb_order_store_list_calls_finish()
 * @user_data: for @callback
 */
void
bb_order_store_forget_calls_async (BbOrderStore *self, GDateTime *before,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  const BbFilter filter = { .state = -1, .until = before };

  g_return_if_fail (BB_IS_ORDER_STORE (self));

  push_query (self, JOB_FORGET_CALLS, NULL, &filter, NULL, callback, user_data,
              bb_order_store_forget_calls_async);
}

GPtrArray *
bb_order_store_list_calls_finish (BbOrderStore *self, GAsyncResult *result, GError **error)
{
  return finish_query (self, result, error);
}

/* Runs @job behind all that was asked before, and waits. */
static gboolean
run_and_wait (BbOrderStore *self, Job *job, GError **error)
{
  if (self->thread == NULL)
    {
      set_closed_error (error);
      return FALSE;
    }
  g_async_queue_push (self->queue, job);
  g_mutex_lock (&self->lock);
  while (!job->done)
    g_cond_wait (&self->finished, &self->lock);
  g_mutex_unlock (&self->lock);

  if (job->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&job->error));
  return FALSE;
}

/**
 * bb_order_store_list:
 * @self: the store
 * @state: a #BbOrderState; -1: all
 * @limit: at most so many; 0: all
 * @error: return location for a #BbOrderStoreError
 *
 * Blocks.
 *
 * Returns: (transfer full) (nullable) (element-type BbOrder): newest first
 */
GPtrArray *
bb_order_store_list (BbOrderStore *self, int state, guint limit, GError **error)
{
  Job job = { .kind = JOB_LIST, .filter = { .state = state, .limit = limit } };

  g_return_val_if_fail (BB_IS_ORDER_STORE (self), NULL);

  return run_and_wait (self, &job, error) ? job.result : NULL;
}

/**
 * bb_order_store_load:
 * @self: the store
 * @id_or_number: the id, the start of it that no other order has, or the number
 * @error: return location for a #BbOrderStoreError
 *
 * Blocks.
 *
 * Returns: (transfer full) (nullable): the order
 */
BbOrder *
bb_order_store_load (BbOrderStore *self, const char *id_or_number, GError **error)
{
  Job job = { .kind = JOB_LOAD, .wanted = (char *) id_or_number };

  g_return_val_if_fail (BB_IS_ORDER_STORE (self), NULL);
  g_return_val_if_fail (id_or_number != NULL, NULL);

  return run_and_wait (self, &job, error) ? job.result : NULL;
}
