/* Every limit on what is read, in one place; rnn-inspect --limits prints them. Checked before memory is taken. (Not
 * limits.h: on the search path that name would hide the system's.) */
#ifndef RNN_INPUT_LIMITS_H
#define RNN_INPUT_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#define RNN_LIMIT_LINE_BYTES          ((size_t)16 << 20)  /* a line of text; --max-line */
#define RNN_LIMIT_RECORD_BYTES        ((size_t)64 << 20)  /* a record of many lines */
#define RNN_LIMIT_TOKEN_BYTES         ((size_t)64 << 10)  /* one symbol or label */
#define RNN_LIMIT_SEQUENCE_STEPS      ((size_t)1 << 27)   /* steps of one sequence */
#define RNN_LIMIT_FRAME_WIDTH         ((size_t)1 << 16)   /* numbers a frame */
#define RNN_LIMIT_PICTURE_SIDE        ((size_t)1 << 14)   /* width and height of a video */
#define RNN_LIMIT_FRAMES_BYTES        ((size_t)240 << 20) /* of a video or an array that is read as a whole */
#define RNN_LIMIT_SYMBOLS             ((size_t)16 << 20)  /* different symbols */
#define RNN_LIMIT_LABELS              ((size_t)1 << 16)   /* different labels */
#define RNN_LIMIT_FEATURES            ((size_t)64 << 20)  /* of words, in a model */
#define RNN_LIMIT_MODEL_BYTES         ((size_t)1 << 30)   /* a model, decompressed */
#define RNN_LIMIT_CHECKPOINT_BYTES    (SIZE_MAX / 16) /* a checkpoint, decompressed: memory grows only as bytes arrive */
#define RNN_LIMIT_BLOCK_BYTES         ((size_t)256 << 20) /* a block of a sequence stream, decompressed */
#define RNN_LIMIT_HEADER_BYTES        ((size_t)256 << 10) /* the JSON header of a document */
#define RNN_LIMIT_JSON_DEPTH          32                  /* nesting */
#define RNN_LIMIT_WINDOW_LOG          23                  /* zstd window of a model or stream: 8 MiB */
#define RNN_LIMIT_TEXT_WINDOW_LOG     27 /* zstd window of compressed text: 128 MiB, as the zstd command */
#define RNN_LIMIT_CONFIG_BYTES        ((size_t)1 << 20) /* a YAML file */
#define RNN_LIMIT_CONFIG_DEPTH        16
#define RNN_LIMIT_CONFIG_EVENTS       10000
#define RNN_LIMIT_CONFIG_SCALAR_BYTES ((size_t)64 << 10)

#endif
