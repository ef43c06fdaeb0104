/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <gst/gst.h>

#include "callg722dec.h"
#include "callg722enc.h"
#include "callopusdec.h"
#include "callreorder.h"
#include "callrtpsink.h"
#include "callrtpsrc.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  const char *folder = g_getenv ("BESTELLBOT_LOCALEDIR");

  bindtextdomain (GETTEXT_PACKAGE, folder != NULL && *folder != '\0' ? folder : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  return GST_ELEMENT_REGISTER (callrtpsrc, plugin) && GST_ELEMENT_REGISTER (callrtpsink, plugin)
         && GST_ELEMENT_REGISTER (callreorder, plugin) && GST_ELEMENT_REGISTER (callg722dec, plugin)
         && GST_ELEMENT_REGISTER (callg722enc, plugin) && GST_ELEMENT_REGISTER (callopusdec, plugin);
}

#define PACKAGE GETTEXT_PACKAGE
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR,
                   GST_VERSION_MINOR,
                   bestelltelephony,
                   "RTP of telephone calls on shared media loops",
                   plugin_init,
                   PACKAGE_VERSION,
                   "LGPL",
                   "Bestellbot",
                   "https://www.gnu.org/licenses/lgpl-2.1.html")
