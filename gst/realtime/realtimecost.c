/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Usage and cost of a session. The service reports tokens with each response
 * and each transcript of the caller; here they are summed by what they are
 * billed as. Prices change and are the account's business: there are none but
 * those that are set.
 */
#include "config.h"

#include "realtimecost.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Fields of the property 'prices' and, with "tokens-" before them, of 'stats'. */
static const char *const kinds[GST_REALTIME_N_COSTS] = {
  [GST_REALTIME_COST_TEXT_INPUT] = "text-input",
  [GST_REALTIME_COST_TEXT_CACHED] = "text-cached",
  [GST_REALTIME_COST_TEXT_OUTPUT] = "text-output",
  [GST_REALTIME_COST_AUDIO_INPUT] = "audio-input",
  [GST_REALTIME_COST_AUDIO_CACHED] = "audio-cached",
  [GST_REALTIME_COST_AUDIO_OUTPUT] = "audio-output",
  [GST_REALTIME_COST_IMAGE_INPUT] = "image-input",
  [GST_REALTIME_COST_IMAGE_CACHED] = "image-cached",
  [GST_REALTIME_COST_TRANSCRIPTION_TEXT] = "transcription-text",
  [GST_REALTIME_COST_TRANSCRIPTION_AUDIO] = "transcription-audio",
  [GST_REALTIME_COST_TRANSCRIPTION_OUTPUT] = "transcription-output",
};

#define PER_MINUTE "transcription-minute"

static guint64
get (const GstStructure *s, const char *field)
{
  guint64 n = 0;

  return gst_structure_get_uint64 (s, field, &n) ? n : 0;
}

static guint64
minus (guint64 a, guint64 b)
{
  return a > b ? a - b : 0;
}

/* Tokens of a kind: those of the cache are a part of the input. */
static void
add_input (GstRealtimeUsage *self,
           GstRealtimeCostKind fresh,
           GstRealtimeCostKind from_cache,
           guint64 all,
           guint64 cached)
{
  self->tokens[fresh] += minus (all, cached);
  self->tokens[from_cache] += MIN (all, cached);
}

/**
 * gst_realtime_usage_add:
 * @usage: the structure of the message "openai-realtime-usage"
 *
 * Tokens whose kind the service does not tell count as text; cached ones whose
 * kind it does not tell are taken from the text first.
 */
void
gst_realtime_usage_add (GstRealtimeUsage *self, const GstStructure *usage)
{
  guint64 text = get (usage, "input-text-tokens"), audio = get (usage, "input-audio-tokens");
  guint64 image = get (usage, "input-image-tokens"), input = get (usage, "input-tokens");
  guint64 out_text = get (usage, "output-text-tokens");
  guint64 out_audio = get (usage, "output-audio-tokens"), output = get (usage, "output-tokens");
  guint64 cached_text = get (usage, "cached-text-tokens");
  guint64 cached_audio = get (usage, "cached-audio-tokens");
  guint64 cached_image = get (usage, "cached-image-tokens");
  guint64 total = get (usage, "total-tokens");
  double seconds;

  text += minus (input, text + audio + image);
  out_text += minus (output, out_text + out_audio);
  cached_text += minus (get (usage, "cached-tokens"), cached_text + cached_audio + cached_image);
  self->total += MAX (total, text + audio + image + out_text + out_audio);

  if (g_strcmp0 (gst_structure_get_string (usage, "of"), "transcript") == 0)
    {
      self->tokens[GST_REALTIME_COST_TRANSCRIPTION_TEXT] += text + image;
      self->tokens[GST_REALTIME_COST_TRANSCRIPTION_AUDIO] += audio;
      self->tokens[GST_REALTIME_COST_TRANSCRIPTION_OUTPUT] += out_text + out_audio;
      if (gst_structure_get_double (usage, "seconds", &seconds) && seconds > 0)
        self->transcription_seconds += seconds;
      return;
    }
  add_input (self, GST_REALTIME_COST_TEXT_INPUT, GST_REALTIME_COST_TEXT_CACHED, text, cached_text);
  add_input (self, GST_REALTIME_COST_AUDIO_INPUT, GST_REALTIME_COST_AUDIO_CACHED, audio,
             cached_audio);
  add_input (self, GST_REALTIME_COST_IMAGE_INPUT, GST_REALTIME_COST_IMAGE_CACHED, image,
             cached_image);
  self->tokens[GST_REALTIME_COST_TEXT_OUTPUT] += out_text;
  self->tokens[GST_REALTIME_COST_AUDIO_OUTPUT] += out_audio;
}

/* A cached token costs what a fresh one does where it has no price of its own. */
static double
get_price (const GstRealtimePrices *prices, GstRealtimeCostKind kind)
{
  double price = prices->per_million[kind];

  if (price >= 0)
    return price;
  switch (kind)
    {
    case GST_REALTIME_COST_TEXT_CACHED:
    case GST_REALTIME_COST_AUDIO_CACHED:
    case GST_REALTIME_COST_IMAGE_CACHED:
      return prices->per_million[kind == GST_REALTIME_COST_TEXT_CACHED
                                     ? GST_REALTIME_COST_TEXT_INPUT
                                 : kind == GST_REALTIME_COST_AUDIO_CACHED
                                     ? GST_REALTIME_COST_AUDIO_INPUT
                                     : GST_REALTIME_COST_IMAGE_INPUT];
    default:
      return -1;
    }
}

/**
 * gst_realtime_usage_get_cost:
 * @unpriced: (out) (optional): tokens that have no price and are not in the sum
 *
 * Returns: money, in the currency of @prices
 */
double
gst_realtime_usage_get_cost (const GstRealtimeUsage *self,
                             const GstRealtimePrices *prices,
                             guint64 *unpriced)
{
  guint64 without = 0;
  double cost = 0;

  for (guint i = 0; i < GST_REALTIME_N_COSTS; i++)
    {
      double price = get_price (prices, i);

      if (price >= 0)
        cost += price * self->tokens[i] / 1e6;
      else
        without += self->tokens[i];
    }
  if (prices->per_minute >= 0)
    cost += prices->per_minute * self->transcription_seconds / 60;
  if (unpriced != NULL)
    *unpriced = without;
  return cost;
}

/* Adds the fields of 'stats' to @into. */
void
gst_realtime_usage_describe (const GstRealtimeUsage *self,
                             const GstRealtimePrices *prices,
                             GstStructure *into)
{
  guint64 unpriced;
  double cost = gst_realtime_usage_get_cost (self, prices, &unpriced);

  gst_structure_set (into, "tokens", G_TYPE_UINT64, self->total, NULL);
  for (guint i = 0; i < GST_REALTIME_N_COSTS; i++)
    {
      char field[40];

      g_snprintf (field, sizeof field, "tokens-%s", kinds[i]);
      gst_structure_set (into, field, G_TYPE_UINT64, self->tokens[i], NULL);
    }
  gst_structure_set (into, "transcription-seconds", G_TYPE_DOUBLE, self->transcription_seconds,
                     NULL);
  if (prices->set)
    gst_structure_set (into, "cost", G_TYPE_DOUBLE, cost, "currency", G_TYPE_STRING,
                       prices->currency, "tokens-without-price", G_TYPE_UINT64, unpriced, NULL);
}

/* No price is set. */
void
gst_realtime_prices_init (GstRealtimePrices *self)
{
  memset (self, 0, sizeof *self);
  for (guint i = 0; i < GST_REALTIME_N_COSTS; i++)
    self->per_million[i] = -1;
  self->per_minute = -1;
}

typedef struct
{
  GstRealtimePrices *prices;
  GError **error;
} Parse;

static gboolean
parse_field (GQuark quark, const GValue *value, gpointer user_data)
{
  Parse *parse = user_data;
  const char *field = g_quark_to_string (quark);
  double *price = NULL;
  g_auto (GValue) number = G_VALUE_INIT;

  if (strcmp (field, "currency") == 0 && G_VALUE_HOLDS_STRING (value) &&
      g_value_get_string (value) != NULL)
    {
      g_strlcpy (parse->prices->currency, g_value_get_string (value),
                 sizeof parse->prices->currency);
      return TRUE;
    }
  for (guint i = 0; i < GST_REALTIME_N_COSTS; i++)
    if (strcmp (field, kinds[i]) == 0)
      price = &parse->prices->per_million[i];
  if (strcmp (field, PER_MINUTE) == 0)
    price = &parse->prices->per_minute;

  g_value_init (&number, G_TYPE_DOUBLE);
  if (price == NULL)
    {
      g_autofree char *names = g_strjoinv (", ", (char **)(const char *[]){
          kinds[0], kinds[1], kinds[2], kinds[3], kinds[4], kinds[5], kinds[6], kinds[7], kinds[8],
          kinds[9], kinds[10], PER_MINUTE, "currency", NULL });

      g_set_error (parse->error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                   _("The property 'prices' knows no '%s': its fields are %s"), field, names);
      return FALSE;
    }
  if (!g_value_type_transformable (G_VALUE_TYPE (value), G_TYPE_DOUBLE) ||
      !g_value_transform (value, &number) || !isfinite (g_value_get_double (&number)) ||
      g_value_get_double (&number) < 0)
    {
      g_set_error (parse->error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                   _("'%s' of the property 'prices' must be a number, 0 or more: money per million "
                     "tokens (per minute: %s)"),
                   field, PER_MINUTE);
      return FALSE;
    }
  *price = g_value_get_double (&number);
  parse->prices->set = TRUE;
  return TRUE;
}

/**
 * gst_realtime_prices_parse:
 * @s: (nullable): the property 'prices'; %NULL: none
 *
 * Returns: %FALSE with @error, a GST_LIBRARY_ERROR_SETTINGS, and no price set
 */
gboolean
gst_realtime_prices_parse (GstRealtimePrices *self, const GstStructure *s, GError **error)
{
  Parse parse = { self, error };

  gst_realtime_prices_init (self);
  if (s == NULL || gst_structure_foreach (s, parse_field, &parse))
    return TRUE;
  gst_realtime_prices_init (self);
  return FALSE;
}
