/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "bb-call.h"
#include "bb-catalogue.h"
#include "bb-operator.h"
#include "bb-order.h"
#include "bb-transcript.h"

G_BEGIN_DECLS

#define BB_API_ERROR (bb_api_error_quark ())
GQuark bb_api_error_quark (void);

typedef enum
{
  BB_API_ERROR_ADDRESS,      /* the address to listen on is none, or taken */
  BB_API_ERROR_TLS,          /* no certificate where one is needed, or one that can't be used */
  BB_API_ERROR_TOKEN,        /* the token file is missing, unreadable, open to others */
  BB_API_ERROR_FORMAT,       /* the peer sent what the API does not describe */
  BB_API_ERROR_UNREACHABLE,  /* nobody listens there */
  BB_API_ERROR_UNAUTHORIZED, /* the gateway refuses the token */
  BB_API_ERROR_NOT_FOUND,
  BB_API_ERROR_FAILED        /* any other answer than the one wanted */
} BbApiError;

/* Model to JSON (docs/api.md). Every node is (transfer full). */
JsonNode *bb_api_json_call (BbCall *call, gboolean complete);
JsonNode *bb_api_json_line (BbTranscriptLine *line);
JsonNode *bb_api_json_order (BbOrder *order, gboolean with_lines);
JsonNode *bb_api_json_product (const BbProduct *product);
JsonNode *bb_api_json_match (const BbMatch *match);
JsonNode *bb_api_json_product_match (BbProductMatch *match);
JsonNode *bb_api_json_settings (const BbSettings *settings);

/* Text of a node; @pretty: indented, for people. (transfer full) */
char *bb_api_json_print (JsonNode *node, gboolean pretty);
/* {"error":{"code":…,"message":…}} (transfer full) */
char *bb_api_json_error (const char *code, const char *message);

G_END_DECLS
