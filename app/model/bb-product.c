/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-product.h"

#include <locale.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (BbProduct, bb_product, bb_product_ref, bb_product_unref)

BbProduct *
bb_product_new (void)
{
  BbProduct *self = g_atomic_rc_box_new0 (BbProduct);

  self->number = g_strdup ("");
  self->name = g_strdup ("");
  self->group = g_strdup ("");
  self->material = g_strdup ("");
  self->size = g_strdup ("");
  self->unit = g_strdup ("");
  self->aliases = g_strdup ("");
  self->description = g_strdup ("");
  self->pack_size = 1;

  return self;
}

BbProduct *
bb_product_ref (const BbProduct *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire ((BbProduct *)self);
}

static void
bb_product_clear (BbProduct *self)
{
  g_free (self->number);
  g_free (self->name);
  g_free (self->group);
  g_free (self->material);
  g_free (self->size);
  g_free (self->unit);
  g_free (self->aliases);
  g_free (self->description);
}

void
bb_product_unref (BbProduct *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, (GDestroyNotify)bb_product_clear);
}

/* How a language writes an amount. */
typedef struct
{
  const char *language;
  const char *thousands;
  const char *decimal;
  gboolean symbol_first;
} MoneyStyle;

static const MoneyStyle styles[] = {
  { "en", ",", ".", TRUE }, /* also for every language that has no row */
  { "de", ".", ",", FALSE },
};

static const struct
{
  const char *code; /* ISO 4217 */
  const char *symbol;
} symbols[] = {
  { "EUR", "€" },
  { "USD", "$" },
  { "GBP", "£" },
};

static const MoneyStyle *
style_of_language (const char *language)
{
  for (gsize i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      gsize length = strlen (styles[i].language);

      if (strncmp (language, styles[i].language, length) == 0 &&
          (language[length] == '\0' || strchr ("_-.@", language[length]) != NULL))
        return &styles[i];
    }

  return &styles[0];
}

/**
 * bb_money_format_in:
 * @language: a language or locale name, "de", "de_AT.UTF-8"; unknown ones are
 *   written as in English
 * @cents: hundredths of the currency's unit; any value, exact
 * @currency: (nullable): ISO 4217 code; %NULL: EUR
 *
 * No locale data of the C library is asked: they need not be installed, and
 * the result is the same on every machine.
 *
 * Returns: (transfer full): the amount in UTF-8
 */
char *
bb_money_format_in (const char *language, gint64 cents, const char *currency)
{
  const MoneyStyle *style;
  const char *symbol = currency != NULL && *currency != '\0' ? currency : "EUR";
  gboolean is_code = TRUE;
  /* Unsigned, so that the smallest gint64 has an absolute value. */
  guint64 absolute = cents < 0 ? -(guint64)cents : (guint64)cents;
  g_autofree char *digits = NULL;
  g_autoptr (GString) amount = g_string_new (NULL);

  g_return_val_if_fail (language != NULL, NULL);

  style = style_of_language (language);
  for (gsize i = 0; i < G_N_ELEMENTS (symbols); i++)
    {
      if (g_ascii_strcasecmp (symbols[i].code, symbol) == 0)
        {
          symbol = symbols[i].symbol;
          is_code = FALSE;
          break;
        }
    }

  if (cents < 0)
    g_string_append_c (amount, '-');
  if (style->symbol_first)
    {
      g_string_append (amount, symbol);
      if (is_code)
        g_string_append_c (amount, ' ');
    }

  digits = g_strdup_printf ("%" G_GUINT64_FORMAT, absolute / 100);
  for (gsize i = 0, n = strlen (digits); i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        g_string_append (amount, style->thousands);
      g_string_append_c (amount, digits[i]);
    }
  g_string_append_printf (amount, "%s%02u", style->decimal, (guint)(absolute % 100));

  if (!style->symbol_first)
    g_string_append_printf (amount, " %s", symbol);

  return g_string_free (g_steal_pointer (&amount), FALSE);
}

/**
 * bb_money_format:
 * @cents: hundredths of the currency's unit; any value, exact
 * @currency: (nullable): ISO 4217 code; %NULL: EUR
 *
 * In the language in which the program's messages are: $LANGUAGE and friends,
 * but English as long as the messages' locale is "C" (as gettext does).
 *
 * Returns: (transfer full): the amount in UTF-8
 */
char *
bb_money_format (gint64 cents, const char *currency)
{
  const char *locale = setlocale (LC_MESSAGES, NULL);
  const char *language = "en";

  if (locale != NULL && strcmp (locale, "C") != 0 && strcmp (locale, "POSIX") != 0)
    language = g_get_language_names ()[0];

  return bb_money_format_in (language, cents, currency);
}
