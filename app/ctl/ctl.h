/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "bb-api-client.h"
#include "bb-config.h"

G_BEGIN_DECLS

/* Exit statuses of bestellbotctl. */
#define CTL_OK 0
#define CTL_ERROR 1
#define CTL_USAGE 2

/**
 * Ctl:
 *
 * What the global options say.
 */
typedef struct
{
  BbConfig *config;
  char *url;        /* of the gateway */
  char *token_file;
  char *ca_file;    /* nullable: what is trusted beside the system's certificates */
  gboolean json;
  gboolean colour;  /* a terminal, and NO_COLOR is not set (no-color.org) */
  /* Options of single commands. */
  gboolean wait;
  gboolean now;
  char *state;
  char *format;
  char *output;
  char *group;
  int limit;
} Ctl;

/* Each: exit status; @arguments are what follows the command, NULL-terminated. */
int ctl_watch (Ctl *ctl, const char *const *arguments);
int ctl_calls (Ctl *ctl, const char *const *arguments);
int ctl_orders (Ctl *ctl, const char *const *arguments);
int ctl_search (Ctl *ctl, const char *const *arguments);
int ctl_history (Ctl *ctl, const char *const *arguments);
int ctl_settings (Ctl *ctl, const char *const *arguments);
int ctl_tokens (Ctl *ctl, const char *const *arguments);

/* Output: UTF-8 whatever the locale says. */
void ctl_put (const char *text);
void ctl_putf (const char *format, ...) G_GNUC_PRINTF (1, 2);
int ctl_fail (const char *format, ...) G_GNUC_PRINTF (1, 2);       /* CTL_ERROR */
int ctl_fail_usage (const char *format, ...) G_GNUC_PRINTF (1, 2); /* CTL_USAGE */
void ctl_put_json (JsonNode *node);
char *ctl_format_time (GDateTime *time);     /* local, "2026-03-01 14:05"; "" for NULL */
char *ctl_format_duration (gint64 ms);       /* "3:07" */
char *ctl_clean (const char *text);          /* without control characters: what a caller says may hold any */

/**
 * CtlTable:
 *
 * Columns as wide as their widest cell, in display cells.
 */
typedef struct _CtlTable CtlTable;
/* Headings, NULL-terminated; one that begins with '>' is aligned to the right. */
CtlTable *ctl_table_new (const char *first, ...) G_GNUC_NULL_TERMINATED;
void ctl_table_add (CtlTable *self, const char *first, ...) G_GNUC_NULL_TERMINATED;
void ctl_table_print (CtlTable *self, gboolean colour); /* frees it */
guint ctl_width (const char *text);
/* The end of @text that fits @width cells, with "…" before it when it is cut. */
char *ctl_fit_end (const char *text, guint width);

G_END_DECLS
