/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-leg.h"

#include "bb-types.h"

G_DEFINE_INTERFACE (BbLeg, bb_leg, G_TYPE_OBJECT)

static void
bb_leg_default_init (BbLegInterface *iface)
{
  g_signal_new (BB_LEG_SIGNAL_ENDED, BB_TYPE_LEG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 3, BB_TYPE_CALL_END, G_TYPE_UINT, G_TYPE_STRING);
  g_signal_new (BB_LEG_SIGNAL_MEDIA_CHANGED, BB_TYPE_LEG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new (BB_LEG_SIGNAL_CONFIRMED, BB_TYPE_LEG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new (BB_LEG_SIGNAL_DTMF, BB_TYPE_LEG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_STRING);
  g_signal_new (BB_LEG_SIGNAL_TRANSFER_FAILED, BB_TYPE_LEG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
}

const char *
bb_leg_get_caller_number (BbLeg *self)
{
  g_return_val_if_fail (BB_IS_LEG (self), "");

  return BB_LEG_GET_IFACE (self)->get_caller_number (self);
}

const char *
bb_leg_get_caller_name (BbLeg *self)
{
  g_return_val_if_fail (BB_IS_LEG (self), "");

  return BB_LEG_GET_IFACE (self)->get_caller_name (self);
}

const char *
bb_leg_get_called (BbLeg *self)
{
  g_return_val_if_fail (BB_IS_LEG (self), "");

  return BB_LEG_GET_IFACE (self)->get_called (self);
}

const char *
bb_leg_get_local_address (BbLeg *self)
{
  g_return_val_if_fail (BB_IS_LEG (self), "");

  return BB_LEG_GET_IFACE (self)->get_local_address (self);
}

const BbMediaParams *
bb_leg_get_media (BbLeg *self)
{
  g_return_val_if_fail (BB_IS_LEG (self), NULL);

  return BB_LEG_GET_IFACE (self)->get_media (self);
}

void
bb_leg_set_local_port (BbLeg *self, guint16 rtp_port, guint16 rtcp_port)
{
  g_return_if_fail (BB_IS_LEG (self));

  BB_ASSERT_MAIN_CONTEXT ();
  BB_LEG_GET_IFACE (self)->set_local_port (self, rtp_port, rtcp_port);
}

void
bb_leg_ring (BbLeg *self)
{
  g_return_if_fail (BB_IS_LEG (self));

  BB_ASSERT_MAIN_CONTEXT ();
  BB_LEG_GET_IFACE (self)->ring (self);
}

gboolean
bb_leg_answer (BbLeg *self, GError **error)
{
  g_return_val_if_fail (BB_IS_LEG (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  BB_ASSERT_MAIN_CONTEXT ();
  return BB_LEG_GET_IFACE (self)->answer (self, error);
}

void
bb_leg_reject (BbLeg *self, guint status, const char *phrase, guint retry_after)
{
  g_return_if_fail (BB_IS_LEG (self));
  g_return_if_fail (status >= 300 && status <= 699);

  BB_ASSERT_MAIN_CONTEXT ();
  BB_LEG_GET_IFACE (self)->reject (self, status, phrase, retry_after);
}

void
bb_leg_hang_up (BbLeg *self, const char *reason)
{
  g_return_if_fail (BB_IS_LEG (self));

  BB_ASSERT_MAIN_CONTEXT ();
  BB_LEG_GET_IFACE (self)->hang_up (self, reason);
}

gboolean
bb_leg_transfer (BbLeg *self, const char *target, GError **error)
{
  g_return_val_if_fail (BB_IS_LEG (self), FALSE);
  g_return_val_if_fail (target != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  BB_ASSERT_MAIN_CONTEXT ();
  return BB_LEG_GET_IFACE (self)->transfer (self, target, error);
}
