/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "bb-tools.h"

G_BEGIN_DECLS

typedef struct _BbToolCall BbToolCall;

/* Ends with bb_tool_call_succeed() or bb_tool_call_refuse(), at once or later.
 * @arguments have passed the schema and live until then. */
typedef void (*BbToolHandler) (BbToolCall *call, JsonObject *arguments);

typedef struct
{
  const char *name;
  const char *description; /* for the model, in German */
  const char *parameters;  /* JSON schema: what bb-tool-schema.c checks */
  BbToolHandler handler;
  gboolean (*offered) (const BbConfig *config); /* NULL: always */
} BbTool;

struct _BbToolbox
{
  GObject parent_instance;

  BbCatalogue *catalogue;
  BbOrderStore *store;
  BbConfig *config;
  BbOrder *order;
  GQueue calls;         /* of BbToolCall: the first one runs */
  gboolean running;     /* in run_next() */
};

/* One call of a tool, from bb_toolbox_call_async() to its answer. */
struct _BbToolCall
{
  BbToolbox *toolbox;   /* owned by the task */
  GTask *task;
  gboolean started;
  char *name;
  char *arguments;
  JsonNode *parsed;
  BbOrder *draft;       /* the order as it will be, until it is stored */
  char *number;         /* article of the line that changes */
  char *text;           /* words to read, of read_order */
};

extern const BbTool bb_tools[];
extern const guint bb_n_tools;

/* Takes @result; adds "ok": true in front. */
void bb_tool_call_succeed (BbToolCall *call, JsonObject *result);
/* Takes @sentence. */
void bb_tool_call_refuse (BbToolCall *call, char *sentence);

void bb_tool_list_groups (BbToolCall *call, JsonObject *arguments);
void bb_tool_search_products (BbToolCall *call, JsonObject *arguments);
void bb_tool_get_product (BbToolCall *call, JsonObject *arguments);
void bb_tool_add_to_order (BbToolCall *call, JsonObject *arguments);
void bb_tool_change_quantity (BbToolCall *call, JsonObject *arguments);
void bb_tool_remove_from_order (BbToolCall *call, JsonObject *arguments);
void bb_tool_read_order (BbToolCall *call, JsonObject *arguments);
void bb_tool_submit_order (BbToolCall *call, JsonObject *arguments);
void bb_tool_transfer_to_human (BbToolCall *call, JsonObject *arguments);
void bb_tool_end_call (BbToolCall *call, JsonObject *arguments);
void bb_tool_allow_recording (BbToolCall *call, JsonObject *arguments);

G_END_DECLS
