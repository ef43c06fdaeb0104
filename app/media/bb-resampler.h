/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BbResampler:
 *
 * A voice from one rate to another, by a polyphase filter that begins with
 * silence: of rates in a simple ratio each 20 ms give exactly 20 ms, from the
 * first on, delayed by about a millisecond.
 */
typedef struct _BbResampler BbResampler;

BbResampler *bb_resampler_new (guint in_rate, guint out_rate);
void bb_resampler_free (BbResampler *self);
void bb_resampler_reset (BbResampler *self);
gsize bb_resampler_get_most (BbResampler *self, gsize n);
gsize bb_resampler_process (BbResampler *self, const gint16 *in, gsize n, gint16 *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbResampler, bb_resampler_free)

G_END_DECLS
