/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include "bb-controller.h"

G_BEGIN_DECLS

/* A controller with real media, the real Realtime element and the simulator;
 * signalling alone is made up, so that a leg can do what no phone would. */

#define FAKE_TYPE_LEG (fake_leg_get_type ())
G_DECLARE_FINAL_TYPE (FakeLeg, fake_leg, FAKE, LEG, GObject)

struct _FakeLeg
{
  GObject parent_instance;

  BbMediaParams *media;
  guint n_rings, n_answers, n_rejects, n_hang_ups, n_transfers;
  guint status, retry_after;
  guint16 rtp_port;
  gboolean refuse_to_answer;
};

FakeLeg *fake_leg_new (guint16 remote_port);
void fake_leg_end (FakeLeg *self, BbCallEnd why);

typedef struct
{
  char *folder;
  GSubprocess *simulator;
  char *url;
  BbConfig *config;
  BbCatalogue *catalogue;
  BbOrderStore *store;
  BbController *controller;
  GSocket *phone; /* where our packets go; nobody reads them */
  guint16 phone_port;
} Fixture;

void call_world_set_up (Fixture *fixture, gconstpointer data);
/* With other settings, "group.key=value" (nullable, NULL-terminated). */
void call_world_set_up_with (Fixture *fixture, gconstpointer data, const char *const *settings);
void call_world_tear_down (Fixture *fixture, gconstpointer data);
BbCall *call_world_last_call (Fixture *fixture); /* (transfer none) */
gboolean call_world_has_bot_line (BbCall *call);
gboolean call_world_on_deadline (gpointer what);
gboolean call_world_on_beat (gpointer user_data);

#define CALL_WORLD_DEADLINE 30 /* s; only ends a hang */

#define wait_until(condition) \
  G_STMT_START \
  { \
    guint deadline = g_timeout_add_seconds (CALL_WORLD_DEADLINE, call_world_on_deadline, (gpointer) #condition); \
    while (!(condition)) \
      g_main_context_iteration (NULL, TRUE); \
    g_source_remove (deadline); \
  } \
  G_STMT_END

G_END_DECLS
