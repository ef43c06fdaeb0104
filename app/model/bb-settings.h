/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * BbSettingsFields:
 *
 * Which members of a #BbSettings are meant.
 */
typedef enum
{
  BB_SETTINGS_DRAINING = 1 << 0,
  BB_SETTINGS_MAX_CALLS = 1 << 1,
  BB_SETTINGS_MAX_DURATION = 1 << 2,
  BB_SETTINGS_OPERATOR_FIRST = 1 << 3,
  BB_SETTINGS_RECORDING = 1 << 4,
  BB_SETTINGS_NOTICE = 1 << 5
} BbSettingsFields;

/* Bytes of a notice. */
#define BB_SETTINGS_MAX_NOTICE 2000

/**
 * BbSettings:
 *
 * What of a gateway's settings may change while it runs. A change is for the
 * calls that come after it and until the gateway stops: what shall hold for
 * longer belongs in its file.
 */
typedef struct
{
  gboolean draining;     /* new calls are refused with 503, those that run go on */
  guint max_calls;       /* [calls] max-calls */
  guint max_duration;    /* [calls] max-duration, s; 0: no limit */
  guint operator_first;  /* [calls] operator-first, s a call rings for people before the bot answers */
  gboolean recording;    /* [recording] enabled; consent is asked for as before */
  char *notice;          /* [realtime] notice: what the bot should know today; "" when nothing */
  /* Facts that don't change. */
  char *merchant;
  char *currency;        /* ISO 4217 */
  char *language;        /* of the calls, "de" */
  char *transfer_target; /* [calls] operator; NULL: nobody is there */
} BbSettings;

#define BB_TYPE_SETTINGS (bb_settings_get_type ())
GType bb_settings_get_type (void);
BbSettings *bb_settings_new (void);
BbSettings *bb_settings_copy (const BbSettings *self);
void bb_settings_free (BbSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbSettings, bb_settings_free)

G_END_DECLS
