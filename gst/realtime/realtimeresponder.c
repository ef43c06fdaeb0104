/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Who may ask for a response, and when.
 *
 * One response of the default conversation runs at a time. A wish that comes
 * meanwhile waits for response.done and is sent once. The server's VAD creates
 * responses of its own, so a create can lose the race: then the service
 * answers conversation_already_has_active_response and the wish waits again.
 *
 * Function calls are collected per response; when all outputs of one are sent
 * and its response.done has come, one response is wished for. While the caller
 * speaks that wish waits: the VAD's own response will see the outputs, and if
 * none comes the wish is sent after all.
 */
#include "realtimeresponder.h"

typedef struct
{
  char *call_id;
  gboolean answered; /* the output was sent */
  gboolean added;    /* the service has it */
} Call;

/* The function calls of one response. */
typedef struct
{
  char *response_id;
  GPtrArray *calls; /* Call */
  gboolean done;    /* response.done has come */
  gboolean wished;  /* all outputs are sent and the answer to them is wished for */
} Group;

struct _GstRealtimeResponder
{
  GstRealtimeCreateFunc create;
  gpointer user_data;
  GstRealtimeResponseState state;
  char *active_id;
  GstRealtimeWish *inflight; /* sent, neither seen as a response nor refused */
  char *inflight_id;         /* event id of its response.create */
  GstRealtimeWish *last;     /* what the last response was to do; NULL: the VAD's */
  GstRealtimeWish *pending;  /* waits for response.done */
  gboolean answer_outputs;   /* an answer to function outputs is wished for */
  gboolean user_turn;        /* the caller speaks, or the VAD's response is due */
  gboolean echoes;           /* the service echoes metadata */
  gboolean blocked;          /* no connection that is ready: nothing is sent */
  gboolean stopped;          /* for good: nothing is asked for any more */
  gboolean held;             /* nothing that the model could need a tool for is sent */
  GPtrArray *groups;         /* Group */
};

static void
call_free (Call *call)
{
  g_free (call->call_id);
  g_free (call);
}

static void
group_free (Group *group)
{
  g_free (group->response_id);
  g_ptr_array_unref (group->calls);
  g_free (group);
}

/* Sends nothing until gst_realtime_responder_unblock(). */
GstRealtimeResponder *
gst_realtime_responder_new (GstRealtimeCreateFunc create, gpointer user_data)
{
  GstRealtimeResponder *self = g_new0 (GstRealtimeResponder, 1);

  self->create = create;
  self->user_data = user_data;
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify)group_free);
  self->blocked = TRUE;
  return self;
}

static void
clear_inflight (GstRealtimeResponder *self)
{
  g_clear_pointer (&self->inflight, gst_realtime_wish_free);
  g_clear_pointer (&self->inflight_id, g_free);
}

void
gst_realtime_responder_free (GstRealtimeResponder *self)
{
  clear_inflight (self);
  g_clear_pointer (&self->pending, gst_realtime_wish_free);
  g_clear_pointer (&self->last, gst_realtime_wish_free);
  g_ptr_array_unref (self->groups);
  g_free (self->active_id);
  g_free (self);
}

GstRealtimeResponseState
gst_realtime_responder_get_state (GstRealtimeResponder *self)
{
  return self->state;
}

/* Returns: (nullable): id of the response that runs, unless it is being cancelled */
const char *
gst_realtime_responder_get_active (GstRealtimeResponder *self)
{
  return self->state == GST_REALTIME_RESPONSE_ACTIVE ? self->active_id : NULL;
}

/* Returns: whether @request is the event id of the response.create under way */
gboolean
gst_realtime_responder_is_own (GstRealtimeResponder *self, const char *request)
{
  return request != NULL && g_strcmp0 (request, self->inflight_id) == 0;
}

/* Returns: whether @request is of a response that may only call functions */
gboolean
gst_realtime_responder_is_silent (GstRealtimeResponder *self, const char *request)
{
  return self->inflight != NULL && self->inflight->silent &&
         gst_realtime_responder_is_own (self, request);
}

/* Returns: (nullable): what the response that runs was asked to do; %NULL: the VAD's */
const GstRealtimeWish *
gst_realtime_responder_get_last (GstRealtimeResponder *self)
{
  return self->last;
}

/* Whether an answer runs, or is going to without anybody's doing. */
gboolean
gst_realtime_responder_is_busy (GstRealtimeResponder *self)
{
  return self->state != GST_REALTIME_RESPONSE_FREE || self->pending != NULL ||
         self->answer_outputs || self->user_turn;
}

/* Whether an answer runs or is to come that isn't one to what the caller says now. */
gboolean
gst_realtime_responder_is_answering (GstRealtimeResponder *self)
{
  return self->state != GST_REALTIME_RESPONSE_FREE || self->pending != NULL ||
         self->answer_outputs;
}

/* Whether the application still owes the output of a function call. */
gboolean
gst_realtime_responder_has_calls (GstRealtimeResponder *self)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->calls->len; j++)
        if (!((Call *)g_ptr_array_index (group->calls, j))->answered)
          return TRUE;
    }
  return FALSE;
}

/* Takes @wish. */
static void
send_wish (GstRealtimeResponder *self, GstRealtimeWish *wish)
{
  self->state = GST_REALTIME_RESPONSE_CREATE_REQUESTED;
  clear_inflight (self);
  self->inflight = wish;
  self->inflight_id = self->create (self->user_data, wish);
}

static void
drop_answered_groups (GstRealtimeResponder *self)
{
  for (guint i = self->groups->len; i > 0; i--)
    if (((Group *)g_ptr_array_index (self->groups, i - 1))->wished)
      g_ptr_array_remove_index (self->groups, i - 1);
}

static void
send_next (GstRealtimeResponder *self)
{
  if (self->state != GST_REALTIME_RESPONSE_FREE || self->blocked || self->stopped ||
      (self->held && !(self->pending != NULL && self->pending->verbatim)))
    return;
  if (self->pending != NULL)
    {
      /* It sees the outputs, too. */
      self->answer_outputs = FALSE;
      drop_answered_groups (self);
      send_wish (self, g_steal_pointer (&self->pending));
    }
  else if (self->answer_outputs && !self->user_turn)
    {
      self->answer_outputs = FALSE;
      drop_answered_groups (self);
      send_wish (self, gst_realtime_wish_new (NULL, FALSE, FALSE));
    }
}

/**
 * gst_realtime_responder_wish:
 * @wish: (transfer full): sent now if nothing runs, otherwise after
 *   response.done; of several only the last with instructions of its own
 */
void
gst_realtime_responder_wish (GstRealtimeResponder *self, GstRealtimeWish *wish)
{
  if (self->pending != NULL && wish->instructions == NULL)
    gst_realtime_wish_free (wish);
  else
    {
      g_clear_pointer (&self->pending, gst_realtime_wish_free);
      self->pending = wish;
    }
  send_next (self);
}

/* speech_started, and FALSE when no response of the VAD is due any longer. */
void
gst_realtime_responder_user_turn (GstRealtimeResponder *self, gboolean speaking)
{
  self->user_turn = speaking;
  send_next (self);
}

/**
 * gst_realtime_responder_created:
 * @request: (nullable): metadata.request of the response
 * @speaking: the caller speaks
 *
 * response.created in the default conversation, ours or the VAD's.
 */
void
gst_realtime_responder_created (GstRealtimeResponder *self,
                                const char *response_id,
                                const char *request,
                                gboolean speaking)
{
  gboolean all_added = TRUE;
  gboolean ours = gst_realtime_responder_is_own (self, request);
  gboolean perhaps_ours = ours || (!self->echoes && self->inflight != NULL);

  self->echoes |= ours;
  g_clear_pointer (&self->last, gst_realtime_wish_free);
  if (ours)
    {
      self->last = g_steal_pointer (&self->inflight);
      clear_inflight (self);
    }
  g_free (self->active_id);
  self->active_id = g_strdup (response_id);
  if (self->state != GST_REALTIME_RESPONSE_CANCEL_REQUESTED)
    self->state = GST_REALTIME_RESPONSE_ACTIVE;
  /* One of ours that came late does not answer what is being said. */
  if (speaking && perhaps_ours)
    return;
  self->user_turn = FALSE;

  /* Outputs that the service had before it began are answered by this one. */
  for (guint i = 0; self->answer_outputs && i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; group->wished && j < group->calls->len; j++)
        all_added &= ((Call *)g_ptr_array_index (group->calls, j))->added;
    }
  if (self->answer_outputs && all_added)
    {
      self->answer_outputs = FALSE;
      drop_answered_groups (self);
    }
}

/* The caller spoke before the response that was asked for had begun. What it
 * was to answer beside the caller, function outputs, is answered afterwards. */
void
gst_realtime_responder_yield (GstRealtimeResponder *self)
{
  if (self->state == GST_REALTIME_RESPONSE_CREATE_REQUESTED && self->inflight != NULL &&
      self->inflight->instructions == NULL)
    self->answer_outputs = TRUE;
}

/* response.cancel was sent for the response that runs or was asked for. */
void
gst_realtime_responder_cancelling (GstRealtimeResponder *self)
{
  if (self->state != GST_REALTIME_RESPONSE_FREE)
    self->state = GST_REALTIME_RESPONSE_CANCEL_REQUESTED;
}

/* The service had nothing to cancel: if no response.done is to come, it is free. */
void
gst_realtime_responder_not_cancelled (GstRealtimeResponder *self)
{
  if (self->state == GST_REALTIME_RESPONSE_CANCEL_REQUESTED && self->active_id == NULL)
    {
      clear_inflight (self);
      self->state = GST_REALTIME_RESPONSE_FREE;
      send_next (self);
    }
}

static void
check_group (GstRealtimeResponder *self, Group *group)
{
  if (!group->done || group->wished || group->calls->len == 0)
    return;
  for (guint i = 0; i < group->calls->len; i++)
    if (!((Call *)g_ptr_array_index (group->calls, i))->answered)
      return;
  group->wished = TRUE;
  self->answer_outputs = TRUE;
}

/* response.done, whatever its status; it may come without response.created. */
void
gst_realtime_responder_done (GstRealtimeResponder *self,
                             const char *response_id,
                             const char *request)
{
  gboolean ours = gst_realtime_responder_is_own (self, request);

  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      if (g_strcmp0 (group->response_id, response_id) == 0)
        {
          group->done = TRUE;
          check_group (self, group);
        }
    }

  /* Without an echo nobody can tell; a response that ran after our create was
   * taken for ours all along. */
  if (self->inflight != NULL && (ours || !self->echoes))
    clear_inflight (self);
  /* The end of another one than the one that runs. */
  if (self->active_id != NULL && response_id != NULL &&
      g_strcmp0 (self->active_id, response_id) != 0)
    return;
  if (self->inflight != NULL && self->state != GST_REALTIME_RESPONSE_CREATE_REQUESTED)
    self->state = GST_REALTIME_RESPONSE_CREATE_REQUESTED; /* the VAD's ended, ours is still due */
  else if (self->inflight == NULL)
    self->state = GST_REALTIME_RESPONSE_FREE;
  g_clear_pointer (&self->active_id, g_free);
  send_next (self);
}

/**
 * gst_realtime_responder_error:
 * @event_id: (nullable): the client event the error names
 * @already_active: the error is conversation_already_has_active_response
 *
 * Returns: whether the error was about our response.create
 */
gboolean
gst_realtime_responder_error (GstRealtimeResponder *self,
                              const char *event_id,
                              gboolean already_active)
{
  gboolean ours = self->inflight != NULL &&
                  (already_active ? event_id == NULL || g_str_equal (event_id, self->inflight_id)
                                  : g_strcmp0 (event_id, self->inflight_id) == 0);

  if (!ours)
    return FALSE;
  if (already_active)
    {
      if (self->pending == NULL)
        self->pending = g_steal_pointer (&self->inflight);
      clear_inflight (self);
      /* The other one runs, though we may not have heard of it yet. */
      if (self->state == GST_REALTIME_RESPONSE_CREATE_REQUESTED)
        self->state = GST_REALTIME_RESPONSE_ACTIVE;
    }
  else
    {
      clear_inflight (self);
      if (self->state == GST_REALTIME_RESPONSE_CREATE_REQUESTED)
        self->state = GST_REALTIME_RESPONSE_FREE;
      send_next (self);
    }
  return TRUE;
}

/* A response.create that nothing came of for too long, or that lost a race
 * against a response that was never seen.
 * Returns: whether there was one */
gboolean
gst_realtime_responder_timeout (GstRealtimeResponder *self)
{
  gboolean unseen = self->state == GST_REALTIME_RESPONSE_ACTIVE && self->active_id == NULL;

  if (!unseen && (self->state != GST_REALTIME_RESPONSE_CREATE_REQUESTED || self->inflight == NULL))
    return FALSE;
  clear_inflight (self);
  self->state = GST_REALTIME_RESPONSE_FREE;
  send_next (self);
  return TRUE;
}

/* The last response failed for a reason that passes: the same again, unless
 * the caller has begun to speak: then the answer to that will do. */
void
gst_realtime_responder_retry (GstRealtimeResponder *self)
{
  GstRealtimeWish *wish = g_steal_pointer (&self->last);

  if (self->user_turn)
    {
      g_clear_pointer (&wish, gst_realtime_wish_free);
      self->answer_outputs = TRUE;
    }
  else if (self->pending == NULL)
    gst_realtime_responder_wish (self,
                                 wish != NULL ? wish : gst_realtime_wish_new (NULL, FALSE, FALSE));
  else
    g_clear_pointer (&wish, gst_realtime_wish_free);
}

/* The stop button: what was wished for and not sent is dropped. */
void
gst_realtime_responder_forget (GstRealtimeResponder *self)
{
  g_clear_pointer (&self->pending, gst_realtime_wish_free);
}

/* What runs is let finish; whatever is wished for or owed, nothing follows. */
void
gst_realtime_responder_stop (GstRealtimeResponder *self)
{
  self->stopped = TRUE;
  g_clear_pointer (&self->pending, gst_realtime_wish_free);
}

static gboolean
has_calls (GstRealtimeResponder *self, const char *response_id)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      if (group->calls->len > 0 && g_strcmp0 (group->response_id, response_id) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Takes @wish. One without instructions waits for the caller's end of speech. */
static void
wish_again (GstRealtimeResponder *self, GstRealtimeWish *wish)
{
  if (wish->instructions == NULL && !wish->silent)
    {
      self->answer_outputs = TRUE;
      gst_realtime_wish_free (wish);
    }
  else if (self->pending == NULL)
    self->pending = wish;
  else
    gst_realtime_wish_free (wish);
}

/**
 * gst_realtime_responder_lost:
 * @turn_is_kept: what the caller says or said last is going to be sent again,
 *   so that the VAD answers it
 * @cut: the caller spoke into the response that runs
 * @again: (nullable) (transfer full): what is missing of the response that runs;
 *   %NULL: nothing of it was heard
 *
 * The connection is gone and with it what ran. What was wished for is not:
 *
 *  - a response.create that no response was seen of is sent again;
 *  - of a response that called a function the answer to the output follows, and
 *    nothing before that: it would call again;
 *  - any other that was cut off is asked for again, for what is missing of it;
 *  - one that was cancelled, by the caller's speech or the stop button, is not;
 *  - a turn in the history that was not answered is.
 */
void
gst_realtime_responder_lost (GstRealtimeResponder *self,
                             gboolean turn_is_kept,
                             gboolean cut,
                             GstRealtimeWish *again)
{
  gboolean cancelled = self->state == GST_REALTIME_RESPONSE_CANCEL_REQUESTED;
  gboolean running = self->state == GST_REALTIME_RESPONSE_ACTIVE && self->active_id != NULL;

  /* Without an echo nobody can tell: what runs is taken for ours all along. */
  if (running && self->inflight != NULL && !self->echoes)
    {
      g_clear_pointer (&self->last, gst_realtime_wish_free);
      self->last = g_steal_pointer (&self->inflight);
    }
  if (self->inflight != NULL && !cancelled)
    wish_again (self, g_steal_pointer (&self->inflight));

  if (running && !cut && !has_calls (self, self->active_id))
    {
      if (again == NULL)
        again = self->last != NULL ? g_steal_pointer (&self->last)
                                   : gst_realtime_wish_new (NULL, FALSE, FALSE);
      /* Not before it is known what the caller said into it. */
      if (!turn_is_kept || (again->instructions == NULL && !again->silent))
        wish_again (self, g_steal_pointer (&again));
    }
  else if (!running && !cancelled && self->user_turn && !turn_is_kept)
    self->answer_outputs = TRUE;

  g_clear_pointer (&again, gst_realtime_wish_free);
  clear_inflight (self);
  g_clear_pointer (&self->active_id, g_free);
  self->state = GST_REALTIME_RESPONSE_FREE;
  self->blocked = TRUE;
  self->user_turn = turn_is_kept;
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      group->done = TRUE;
      for (guint j = 0; j < group->calls->len; j++)
        ((Call *)g_ptr_array_index (group->calls, j))->added = FALSE;
      check_group (self, group);
    }
}

/* The tools of an MCP server are being listed: what needs them waits. */
void
gst_realtime_responder_hold (GstRealtimeResponder *self, gboolean hold)
{
  self->held = hold;
  send_next (self);
}

/* A tool that the service ran has said something that is to be used; while the
 * caller speaks that waits for the VAD's own response. */
void
gst_realtime_responder_answer (GstRealtimeResponder *self)
{
  self->answer_outputs = TRUE;
  send_next (self);
}

/* The connection is ready: what is wished for is sent. */
void
gst_realtime_responder_unblock (GstRealtimeResponder *self)
{
  self->blocked = FALSE;
  send_next (self);
}

/**
 * gst_realtime_responder_add_call:
 *
 * Returns: whether the call is new; a call is reported twice (output_item.done
 *   and response.done) and must be run once
 */
gboolean
gst_realtime_responder_add_call (GstRealtimeResponder *self,
                                 const char *response_id,
                                 const char *call_id)
{
  Group *group = NULL;
  Call *call;

  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *g = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < g->calls->len; j++)
        if (g_str_equal (((Call *)g_ptr_array_index (g->calls, j))->call_id, call_id))
          return FALSE;
      if (!g->wished && g_strcmp0 (g->response_id, response_id) == 0)
        group = g;
    }

  if (group == NULL)
    {
      group = g_new0 (Group, 1);
      group->response_id = g_strdup (response_id);
      group->calls = g_ptr_array_new_with_free_func ((GDestroyNotify)call_free);
      g_ptr_array_add (self->groups, group);
    }
  call = g_new0 (Call, 1);
  call->call_id = g_strdup (call_id);
  g_ptr_array_add (group->calls, call);
  return TRUE;
}

/* A call that was not run and will not be: it never was. */
void
gst_realtime_responder_drop_call (GstRealtimeResponder *self, const char *call_id)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->calls->len; j++)
        {
          if (!g_str_equal (((Call *)g_ptr_array_index (group->calls, j))->call_id, call_id))
            continue;
          g_ptr_array_remove_index (group->calls, j);
          if (group->calls->len == 0)
            g_ptr_array_remove_index (self->groups, i);
          else
            check_group (self, group);
          return;
        }
    }
}

/* To be called after the output was sent: it may send response.create.
 * Returns: whether such a call waited for its output */
gboolean
gst_realtime_responder_answer_call (GstRealtimeResponder *self, const char *call_id)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->calls->len; j++)
        {
          Call *call = g_ptr_array_index (group->calls, j);

          if (!g_str_equal (call->call_id, call_id))
            continue;
          if (call->answered)
            return FALSE;
          call->answered = TRUE;
          check_group (self, group);
          send_next (self);
          return TRUE;
        }
    }
  return FALSE;
}

/* Returns: whether the application owes this call's output */
gboolean
gst_realtime_responder_owes_call (GstRealtimeResponder *self, const char *call_id)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->calls->len; j++)
        {
          Call *call = g_ptr_array_index (group->calls, j);

          if (g_str_equal (call->call_id, call_id))
            return !call->answered;
        }
    }
  return FALSE;
}

/* conversation.item.added of a function_call_output. */
void
gst_realtime_responder_output_added (GstRealtimeResponder *self, const char *call_id)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = g_ptr_array_index (self->groups, i);

      for (guint j = 0; j < group->calls->len; j++)
        {
          Call *call = g_ptr_array_index (group->calls, j);

          if (g_strcmp0 (call->call_id, call_id) == 0)
            call->added = TRUE;
        }
    }
}
