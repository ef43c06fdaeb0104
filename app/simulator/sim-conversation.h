/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "sim-audio.h"
#include "sim-check.h"

G_BEGIN_DECLS

/* One item of a conversation. */
typedef struct
{
  char *id;
  JsonObject *json;   /* as in events: without audio */
  SimFormat format;   /* of the audio */
  GPtrArray *audio;   /* of GBytes, one after the other */
  gsize audio_bytes;  /* of it that count: what was sent, or is left */
  gboolean is_model_audio;
} SimItem;

/**
 * SimConversation:
 *
 * The items in order, and the rules by which they are added, truncated,
 * deleted and retrieved.
 */
typedef struct
{
  GPtrArray *items; /* of SimItem */
} SimConversation;

SimConversation *sim_conversation_new (void);
void sim_conversation_free (SimConversation *self);
SimItem *sim_conversation_find (SimConversation *self, const char *id);
SimItem *sim_conversation_append (SimConversation *self, JsonObject *json);
SimItem *sim_conversation_insert (SimConversation *self, JsonObject *json, const char *previous_item_id,
                                  SimError **error);
const char *sim_conversation_get_previous_id (SimConversation *self, SimItem *item);
const char *sim_conversation_get_last_id (SimConversation *self);
SimError *sim_conversation_truncate (SimConversation *self, const char *id, gint64 content_index,
                                     gint64 audio_end_ms);
SimError *sim_conversation_delete (SimConversation *self, const char *id);
JsonObject *sim_conversation_retrieve (SimConversation *self, const char *id, SimError **error);
void sim_item_add_audio (SimItem *item, GBytes *audio);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimConversation, sim_conversation_free)

G_END_DECLS
