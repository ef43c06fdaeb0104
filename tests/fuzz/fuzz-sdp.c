/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A peer that offers and answers anything. The first byte says how we are set
 * and which of the two it is; bodies are separated by a zero byte, so that a
 * call changes under way. Whatever comes in, an answer of ours is one that we
 * can read ourselves, and a key is in it if and only if SRTP was agreed on. */
#include <string.h>

#include "bb-sdp-parse.h"
#include "bb-sdp.h"
#include "bb-sip-agent.h"

/* clang-format off */
/* the rest of app/sip is not here */
G_DEFINE_QUARK (bb-sip-error-quark, bb_sip_error)
/* clang-format on */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static BbConfig *
make_config (const char *srtp)
{
  g_autofree char *setting = g_strconcat ("media.srtp=", srtp, NULL);
  const char *overrides[]
      = { setting, "media.codecs=opus;G722;PCMA;PCMU;L16/44100;L16/16000;L16/8000", NULL };
  g_autoptr (GError) error = NULL;
  BbConfig *config = bb_config_load ("/dev/null", overrides, &error);

  g_assert_no_error (error);
  return config;
}

static void
check (BbSdp *sdp, const char *text)
{
  const BbMediaParams *params = bb_sdp_get_params (sdp);
  g_autoptr (BbSdpBody) body = bb_sdp_body_parse (text, -1, NULL);
  const char *crypto = strstr (text, "\r\na=crypto:");

  g_assert_nonnull (body);
  g_assert_nonnull (params->codec);
  g_assert_cmpuint (params->ptime, >=, 10);
  g_assert_cmpuint (params->ptime, <=, params->codec->max_ptime);
  g_assert_cmpint (crypto != NULL, ==, params->srtp_suite != NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static BbConfig *configs[3];
  g_autoptr (BbSdp) sdp = NULL;
  gboolean answers;
  const guint8 *end = data + size;

  if (configs[0] == NULL)
    {
      configs[0] = make_config ("off");
      configs[1] = make_config ("preferred");
      configs[2] = make_config ("required");
    }
  if (size < 1)
    return 0;

  sdp = bb_sdp_new (configs[data[0] % 3]);
  answers = (data[0] / 3) % 2 == 1;
  bb_sdp_set_local (sdp, "192.0.2.1", 5000, 0);
  for (const guint8 *at = data + 1; at < end;)
    {
      const guint8 *stop = memchr (at, 0, (gsize)(end - at));
      gsize length = (gsize)((stop != NULL ? stop : end) - at);

      if (answers)
        {
          g_autofree char *offer = bb_sdp_write_offer (sdp);
          g_autoptr (BbSdpBody) own = bb_sdp_body_parse (offer, -1, NULL);

          g_assert_nonnull (own);
          bb_sdp_receive_answer (sdp, (const char *)at, (gssize)length, NULL);
        }
      else if (bb_sdp_receive_offer (sdp, (const char *)at, (gssize)length, NULL))
        {
          g_autofree char *text = bb_sdp_write_answer (sdp);

          check (sdp, text);
        }
      at += length + 1;
    }
  return 0;
}
