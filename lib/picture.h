/* Pictures of a video: scaled down to a small grey one, and what is read of that, few numbers that tell how something
 * moves and what shape it has, whatever its contrast.
 *
 * Scaling is area averaging. The small picture is stretched to [0, 1] between the darkest and brightest twentieth of
 * all pictures of the video so far. Then, on grids of cells: the motion, the root mean square difference from the
 * picture before, and the mean of that difference with its sign; the share of the gradients' strength that points to
 * each of RNN_PICTURE_ANGLES directions, opposite ones counting as one (Dalal, Triggs 2005), of the whole picture and
 * of what moves. At last how much moves at all, where its middle is and how far it spreads. */
#ifndef RNN_PICTURE_H
#define RNN_PICTURE_H

#include "real.h"
#include "sequence.h"

enum {
  RNN_PICTURE_FINE = 6,    /* pixels of a side of the cells of motion, */
  RNN_PICTURE_COARSE = 12, /* and of those of gradients: a side of a picture is a multiple */
  RNN_PICTURE_ANGLES = 6,
  RNN_PICTURE_MOST_SIDE = 252,
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

/* ---- scaling down ---- */

/* Rows of pictures of a video as they come, width and height above 0, become small ones. */
struct rnn_picture_scaler {
  struct rnn_picture_size size; /* of the small picture */
  size_t width, height;         /* of the large one */
};

/* Adds row y = 0 ... height - 1 of a picture, grey [width] of 0 to 255, to its small one [pixels], which is zero
 * before. */
void rnn_picture_add_row(const struct rnn_picture_scaler *scaler, size_t y, const unsigned char *grey, float *small);

/* After the last row: greys in eighths, which a file has room for. */
void rnn_picture_finish(const struct rnn_picture_scaler *scaler, float *small);

/* ---- another view ---- */

/* What a camera had seen from elsewhere: a rectangle `scale` times as large, whose middle is moved by so many sides. */
struct rnn_picture_view {
  double scale, right, down;
  bool mirrored;
};

/* to [pixels] += weight times what is seen so of `from`, between its pixels by the distance to each; past its edge it
 * goes on as it ends. */
void rnn_picture_add_view(struct rnn_picture_size size, struct rnn_picture_view view, float weight, const float *from,
                          float *to);

/* ---- numbers ---- */

/* That are made of a picture. */
static inline size_t rnn_picture_numbers(struct rnn_picture_size size)
{
  size_t fine = rnn_picture_pixels(size) / (RNN_PICTURE_FINE * RNN_PICTURE_FINE);
  size_t coarse = rnn_picture_pixels(size) / (RNN_PICTURE_COARSE * RNN_PICTURE_COARSE);
  return 2 * fine + 2 * coarse * RNN_PICTURE_ANGLES + 5;
}

/* What is remembered of the pictures before: what becomes 0 and 1, and the last one. */
static inline size_t rnn_picture_memory(struct rnn_picture_size size)
{
  return 2 + rnn_picture_pixels(size);
}

/* The numbers [rnn_picture_numbers] of a small picture, grey [pixels]; memory [rnn_picture_memory] is NaN before the
 * first. */
void rnn_picture_measure(struct rnn_picture_size size, const float *grey, real *memory, real *number);

#endif
