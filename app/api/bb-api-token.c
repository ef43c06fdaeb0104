/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "bb-api-json.h"

/* A line for each of a hundred tokens; what is longer is some other file. */
#define MAX_FILE_SIZE (32 * 1024)

char *
bb_api_token_make (GError **error)
{
  guint8 bytes[BB_API_TOKEN_DIGITS / 2];
  GString *token;

  /* Up to 256 bytes come whole and are never interrupted (getrandom(2)). */
  if (getrandom (bytes, sizeof bytes, 0) != (gssize)sizeof bytes)
    {
      int code = errno;

      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                   _ ("The system gives no random numbers for the API token: %s"),
                   g_strerror (code));
      return NULL;
    }
  token = g_string_sized_new (BB_API_TOKEN_DIGITS);
  for (gsize i = 0; i < sizeof bytes; i++)
    g_string_append_printf (token, "%02x", bytes[i]);

  return g_string_free (token, FALSE);
}

static gboolean
write_all (int fd, const char *text)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize written = write (fd, text, left);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      text += written;
      left -= (gsize)written;
    }
  return TRUE;
}

/* Written whole under another name and then linked, so that a reader never
 * sees half a token and of two gateways that start at once one wins. */
static gboolean
create_file (const char *path, GError **error)
{
  g_autofree char *token = bb_api_token_make (error);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *line = NULL;
  g_autofree char *temporary = NULL;
  int fd, code = 0;

  if (token == NULL)
    return FALSE;
  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      code = errno;
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                   _ ("Can't make the folder “%s” for the API token: %s. Set token-file of [api] "
                      "to a place this user may write to."),
                   folder, g_strerror (code));
      return FALSE;
    }

  line = g_strconcat (token, "\n", NULL);
  temporary = g_strconcat (path, ".XXXXXX", NULL);
  fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0 || !write_all (fd, line) || fsync (fd) < 0)
    code = errno;
  if (fd >= 0)
    close (fd);
  if (code == 0 && link (temporary, path) < 0 && errno != EEXIST)
    code = errno;
  if (fd >= 0)
    g_unlink (temporary);
  if (code != 0)
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                   _ ("Can't write the API token to “%s”: %s. Set token-file of [api] to a place "
                      "this user may write to."),
                   path, g_strerror (code));
      return FALSE;
    }
  return TRUE;
}

/* The whole file, which nobody else may read or write. */
static char *
read_file (const char *path, GError **error)
{
  g_autofree char *buffer = g_malloc (MAX_FILE_SIZE + 1);
  struct stat info;
  gssize length;
  int fd, code;

  fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0 || fstat (fd, &info) < 0)
    {
      code = errno;
      if (fd >= 0)
        close (fd);
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                   code == ENOENT
                     ? _ ("There is no API token in “%s” (%s). The gateway makes it when it first "
                          "starts: start bestellbotd, or name the file with --token-file.")
                     : _ ("Can't read the API token from “%s”: %s. Run as the user that runs the "
                          "gateway, or name another file with --token-file."),
                   path, g_strerror (code));
      return NULL;
    }
  if (!S_ISREG (info.st_mode) || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    {
      close (fd);
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                   S_ISREG (info.st_mode)
                     ? _ ("The API token in “%s” is open to other users. Run: chmod 600 “%s”, and "
                          "delete the file if somebody may have read it: a new one is made.")
                     : _ ("“%s” is no file, so it can't hold the API token (“%s”)."),
                   path, path);
      return NULL;
    }
  length = read (fd, buffer, MAX_FILE_SIZE);
  code = errno;
  close (fd);
  if (length < 0 || length == MAX_FILE_SIZE)
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                   _ ("Can't read the API token from “%s”: %s. Run as the user that runs the "
                      "gateway, or name another file with --token-file."),
                   path, g_strerror (length < 0 ? code : EFBIG));
      return NULL;
    }
  buffer[length] = '\0';
  return g_steal_pointer (&buffer);
}

/**
 * bb_api_token_load:
 * @path: the token file
 * @error: return location for a #BbApiError
 *
 * Refuses a file that others than its owner can read or write.
 *
 * Returns: (transfer full) (nullable): the first token that stands there in clear
 */
char *
bb_api_token_load (const char *path, GError **error)
{
  g_autofree char *text = read_file (path, error);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      char *word = g_strstrip (lines[i]);

      word[strcspn (word, " \t")] = '\0';
      if (*word == '\0' || *word == '#' || strchr (word, ':') != NULL)
        continue;
      if (strlen (word) >= BB_API_TOKEN_MIN_LENGTH && g_str_is_ascii (word))
        return g_strdup (word);
      break;
    }
  if (lines != NULL)
    g_set_error (error, BB_API_ERROR, BB_API_ERROR_TOKEN,
                 _ ("“%s” holds no API token: one line of at least %d letters and digits is "
                    "wanted. Delete the file and start bestellbotd: it makes a new one."),
                 path, BB_API_TOKEN_MIN_LENGTH);
  return NULL;
}

/**
 * bb_api_token_create_or_read:
 * @path: the token file
 * @error: return location for a #BbApiError
 *
 * For the gateway: the first start makes file and folder, mode 0600 and 0700.
 *
 * Returns: (transfer full) (nullable): the file's text
 */
char *
bb_api_token_create_or_read (const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !create_file (path, error))
    return NULL;

  return read_file (path, error);
}
