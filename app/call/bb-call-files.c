/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-files.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "bb-call-folder.h"

struct _BbCallFiles
{
  BbConfig *config;
  BbCall *call;
  BbMedia *media;
  char *folder;         /* NULL until needed */
  char *log_path;       /* once it may be kept; NULL: no log */
  gboolean may_keep;    /* the caller has agreed */
  gboolean has_decided; /* was asked, and has answered */
};

/**
 * bb_call_files_new:
 * @config: the settings
 * @call: whose files they are
 * @media: records
 *
 * Returns: (transfer full): nothing on disk yet
 */
BbCallFiles *
bb_call_files_new (const BbConfig *config, BbCall *call, BbMedia *media)
{
  BbCallFiles *self = g_new0 (BbCallFiles, 1);

  self->config = bb_config_ref (config);
  self->call = g_object_ref (call);
  self->media = g_object_ref (media);
  self->may_keep = !bb_config_asks_consent (config);
  return self;
}

void
bb_call_files_free (BbCallFiles *self)
{
  bb_config_unref (self->config);
  g_object_unref (self->call);
  g_object_unref (self->media);
  g_free (self->folder);
  g_free (self->log_path);
  g_free (self);
}

static const char *
ensure_folder (BbCallFiles *self, GError **error)
{
  if (self->folder == NULL)
    self->folder = bb_call_folder_make (self->config->recording_folder, bb_call_get_id (self->call),
                                        error);
  return self->folder;
}

/* Until the caller agrees, the log has a name that says so. */
static char *
dup_pending_log_path (BbCallFiles *self)
{
  return g_strconcat (self->log_path, ".part", NULL);
}

char *
bb_call_files_dup_log_path (BbCallFiles *self, GError **error)
{
  const char *folder = ensure_folder (self, error);

  if (folder == NULL)
    return NULL;

  g_free (self->log_path);
  self->log_path = g_build_filename (folder, "session.jsonl", NULL);
  return self->may_keep ? g_strdup (self->log_path) : dup_pending_log_path (self);
}

gboolean
bb_call_files_record (BbCallFiles *self, GError **error)
{
  const char *folder;
  g_autofree char *stem = NULL;
  g_autofree char *path = NULL;

  if (!self->config->recording || !self->may_keep)
    return TRUE;

  folder = ensure_folder (self, error);
  if (folder == NULL)
    return FALSE;
  stem = g_build_filename (folder, "call", NULL);
  path = bb_media_start_recording (self->media, stem, self->config->recording_format, error);
  if (path == NULL)
    return FALSE;

  bb_call_set_recording_path (self->call, path);
  return TRUE;
}

gboolean
bb_call_files_decide (BbCallFiles *self, gboolean allowed)
{
  gboolean changed = self->may_keep != allowed;

  if (self->has_decided && !changed)
    return FALSE;
  self->has_decided = TRUE;
  self->may_keep = allowed;

  /* The element goes on writing: it has the file open. */
  if (changed && self->log_path != NULL)
    {
      g_autofree char *pending = dup_pending_log_path (self);

      if (g_rename (allowed ? pending : self->log_path, allowed ? self->log_path : pending) != 0)
        g_warning ("%s can't be renamed: %s", allowed ? pending : self->log_path,
                   g_strerror (errno));
    }
  if (!allowed)
    {
      bb_media_discard_recording (self->media);
      bb_call_set_recording_path (self->call, NULL);
    }
  return TRUE;
}

gboolean
bb_call_files_may_keep (BbCallFiles *self)
{
  return self->may_keep;
}

void
bb_call_files_end (BbCallFiles *self)
{
  g_autofree char *pending = NULL;

  if (self->may_keep || self->folder == NULL)
    return;

  if (self->log_path != NULL)
    {
      pending = dup_pending_log_path (self);
      if (g_unlink (pending) != 0 && errno != ENOENT)
        g_warning ("%s can't be deleted (%s): delete it, the caller did not agree to its being kept",
                   pending, g_strerror (errno));
    }
  g_rmdir (self->folder); /* fails, as it should, when something else is in it */
}
