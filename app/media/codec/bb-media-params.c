/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-media-params.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (BbMediaParams, bb_media_params, bb_media_params_copy, bb_media_params_free)

/**
 * bb_media_params_new:
 *
 * Returns: (transfer full): empty parameters: 20 ms, no telephone-event, both ways
 */
BbMediaParams *
bb_media_params_new (void)
{
  BbMediaParams *self = g_new0 (BbMediaParams, 1);

  self->ptime = 20;
  self->dtmf_payload_type_send = -1;
  self->dtmf_payload_type_receive = -1;
  self->direction = BB_MEDIA_SENDRECV;
  return self;
}

/**
 * bb_media_params_copy:
 * @self: (nullable): what to copy
 *
 * Returns: (transfer full) (nullable): a deep copy
 */
BbMediaParams *
bb_media_params_copy (const BbMediaParams *self)
{
  BbMediaParams *copy;

  if (self == NULL)
    return NULL;

  copy = g_memdup2 (self, sizeof *self);
  copy->remote_address = g_strdup (self->remote_address);
  copy->local_address = g_strdup (self->local_address);
  return copy;
}

/**
 * bb_media_params_free:
 * @self: (nullable) (transfer full): what to free
 */
void
bb_media_params_free (BbMediaParams *self)
{
  if (self == NULL)
    return;

  g_free (self->remote_address);
  g_free (self->local_address);
  explicit_bzero (self->srtp_send_key, sizeof self->srtp_send_key);
  explicit_bzero (self->srtp_receive_key, sizeof self->srtp_receive_key);
  g_free (self);
}

/**
 * bb_media_params_equal_srtp:
 * @a: one
 * @b: another
 *
 * Returns: whether both protect their packets with the same suite and keys, or
 *   not at all
 */
gboolean
bb_media_params_equal_srtp (const BbMediaParams *a, const BbMediaParams *b)
{
  return a->srtp_suite == b->srtp_suite
         && memcmp (a->srtp_send_key, b->srtp_send_key, BB_SRTP_MAX_KEY) == 0
         && memcmp (a->srtp_receive_key, b->srtp_receive_key, BB_SRTP_MAX_KEY) == 0;
}
