/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Kinds of JSON values, as flags. */
typedef enum
{
  SIM_KIND_STRING = 1 << 0,
  SIM_KIND_INTEGER = 1 << 1,
  SIM_KIND_NUMBER = 1 << 2, /* an integer too */
  SIM_KIND_BOOLEAN = 1 << 3,
  SIM_KIND_OBJECT = 1 << 4,
  SIM_KIND_ARRAY = 1 << 5,
  SIM_KIND_NULL = 1 << 6,
} SimKinds;

typedef struct _SimField SimField;
typedef struct _SimShape SimShape;

/* One member of an object, or (name NULL) the elements of an array. */
struct _SimField
{
  const char *name;
  SimKinds kinds;
  gboolean required;
  const char *const *values; /* strings allowed, NULL: any */
  double min, max;           /* of numbers; both 0: any */
  guint max_length;          /* of strings in characters or arrays in elements, 0: any */
  const SimShape *shape;     /* of objects, NULL: any members */
  const SimField *element;   /* of arrays */
};

/* The members of an object. With a selector, the string member of that name
 * decides which of the variants holds. */
struct _SimShape
{
  const SimField *fields; /* ends with name NULL */
  const char *selector;
  const struct
  {
    const char *value;
    const SimShape *shape;
  } *variants; /* ends with value NULL */
  const char *selector_default;
};

typedef struct
{
  const char *type; /* static */
  char *code;
  char *message;
  char *param;
} SimError;

void sim_error_free (SimError *error);
SimError *sim_error_new (const char *code, const char *param, const char *format, ...) G_GNUC_PRINTF (3, 4);
SimError *sim_check_object (JsonObject *object, const SimShape *shape, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimError, sim_error_free)

G_END_DECLS
