/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-config.h"

G_BEGIN_DECLS

/* Inside app/config (and its tests). */

typedef enum
{
  BB_CONFIG_STRING,   /* char *, "" when empty */
  BB_CONFIG_NAME,     /* char *, NULL when empty */
  BB_CONFIG_UINT,     /* guint, min to max, or one of choices */
  BB_CONFIG_BOOL,     /* gboolean */
  BB_CONFIG_PATH,     /* char *, absolute */
  BB_CONFIG_SECRET,   /* char *, the content of the file named by the value */
  BB_CONFIG_ADDRESS,  /* char *, numeric IPv4 or IPv6 */
  BB_CONFIG_HOST,     /* char *, host name or address, with or without port */
  BB_CONFIG_URL,      /* char *, ws or wss */
  BB_CONFIG_SIP_URI,  /* char *, sip, sips or tel */
  BB_CONFIG_LANGUAGE, /* char *, ISO 639 */
  BB_CONFIG_CURRENCY, /* char *, ISO 4217 */
  BB_CONFIG_MONEY,    /* gint64 cents, written "5000.00" */
  BB_CONFIG_CODECS,   /* BbConfig.codecs and .n_codecs */
  BB_CONFIG_PORTS     /* guint; the upper end in the next field */
} BbConfigType;

/**
 * BbConfigRow:
 *
 * One setting: all there is to know of it.
 */
typedef struct
{
  const char *group;
  const char *key;
  BbConfigType type;
  gsize offset;         /* in BbConfig */
  gint64 min, max;      /* of BB_CONFIG_UINT and BB_CONFIG_MONEY */
  const char *fallback; /* the default, as the key file would say it */
  const char *choices;  /* the only values, separated by '|'; NULL: any */
  const char *variable; /* environment variable with the secret itself */
  gboolean optional;    /* may be empty: NULL in BbConfig ("" for BB_CONFIG_STRING) */
} BbConfigRow;

const BbConfigRow *bb_config_rows (gsize *n_rows);
const BbConfigRow *bb_config_find_row (const char *group, const char *key);
/* BESTELLBOT_GROUP_KEY. (transfer full) */
char *bb_config_row_variable (const BbConfigRow *row);

/* bb-config-value.c: text to field and back. @folder: of relative paths. The
 * error says what is wrong with the value, not where it stands. */
gboolean bb_config_value_parse (const BbConfigRow *row, const char *text, const char *folder, BbConfig *config,
                                GError **error);
char *bb_config_value_format (const BbConfigRow *row, const BbConfig *config);
void bb_config_value_clear (const BbConfigRow *row, BbConfig *config);
/* Of a struct that was copied: its own string in place of the other's. */
void bb_config_value_own (const BbConfigRow *row, BbConfig *config);
/* Whether a message may quote what was given. */
gboolean bb_config_value_may_quote (const BbConfigRow *row);
/* A secret itself, from the environment or a file: trimmed, checked. */
gboolean bb_config_secret_set (char **field, const char *text, GError **error);
gboolean bb_config_secret_load (char **field, const char *path, GError **error);
void bb_config_secret_free (char *secret);

/* bb-config-file.c: the syntax of a key file. @found is called for each pair,
 * in order; it returns FALSE with an error to stop. */
typedef gboolean (*BbConfigFound) (const char *group, const char *key, const char *value, gpointer user_data,
                                   GError **error);
gboolean bb_config_file_parse (const char *text, gsize length, BbConfigFound found, gpointer user_data,
                               GError **error);
/* The inverse of what the parser does to a value. (transfer full) */
char *bb_config_file_escape (const char *value);

/* The candidate nearest to a mistyped word, NULL when none is near. */
const char *bb_config_nearest (const char *word, const char *const *candidates);

G_END_DECLS
