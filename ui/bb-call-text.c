/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-text.h"

#include <glib/gi18n.h>

/* ITU-T G.107 annex B: from 4.0 on users are satisfied, below 3.6 many are not,
 * below 3.1 nearly all are not. */
#define MOS_GOOD 4.0
#define MOS_FAIR 3.6
#define MOS_POOR 3.1

gboolean
bb_call_text_is_local (BbCall *call)
{
  return *bb_call_get_caller_number (call) == '\0' && *bb_call_get_called (call) == '\0';
}

char *
bb_call_text_title (BbCall *call)
{
  return bb_call_text_is_local (call) ? g_strdup (_("This computer")) : bb_call_dup_title (call);
}

char *
bb_call_text_duration (gint64 ms)
{
  gint64 seconds = ms / 1000;

  if (seconds >= 3600)
    return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d:%02d", seconds / 3600,
                            (int)(seconds / 60 % 60), (int)(seconds % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02d", seconds / 60, (int)(seconds % 60));
}

static const char *
get_activity (BbCall *call)
{
  switch (bb_call_get_speaking (call))
    {
    case BB_TRANSCRIPT_BOT:
      return _("Bot speaks");
    case BB_TRANSCRIPT_CALLER:
      return bb_call_text_is_local (call) ? _("You speak") : _("Caller speaks");
    case BB_TRANSCRIPT_OPERATOR:
      return _("Operator speaks");
    default:
      return bb_call_get_state (call) == BB_CALL_OPERATOR ? _("Operator listens")
                                                          : _("Bot listens");
    }
}

const char *
bb_call_text_status (BbCall *call)
{
  BbCallState state = bb_call_get_state (call);

  if (bb_call_get_waiting (call))
    return _("Rings");
  switch (state)
    {
    case BB_CALL_INCOMING:
    case BB_CALL_ANSWERING:
      return _("Connecting…");
    case BB_CALL_TALKING:
    case BB_CALL_OPERATOR:
      return get_activity (call);
    case BB_CALL_ENDED:
      return bb_call_end_label (bb_call_get_end (call));
    default:
      return bb_call_state_label (state);
    }
}

const char *
bb_call_text_quality (BbCall *call)
{
  double mos = bb_call_get_quality (call)->mos;

  if (mos <= 0)
    return NULL;
  return mos >= MOS_GOOD   ? _("good sound")
         : mos >= MOS_FAIR ? _("fair sound")
         : mos >= MOS_POOR ? _("poor sound")
                           : _("bad sound");
}

char *
bb_call_text_media (BbCall *call)
{
  const BbMediaParams *media = bb_call_get_media (call);
  const char *codec = media != NULL && media->codec != NULL ? media->codec->label : NULL;
  const char *quality = bb_call_text_quality (call);

  if (codec == NULL)
    return g_strdup (quality);
  return quality != NULL ? g_strdup_printf ("%s · %s", codec, quality) : g_strdup (codec);
}

char *
bb_call_text_figures (BbCall *call)
{
  const BbCallQuality *quality = bb_call_get_quality (call);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  guint64 expected = quality->packets_received + quality->packets_lost;

  if (quality->turns > 0)
    g_ptr_array_add (parts, g_strdup_printf (_("answers after %.2f s (%.2f s on average)"),
                                             quality->turn_latency_last / 1000.0,
                                             quality->turn_latency_sum / 1000.0 / quality->turns));
  if (expected > 0)
    {
      g_ptr_array_add (parts, g_strdup_printf (_("jitter %.0f ms"), quality->jitter));
      g_ptr_array_add (parts, g_strdup_printf (_("loss %.1f %%"),
                                               100.0 * quality->packets_lost / expected));
    }
  if (quality->round_trip > 0)
    g_ptr_array_add (parts, g_strdup_printf (_("round trip %.0f ms"), quality->round_trip));
  if (parts->len == 0)
    return NULL;

  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **)parts->pdata);
}

const char *
bb_call_text_hears (BbCall *call)
{
  BbCallState state = bb_call_get_state (call);

  if (state != BB_CALL_TALKING && state != BB_CALL_OPERATOR)
    return NULL;
  switch (bb_call_get_operator_mode (call))
    {
    case BB_OPERATOR_TAKE_OVER:
      return _("The caller hears: the operator");
    case BB_OPERATOR_CONFERENCE:
      return _("The caller hears: operator and bot");
    default:
      return _("The caller hears: the bot");
    }
}
