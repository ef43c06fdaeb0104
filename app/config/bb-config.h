/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib-object.h>

#include "bb-codec.h"

G_BEGIN_DECLS

#define BB_CONFIG_ERROR (bb_config_error_quark ())
GQuark bb_config_error_quark (void);

typedef enum
{
  BB_CONFIG_ERROR_FILE,        /* missing, unreadable, not a key file */
  BB_CONFIG_ERROR_UNKNOWN_KEY, /* group or key nobody knows */
  BB_CONFIG_ERROR_BAD_VALUE,   /* out of range, not a number, not in the list */
  BB_CONFIG_ERROR_SECRET       /* a secret's file is unreadable or open to others */
} BbConfigError;

/**
 * BbConfig:
 *
 * All settings, validated and typed; immutable once loaded, so any thread may
 * read it. One table in bb-config.c names group, key, type, range, default and
 * environment variable of each field; data/bestellbot.conf documents them.
 * Strings are never NULL unless said so; durations are in the unit named.
 */
typedef struct
{
  char *file; /* where it was read; NULL: no file, defaults */

  /* [sip] */
  char *sip_address;        /* listen address, "0.0.0.0" */
  guint sip_port;           /* UDP and TCP; 0: a free one, printed */
  char *sip_public_address; /* NULL: the address of the interface that reaches the peer */

  /* [account]: registered when account_server is set */
  char *account_server;     /* NULL: no account; host or host:port */
  char *account_user;       /* "" when there is no account */
  char *account_password;   /* secret: $BESTELLBOT_SIP_PASSWORD or password-file */
  char *account_auth_user;  /* NULL: account_user */
  char *account_outbound_proxy; /* NULL: none */
  guint account_expires;    /* s */

  /* [media] */
  BbCodecId codecs[BB_N_CODECS]; /* in order of preference */
  guint n_codecs;
  guint ptime;              /* ms */
  guint rtp_port_min;       /* 0: any free port */
  guint rtp_port_max;
  guint dscp;               /* 0..63, 46 = EF */
  guint opus_bitrate;       /* bit/s */
  guint opus_complexity;    /* 0..10 */
  char *srtp;               /* "off", "preferred" or "required" */
  guint rtp_timeout;        /* s without a packet until the call ends; 0: never */

  /* [realtime] */
  char *realtime_url;
  char *realtime_api_key;   /* secret: $OPENAI_API_KEY or api-key-file; NULL: none */
  char *realtime_model;
  char *realtime_voice;
  char *realtime_language;
  char *realtime_transcription_model;
  char *realtime_greeting;
  char *realtime_instructions_file; /* NULL: the built-in prompt */
  char *realtime_notice;            /* what the bot should know today, after the instructions; "" when nothing */
  guint realtime_silence_duration;  /* ms */
  guint realtime_connect_timeout;   /* s until a call is refused with 503 */

  /* [calls] */
  guint max_calls;          /* more get 486 */
  guint max_call_duration;  /* s; 0: no limit */
  guint shutdown_timeout;   /* s for polite BYEs on SIGTERM */
  char *operator_target;    /* SIP URI a call is passed to; NULL: nobody is there */
  guint operator_first;     /* s a call rings for people before the bot answers; 0: it answers at once */
  guint history_days;       /* a call that has ended is found so long; 0: none is kept */

  /* [recording] */
  gboolean recording;
  char *recording_consent;  /* "ask": nothing is kept before the caller agreed; "given" */
  char *recording_folder;
  char *recording_format;   /* "ogg" or "wav" */
  gboolean transcripts;     /* what was said as text stays with a past call; under the same consent */
  gboolean session_log;     /* events of each call as JSON lines beside the recording */

  /* [merchant] */
  char *merchant_name;
  char *currency;           /* ISO 4217 */

  /* [catalogue] */
  char *catalogue_file;     /* CSV or JSON */

  /* [orders] */
  char *order_database;
  guint max_quantity;       /* of one line */
  guint max_lines;
  gint64 max_total;         /* in cents */

  /* [api] */
  gboolean api_enabled;
  char *api_address;
  guint api_port;           /* 0: a free one, printed */
  char *api_token_file;     /* created with mode 0600 at first start */
  char *api_tls_certificate; /* PEM; NULL: no TLS */
  char *api_tls_key;        /* PEM; NULL: it is in the certificate's file */
  char *api_tls_ca;         /* for clients: PEM of what they trust; NULL: the system's */
  gboolean api_allow_plain; /* listen beyond this machine without TLS */
  guint api_rate_limit;     /* requests a second of one token */
} BbConfig;

#define BB_TYPE_CONFIG (bb_config_get_type ())
GType bb_config_get_type (void);

/*
 * Where a value comes from, the strongest first:
 *  1. the command line, "group.key=value";
 *  2. the environment, BESTELLBOT_GROUP_KEY (BESTELLBOT_SIP_PORT,
 *     BESTELLBOT_MEDIA_RTP_PORTS); an empty variable counts as none. Secrets
 *     have one more that holds the secret itself: BESTELLBOT_SIP_PASSWORD and
 *     OPENAI_API_KEY;
 *  3. the key file;
 *  4. the default.
 * Relative paths: in the file from its folder, else from the working folder.
 * Paths may begin with ~/, $XDG_DATA_HOME/, $XDG_CONFIG_HOME/ or
 * $BESTELLBOT_DATADIR/ (the folder of the installed data unless set).
 */

/**
 * bb_config_load:
 * @path: (nullable): the key file; %NULL: the first that exists of
 *   $XDG_CONFIG_HOME/bestellbot/bestellbot.conf, /etc/bestellbot/bestellbot.conf,
 *   else defaults only
 * @overrides: (nullable) (array zero-terminated=1): "group.key=value" from the
 *   command line; they win over the environment, which wins over the file
 * @error: return location for a #BbConfigError; one line that names file (or
 *   variable), key and remedy, never a secret's value
 *
 * Returns: (transfer full) (nullable): the settings
 */
BbConfig *bb_config_load (const char *path, const char *const *overrides, GError **error);
/* The same settings but for one, with the same checks as those of a file; the
 * error says what is wrong with the value. For what may change while a program
 * runs. (transfer full) */
BbConfig *bb_config_change (const BbConfig *self, const char *group, const char *key, const char *value,
                            GError **error);
/* The settings in force as a key file that bb_config_load() takes; of secrets
 * only whether they are set, as comments. (transfer full) */
char *bb_config_to_text (const BbConfig *self);
/* Whether callers are to be asked: something of a call would be kept, and they
 * have not agreed beforehand. */
gboolean bb_config_asks_consent (const BbConfig *self);
BbConfig *bb_config_ref (const BbConfig *self);
void bb_config_unref (BbConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BbConfig, bb_config_unref)

G_END_DECLS
