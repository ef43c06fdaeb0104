/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <gst/gst.h>

#include "bb-application.h"
#include "bb-i18n.h"

int
main (int argc, char *argv[])
{
  g_autoptr (BbApplication) application = NULL;
  int status;

  bb_i18n_init ();
  gtk_disable_setlocale (); /* done above, in UTF-8 whatever the locale */
  gst_init (NULL, NULL);

  application = bb_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  g_clear_object (&application);
  return status;
}
