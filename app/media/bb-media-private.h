/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-media.h"

G_BEGIN_DECLS

/* For the subclasses of BbMedia. */
GstElement *bb_media_make_element (const char *factory, GError **error);
gboolean bb_media_check (BbMedia *self, GError **error);
void bb_media_own_element (BbMedia *self, GstElement *element);
void bb_media_set_prepared_state (BbMedia *self, GstState state);
void bb_media_set_one_thread (BbMedia *self);
void bb_media_emit_notice (BbMedia *self, const char *text);

G_END_DECLS
