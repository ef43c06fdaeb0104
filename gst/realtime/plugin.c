/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "openairealtime.h"
#include "openairealtimebin.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  const char *folder = g_getenv ("BESTELLBOT_LOCALEDIR");

  bindtextdomain (GETTEXT_PACKAGE, folder != NULL && *folder != '\0' ? folder : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  return gst_element_register (plugin, GST_OPENAI_REALTIME_BIN, GST_RANK_NONE,
                               GST_TYPE_OPENAI_REALTIME_BIN);
}

#define PACKAGE "bestellbot"

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR,
                   GST_VERSION_MINOR,
                   openairealtime,
                   "Talk with the OpenAI Realtime API",
                   plugin_init,
                   PACKAGE_VERSION,
                   "LGPL",
                   PACKAGE,
                   "Bestellbot, the telephone order desk that answers itself")
