/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-settings.h"

/* clang-format off */
G_DEFINE_BOXED_TYPE (BbSettings, bb_settings, bb_settings_copy, bb_settings_free)
/* clang-format on */

/**
 * bb_settings_new:
 *
 * Returns: (transfer full): all 0, strings ""
 */
BbSettings *
bb_settings_new (void)
{
  BbSettings *self = g_new0 (BbSettings, 1);

  self->notice = g_strdup ("");
  self->merchant = g_strdup ("");
  self->currency = g_strdup ("");
  self->language = g_strdup ("");
  return self;
}

BbSettings *
bb_settings_copy (const BbSettings *self)
{
  BbSettings *copy = g_memdup2 (self, sizeof *self);

  copy->notice = g_strdup (self->notice);
  copy->merchant = g_strdup (self->merchant);
  copy->currency = g_strdup (self->currency);
  copy->language = g_strdup (self->language);
  copy->transfer_target = g_strdup (self->transfer_target);
  return copy;
}

void
bb_settings_free (BbSettings *self)
{
  g_free (self->notice);
  g_free (self->merchant);
  g_free (self->currency);
  g_free (self->language);
  g_free (self->transfer_target);
  g_free (self);
}
