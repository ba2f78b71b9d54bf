/* What is read of a picture of a video: few numbers that tell how something moves and what shape it has, whatever the
 * size of the picture and its contrast.
 *
 * The grey picture is scaled down to RNN_PICTURE_COLUMNS x RNN_PICTURE_ROWS by area averaging and stretched to [0, 1]
 * between the darkest and brightest twentieth of all pictures of the video so far. Then, on grids of cells:
 * the motion, the root mean square difference from the picture before, and the mean of that difference with its sign;
 * the share of the gradients' strength that points to each of RNN_PICTURE_ANGLES directions, opposite ones counting as
 * one (Dalal, Triggs 2005), of the whole picture and of what moves. At last how much moves at all, where its middle is
 * and how far it spreads. */
#ifndef RNN_PICTURE_H
#define RNN_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  RNN_PICTURE_COLUMNS = 48,
  RNN_PICTURE_ROWS = 36,
  RNN_PICTURE_PIXELS = RNN_PICTURE_COLUMNS * RNN_PICTURE_ROWS,
  RNN_PICTURE_FINE = 6,    /* pixels of a side of the cells of motion, */
  RNN_PICTURE_COARSE = 12, /* and of those of gradients */
  RNN_PICTURE_FINE_CELLS = RNN_PICTURE_PIXELS / (RNN_PICTURE_FINE * RNN_PICTURE_FINE),
  RNN_PICTURE_COARSE_CELLS = RNN_PICTURE_PIXELS / (RNN_PICTURE_COARSE * RNN_PICTURE_COARSE),
  RNN_PICTURE_ANGLES = 6,
  RNN_PICTURE_NUMBERS = 2 * RNN_PICTURE_FINE_CELLS + 2 * RNN_PICTURE_COARSE_CELLS * RNN_PICTURE_ANGLES + 5
};

/* What is remembered of the pictures before. Zeroed: nothing. */
struct rnn_picture_memory {
  uint64_t pictures;                /* how many there were */
  float range[2];                   /* what becomes 0 and 1 */
  float before[RNN_PICTURE_PIXELS]; /* the last one, not stretched */
};

/* A video up to the present picture. */
struct rnn_picture {
  size_t width, height; /* of the pictures as they come */
  struct rnn_picture_memory memory;
  float line[RNN_PICTURE_COLUMNS];
  float sum[RNN_PICTURE_PIXELS];                             /* this one, not stretched */
  float now[RNN_PICTURE_PIXELS], change[RNN_PICTURE_PIXELS]; /* stretched */
};

/* Before the first picture of a video; width and height above 0. */
void rnn_picture_start(struct rnn_picture *picture, size_t width, size_t height);

/* The next row, y = 0 ... height - 1, of the present picture: grey [width]. */
void rnn_picture_add_row(struct rnn_picture *picture, size_t y, const unsigned char *grey);

/* After the last row: its numbers [RNN_PICTURE_NUMBERS]; the next row is of the next picture. */
void rnn_picture_finish(struct rnn_picture *picture, float *number);

#endif
