/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-check.h"

void
sim_error_free (SimError *error)
{
  g_free (error->code);
  g_free (error->message);
  g_free (error->param);
  g_free (error);
}

/**
 * sim_error_new:
 * @param: (nullable): path of the field that is wrong
 *
 * Returns: (transfer full): an error of type invalid_request_error
 */
SimError *
sim_error_new (const char *code, const char *param, const char *format, ...)
{
  SimError *error = g_new0 (SimError, 1);
  va_list args;

  va_start (args, format);
  error->type = "invalid_request_error";
  error->code = g_strdup (code);
  error->param = g_strdup (param);
  error->message = g_strdup_vprintf (format, args);
  va_end (args);
  return error;
}

static SimKinds
get_kind (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return SIM_KIND_OBJECT;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return SIM_KIND_ARRAY;
  if (JSON_NODE_HOLDS_NULL (node))
    return SIM_KIND_NULL;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return SIM_KIND_STRING;
    case G_TYPE_BOOLEAN:
      return SIM_KIND_BOOLEAN;
    case G_TYPE_INT64:
      return SIM_KIND_INTEGER | SIM_KIND_NUMBER;
    default:
      return SIM_KIND_NUMBER;
    }
}

static const struct
{
  SimKinds kind;
  const char *expected;
  const char *got;
} kind_names[] = {
  { SIM_KIND_STRING, "a string", "a string" },
  { SIM_KIND_INTEGER, "an integer", "an integer" },
  { SIM_KIND_NUMBER, "a decimal", "a decimal" },
  { SIM_KIND_BOOLEAN, "a boolean", "a boolean" },
  { SIM_KIND_OBJECT, "an object", "an object" },
  { SIM_KIND_ARRAY, "an array", "an array" },
  { SIM_KIND_NULL, "null", "null" },
};

static SimError *
new_type_error (const char *path, SimKinds expected, SimKinds got)
{
  g_autoptr (GString) wanted = g_string_new (NULL);
  const char *found = "something else";

  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    {
      if (expected & kind_names[i].kind)
        g_string_append_printf (wanted, "%s%s", wanted->len > 0 ? " or " : "", kind_names[i].expected);
    }
  for (guint i = G_N_ELEMENTS (kind_names); i > 0; i--)
    {
      if (got & kind_names[i - 1].kind)
        found = kind_names[i - 1].got;
    }
  return sim_error_new ("invalid_type", path, "Invalid type for '%s': expected %s, but got %s instead.",
                        path, wanted->str, found);
}

static SimError *
new_value_error (const char *path, const char *value, const char *const *values)
{
  g_autoptr (GString) list = g_string_new (NULL);
  guint n = g_strv_length ((char **) values);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (list, "%s'%s'", i == 0 ? "" : i + 1 < n ? ", " : n == 2 ? " and " : ", and ",
                            values[i]);
  return sim_error_new ("invalid_value", path, "Invalid value: '%.80s'. Supported values are: %s.",
                        value, list->str);
}

static char *
join (const char *path, const char *name)
{
  return path[0] == '\0' ? g_strdup (name) : g_strconcat (path, ".", name, NULL);
}

static SimError *
check_number (double value, const SimField *field, const char *path, gboolean whole)
{
  const char *kind = whole ? "integer" : "decimal";

  if ((field->min == 0 && field->max == 0) || (value >= field->min && value <= field->max))
    return NULL;
  gboolean below = value < field->min;
  g_autofree char *code = g_strdup_printf (below ? "%s_below_min_value" : "%s_above_max_value", kind);
  return sim_error_new (code, path, "Invalid '%s': %s %s value. Expected a value %s %g, but got %g instead.",
                        path, kind, below ? "below minimum" : "above maximum", below ? ">=" : "<=",
                        below ? field->min : field->max, value);
}

static SimError *
check_value (JsonNode *node, const SimField *field, const char *path)
{
  SimKinds kind = get_kind (node);

  if (!(kind & field->kinds))
    return new_type_error (path, field->kinds, kind);

  if (kind == SIM_KIND_STRING)
    {
      const char *text = json_node_get_string (node);
      if (field->values != NULL && !g_strv_contains (field->values, text))
        return new_value_error (path, text, field->values);
      glong length = field->max_length > 0 ? g_utf8_strlen (text, -1) : 0;
      if (length > field->max_length)
        return sim_error_new ("string_above_max_length", path,
                              "Invalid '%s': string too long. Expected a string with maximum length %u, "
                              "but got a string with length %ld instead.",
                              path, field->max_length, length);
    }
  else if (kind & SIM_KIND_NUMBER)
    {
      return check_number (json_node_get_double (node), field, path, field->kinds & SIM_KIND_INTEGER);
    }
  else if (kind == SIM_KIND_OBJECT && field->shape != NULL)
    {
      return sim_check_object (json_node_get_object (node), field->shape, path);
    }
  else if (kind == SIM_KIND_ARRAY)
    {
      JsonArray *array = json_node_get_array (node);
      guint length = json_array_get_length (array);
      if (field->max_length > 0 && length > field->max_length)
        return sim_error_new ("array_above_max_length", path,
                              "Invalid '%s': array too long. Expected an array with maximum length %u, "
                              "but got an array with length %u instead.",
                              path, field->max_length, length);
      for (guint i = 0; field->element != NULL && i < length; i++)
        {
          g_autofree char *at = g_strdup_printf ("%s[%u]", path, i);
          SimError *error = check_value (json_array_get_element (array, i), field->element, at);
          if (error != NULL)
            return error;
        }
    }
  return NULL;
}

static SimError *
new_missing_error (const char *path)
{
  return sim_error_new ("missing_required_parameter", path, "Missing required parameter: '%s'.", path);
}

/* Finds the variant, or says what is wrong with the selector. */
static const SimShape *
select_variant (JsonObject *object, const SimShape *shape, const char *path, SimError **error)
{
  g_autofree char *at = join (path, shape->selector);
  JsonNode *node = json_object_get_member (object, shape->selector);
  const char *value = shape->selector_default;

  if (node == NULL && value == NULL)
    {
      *error = new_missing_error (at);
      return NULL;
    }
  if (node != NULL)
    {
      if (get_kind (node) != SIM_KIND_STRING)
        {
          *error = new_type_error (at, SIM_KIND_STRING, get_kind (node));
          return NULL;
        }
      value = json_node_get_string (node);
    }

  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  for (guint i = 0; shape->variants[i].value != NULL; i++)
    {
      if (strcmp (shape->variants[i].value, value) == 0)
        return shape->variants[i].shape;
      g_ptr_array_add (values, (gpointer) shape->variants[i].value);
    }
  g_ptr_array_add (values, NULL);
  *error = new_value_error (at, value, (const char *const *) values->pdata);
  return NULL;
}

/**
 * sim_check_object:
 * @path: where @object is, "" for an event itself
 *
 * Checks as the service does: unknown members first, then missing ones, then
 * each value in turn.
 *
 * Returns: (transfer full) (nullable): the first thing that is wrong
 */
SimError *
sim_check_object (JsonObject *object, const SimShape *shape, const char *path)
{
  while (shape->selector != NULL)
    {
      SimError *error = NULL;
      shape = select_variant (object, shape, path, &error);
      if (error != NULL)
        return error;
    }

  JsonObjectIter iter;
  const char *name;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    {
      const SimField *field = shape->fields;
      while (field->name != NULL && strcmp (field->name, name) != 0)
        field++;
      if (field->name == NULL)
        {
          g_autofree char *at = join (path, name);
          return sim_error_new ("unknown_parameter", at, "Unknown parameter: '%s'.", at);
        }
    }

  for (const SimField *field = shape->fields; field->name != NULL; field++)
    {
      g_autofree char *at = join (path, field->name);
      JsonNode *node = json_object_get_member (object, field->name);
      if (node == NULL && field->required)
        return new_missing_error (at);
      SimError *error = node != NULL ? check_value (node, field, at) : NULL;
      if (error != NULL)
        return error;
    }
  return NULL;
}
