/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "realtimeplayout.h"

G_BEGIN_DECLS

typedef enum
{
  GST_REALTIME_SPEAKER_USER = 1 << 0,
  GST_REALTIME_SPEAKER_ASSISTANT = 1 << 1,
} GstRealtimeSpeaker;

#define GST_REALTIME_SPEAKER_BOTH (GST_REALTIME_SPEAKER_USER | GST_REALTIME_SPEAKER_ASSISTANT)

typedef enum
{
  GST_REALTIME_CAPTIONS_LINES, /* each line once, with its exact times, when it is over */
  GST_REALTIME_CAPTIONS_LIVE   /* what is to be seen now, word by word, time and again */
} GstRealtimeCaptions;

/* What goes downstream next: a text, or, without one, time that holds none. */
typedef struct
{
  char *text;
  GstRealtimeSpeaker speaker;
  GstClockTime start; /* running time */
  GstClockTime end;
} GstRealtimeCue;

void gst_realtime_cue_free (GstRealtimeCue *cue);

/* See realtimetranscript.c. No locks, no I/O: the caller sees to both. */
typedef struct _GstRealtimeTranscript GstRealtimeTranscript;

GstRealtimeTranscript *gst_realtime_transcript_new (void);
void gst_realtime_transcript_free (GstRealtimeTranscript *self);
void gst_realtime_transcript_reset (GstRealtimeTranscript *self);
void gst_realtime_transcript_set_speakers (GstRealtimeTranscript *self, GstRealtimeSpeaker which);
void gst_realtime_transcript_set_captions (GstRealtimeTranscript *self, GstRealtimeCaptions how);

void gst_realtime_transcript_add_text (GstRealtimeTranscript *self,
                                       GstRealtimeSpeaker speaker,
                                       const char *item_id,
                                       const char *text,
                                       gboolean final);
void gst_realtime_transcript_add_written (GstRealtimeTranscript *self, const char *item_id);
void gst_realtime_transcript_add_speech (GstRealtimeTranscript *self,
                                         const char *item_id,
                                         gboolean started,
                                         GstClockTime at);
void gst_realtime_transcript_add_notice (GstRealtimeTranscript *self,
                                         const GstRealtimeNotice *notice);
void gst_realtime_transcript_advance (GstRealtimeTranscript *self,
                                      GstClockTime now,
                                      const GstRealtimePosition *positions,
                                      guint n_positions);
GstClockTime gst_realtime_transcript_begin (GstRealtimeTranscript *self, GstClockTime now);
void gst_realtime_transcript_end (GstRealtimeTranscript *self);
gboolean gst_realtime_transcript_is_waiting (GstRealtimeTranscript *self);
gboolean gst_realtime_transcript_has_cue (GstRealtimeTranscript *self);
GstRealtimeCue *gst_realtime_transcript_pop (GstRealtimeTranscript *self);
void gst_realtime_transcript_drop_cues (GstRealtimeTranscript *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeCue, gst_realtime_cue_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRealtimeTranscript, gst_realtime_transcript_free)

G_END_DECLS
