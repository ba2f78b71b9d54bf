/* What is read of a picture of a video: few numbers that tell how something moves and what shape it has, whatever the
 * size of the picture and its contrast.
 *
 * The grey picture is scaled to a small one by area averaging and stretched to [0, 1]
 * between the darkest and brightest twentieth of all pictures of the video so far. Then, on grids of cells:
 * the motion, the root mean square difference from the picture before, and the mean of that difference with its sign;
 * the share of the gradients' strength that points to each of RNN_PICTURE_ANGLES directions, opposite ones counting as
 * one (Dalal, Triggs 2005), of the whole picture and of what moves. At last how much moves at all, where its middle is
 * and how far it spreads. */
#ifndef RNN_PICTURE_H
#define RNN_PICTURE_H

#include "sequence.h"

enum {
  RNN_PICTURE_FINE = 6,    /* pixels of a side of the cells of motion, */
  RNN_PICTURE_COARSE = 12, /* and of those of gradients: a side of a picture is a multiple */
  RNN_PICTURE_ANGLES = 6,
  RNN_PICTURE_MOST_SIDE = 480,
  RNN_PICTURE_SIZE_BYTES = 16
};

/* 48x36, where nobody asks for another. */
struct rnn_picture_size rnn_picture_usual_size(void);

/* "48x36". False for what is no size of a picture: a side is a multiple of RNN_PICTURE_COARSE, up to
 * RNN_PICTURE_MOST_SIDE. */
bool rnn_picture_size_find(const char *name, struct rnn_picture_size *size);
const char *rnn_picture_size_name(struct rnn_picture_size size, char name[RNN_PICTURE_SIZE_BYTES]); /* answers `name` */

static inline bool rnn_picture_size_equal(struct rnn_picture_size a, struct rnn_picture_size b)
{
  return a.columns == b.columns && a.rows == b.rows;
}

/* Two that are both said and are not the same; 0 x 0 says nothing. */
static inline bool rnn_picture_size_differ(struct rnn_picture_size a, struct rnn_picture_size b)
{
  return a.columns > 0 && b.columns > 0 && !rnn_picture_size_equal(a, b);
}

/* RNN_DATA "frames of pictures of 60x48, those before of 48x36", with `others` "those before". */
enum rnn_status rnn_picture_refuse(struct rnn_picture_size size, const char *others, struct rnn_picture_size wanted,
                                   struct rnn_error *error) RNN_MUST_CHECK;

static inline size_t rnn_picture_pixels(struct rnn_picture_size size)
{
  return size.columns * size.rows;
}

/* Numbers that are made of a picture. */
static inline size_t rnn_picture_numbers(struct rnn_picture_size size)
{
  size_t fine = rnn_picture_pixels(size) / (RNN_PICTURE_FINE * RNN_PICTURE_FINE);
  size_t coarse = rnn_picture_pixels(size) / (RNN_PICTURE_COARSE * RNN_PICTURE_COARSE);
  return 2 * fine + 2 * coarse * RNN_PICTURE_ANGLES + 5;
}

/* What is remembered of the pictures before. */
struct rnn_picture_memory {
  uint64_t pictures; /* how many there were */
  float range[2];    /* what becomes 0 and 1 */
  float *before;     /* [rnn_picture_pixels] the last one, not stretched */
};

void rnn_picture_memory_copy(struct rnn_picture_memory *to, const struct rnn_picture_memory *from,
                             struct rnn_picture_size size);

/* A video up to the present picture. */
struct rnn_picture {
  struct rnn_picture_size size; /* of the small picture */
  size_t width, height;         /* of the pictures as they come */
  struct rnn_picture_memory memory;
  float *line;         /* [columns] */
  float *sum;          /* [pixels] this one, not stretched */
  float *now, *change; /* [pixels] stretched */
};

/* Floats that rnn_picture_init needs. */
static inline size_t rnn_picture_storage(struct rnn_picture_size size)
{
  return size.columns + 4 * rnn_picture_pixels(size);
}

/* With memory of the caller, [rnn_picture_storage]. */
void rnn_picture_init(struct rnn_picture *picture, struct rnn_picture_size size, float *storage);

/* Before the first picture of a video; width and height above 0. */
void rnn_picture_start(struct rnn_picture *picture, size_t width, size_t height);

/* The next row, y = 0 ... height - 1, of the present picture: grey [width]. */
void rnn_picture_add_row(struct rnn_picture *picture, size_t y, const unsigned char *grey);

/* After the last row: its numbers [rnn_picture_numbers]; the next row is of the next picture. */
void rnn_picture_finish(struct rnn_picture *picture, float *number);

#endif
