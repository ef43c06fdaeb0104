/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-controller.h"

#include <glib/gi18n-lib.h>

/* Ended calls that stay in the list, so that a viewer sees how they ended. */
#define KEPT_ENDED 100
/* What a refused caller is told to wait (s). */
#define RETRY_AFTER 30

struct _BbController
{
  GObject parent_instance;

  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  GListStore *calls;    /* BbCall: live ones and the last that ended */
  GPtrArray *sessions;  /* BbCallSession: not ended yet */

  GTask *shutdown;      /* somebody waits for the last call's end */
  guint shutdown_timeout;
  gboolean draining;
};

static void bb_controller_operator_init (BbOperatorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BbController, bb_controller, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_OPERATOR, bb_controller_operator_init))

static void
forget_old_calls (BbController *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->calls));
  guint n_ended = n - self->sessions->len;

  for (guint i = 0; i < n && n_ended > KEPT_ENDED;)
    {
      g_autoptr (BbCall) call = g_list_model_get_item (G_LIST_MODEL (self->calls), i);

      if (bb_call_get_state (call) != BB_CALL_ENDED)
        {
          i++;
          continue;
        }
      g_list_store_remove (self->calls, i);
      n--;
      n_ended--;
    }
}

static void
finish_shutdown (BbController *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->shutdown);

  g_clear_handle_id (&self->shutdown_timeout, g_source_remove);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
on_session_ended (BbCallSession *session, BbController *self)
{
  g_signal_handlers_disconnect_by_data (session, self);
  g_ptr_array_remove_fast (self->sessions, session);
  forget_old_calls (self);
  if (self->sessions->len == 0)
    finish_shutdown (self);
}

static BbCall *
add_session (BbController *self, BbMedia *media, BbLeg *leg)
{
  BbCallSession *session
      = bb_call_session_new (self->config, self->catalogue, self->store, media, leg);
  BbCall *call = bb_call_session_get_call (session);

  g_ptr_array_add (self->sessions, session);
  g_signal_connect_object (session, BB_CALL_SESSION_SIGNAL_ENDED, G_CALLBACK (on_session_ended),
                           self, 0);
  g_list_store_append (self->calls, call);
  bb_call_session_start (session);
  return call;
}

/**
 * bb_controller_accept:
 * @self: the controller
 * @leg: (transfer none): an incoming call with an offer we can answer
 *
 * Takes the call, or refuses it: 486 when all places are taken, 503 with
 * Retry-After when the gateway is stopping or has no port left.
 */
void
bb_controller_accept (BbController *self, BbLeg *leg)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BbMedia) media = NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_if_fail (BB_IS_CONTROLLER (self));

  if (self->draining)
    {
      g_message ("call from %s refused: the gateway is stopping", bb_leg_get_caller_number (leg));
      bb_leg_reject (leg, 503, "Service Unavailable", RETRY_AFTER);
      return;
    }
  if (self->sessions->len >= self->config->max_calls)
    {
      g_message ("call from %s refused: %u calls are running ([calls] max-calls)",
                 bb_leg_get_caller_number (leg), self->sessions->len);
      bb_leg_reject (leg, 486, "Busy Here", 0);
      return;
    }

  media = bb_rtp_media_new (self->config, bb_leg_get_local_address (leg), &error);
  if (media == NULL)
    {
      g_warning ("call from %s refused: %s", bb_leg_get_caller_number (leg), error->message);
      bb_leg_reject (leg, 503, "Service Unavailable", RETRY_AFTER);
      return;
    }

  add_session (self, media, leg);
}

/**
 * bb_controller_start_local:
 * @self: the controller
 * @source: (nullable): element description of the microphone
 * @sink: (nullable): the same of the speaker
 * @error: return location for a #BbMediaError
 *
 * Returns: (transfer none) (nullable): the call, connecting
 */
BbCall *
bb_controller_start_local (BbController *self, const char *source, const char *sink, GError **error)
{
  g_autoptr (BbMedia) media = NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_val_if_fail (BB_IS_CONTROLLER (self), NULL);

  media = bb_local_media_new (self->config, source, sink, error);
  if (media == NULL)
    return NULL;

  return add_session (self, media, NULL);
}

/**
 * bb_controller_get_n_active:
 * @self: the controller
 *
 * Returns: how many calls have not ended
 */
guint
bb_controller_get_n_active (BbController *self)
{
  g_return_val_if_fail (BB_IS_CONTROLLER (self), 0);

  return self->sessions->len;
}

static void
hang_up_all (BbController *self, const char *text)
{
  /* Sessions leave the array when they have ended, which is never at once. */
  for (guint i = 0; i < self->sessions->len; i++)
    bb_call_session_hang_up (self->sessions->pdata[i], BB_CALL_END_SHUTDOWN, text);
}

static gboolean
on_shutdown_timeout (gpointer user_data)
{
  BbController *self = user_data;

  self->shutdown_timeout = 0;
  g_warning ("%u calls have not ended in time", self->sessions->len);
  finish_shutdown (self);
  return G_SOURCE_REMOVE;
}

/**
 * bb_controller_shutdown_async:
 * @self: the controller
 * @timeout_ms: deadline, ms
 * @callback: called on the main context
 * @user_data: for @callback
 *
 * Takes no new calls (503), ends those that run, and is done when the last
 * one's ports are free.
 */
void
bb_controller_shutdown_async (BbController *self,
                              guint timeout_ms,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  BB_ASSERT_MAIN_CONTEXT ();
  g_return_if_fail (BB_IS_CONTROLLER (self));

  self->draining = TRUE;
  if (self->shutdown != NULL || self->sessions->len == 0)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  self->shutdown = g_steal_pointer (&task);
  self->shutdown_timeout = g_timeout_add (timeout_ms, on_shutdown_timeout, self);
  hang_up_all (self, _("The gateway is stopping"));
}

void
bb_controller_shutdown_finish (BbController *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* ---- BbOperator ------------------------------------------------------- */

static GListModel *
bb_controller_get_calls (BbOperator *operator)
{
  return G_LIST_MODEL (BB_CONTROLLER (operator)->calls);
}

static void
bb_controller_hang_up (BbOperator *operator, BbCall *call)
{
  BbController *self = BB_CONTROLLER (operator);

  BB_ASSERT_MAIN_CONTEXT ();

  for (guint i = 0; i < self->sessions->len; i++)
    {
      BbCallSession *session = self->sessions->pdata[i];

      if (bb_call_session_get_call (session) == call)
        {
          bb_call_session_hang_up (session, BB_CALL_END_OPERATOR, NULL);
          return;
        }
    }
}

static void
bb_controller_operator_init (BbOperatorInterface *iface)
{
  iface->get_calls = bb_controller_get_calls;
  iface->hang_up = bb_controller_hang_up;
}

/* ---- life-cycle ------------------------------------------------------- */

static void
bb_controller_finalize (GObject *object)
{
  BbController *self = BB_CONTROLLER (object);

  g_clear_handle_id (&self->shutdown_timeout, g_source_remove);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_object (&self->calls);
  g_clear_object (&self->store);
  g_clear_pointer (&self->catalogue, bb_catalogue_unref);
  g_clear_pointer (&self->config, bb_config_unref);

  G_OBJECT_CLASS (bb_controller_parent_class)->finalize (object);
}

static void
bb_controller_class_init (BbControllerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bb_controller_finalize;
}

static void
bb_controller_init (BbController *self)
{
  self->calls = g_list_store_new (BB_TYPE_CALL);
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * bb_controller_new:
 * @config: the settings
 * @catalogue: the products
 * @store: where orders go
 *
 * Returns: (transfer full): a controller without calls
 */
BbController *
bb_controller_new (const BbConfig *config, BbCatalogue *catalogue, BbOrderStore *store)
{
  BbController *self = g_object_new (BB_TYPE_CONTROLLER, NULL);

  BB_ASSERT_MAIN_CONTEXT ();

  self->config = bb_config_ref (config);
  self->catalogue = bb_catalogue_ref (catalogue);
  self->store = g_object_ref (store);
  return self;
}
