/* From pictures to small ones, and to what is seen from elsewhere. */
#include "picture.h"

#include <stdio.h>
#include <tgmath.h>

/* ---- sizes ---- */

struct rnn_picture_size rnn_picture_usual_size(void)
{
  return (struct rnn_picture_size){.columns = 48, .rows = 36};
}

/* A side of a picture, in digits up to `end`; *text comes to lie behind it. */
static bool read_side(const char **text, char end, size_t *side)
{
  const char *digit = *text;
  for (*side = 0; *digit >= '0' && *digit <= '9' && *side <= RNN_PICTURE_MOST_SIDE; digit++)
    *side = 10 * *side + (size_t)(*digit - '0');
  bool good = *digit == end && *side > 0 && *side <= RNN_PICTURE_MOST_SIDE && *side % RNN_PICTURE_COARSE == 0;
  *text = digit + good;
  return good;
}

bool rnn_picture_size_find(const char *name, struct rnn_picture_size *size)
{
  return read_side(&name, 'x', &size->columns) && read_side(&name, '\0', &size->rows);
}

const char *rnn_picture_size_name(struct rnn_picture_size size, char name[RNN_PICTURE_SIZE_BYTES])
{
  snprintf(name, RNN_PICTURE_SIZE_BYTES, "%ux%u", (unsigned)size.columns, (unsigned)size.rows);
  return name;
}

enum rnn_status rnn_picture_refuse(struct rnn_picture_size size, const char *others, struct rnn_picture_size wanted,
                                   struct rnn_error *error)
{
  char one[RNN_PICTURE_SIZE_BYTES] = "no picture", other[RNN_PICTURE_SIZE_BYTES] = "no picture";
  bool pictures = size.columns > 0;
  return rnn_error_set(error, RNN_DATA, "frames of %s%s, %s of %s", pictures ? "pictures of " : "",
                       pictures ? rnn_picture_size_name(size, one) : one, others,
                       wanted.columns > 0 ? rnn_picture_size_name(wanted, other) : other);
}

/* ---- scaling down ---- */

/* Adds `value`, which lies from `from` to `from` + 1 of `count`, to the cells [cells] that it lies in. */
static void spread(float value, size_t from, size_t count, size_t cells, float *cell)
{
  size_t left = from * cells, right = left + cells; /* in parts of which a cell has `count` */
  while (left < right) {
    size_t at = left / count, end = (at + 1) * count < right ? (at + 1) * count : right;
    cell[at] += value * (float)(end - left);
    left = end;
  }
}

void rnn_picture_add_row(const struct rnn_picture_scaler *scaler, size_t y, const unsigned char *grey, float *small)
{
  const size_t columns = scaler->size.columns, rows = scaler->size.rows;
  size_t left = y * rows, right = left + rows;
  float line[RNN_PICTURE_MOST_SIDE] = {0}, share = 1 / ((float)scaler->width * (float)scaler->height);
  for (size_t x = 0; x < scaler->width; x++)
    spread(grey[x], x, scaler->width, columns, line);
  while (left < right) {
    size_t at = left / scaler->height;
    size_t end = (at + 1) * scaler->height < right ? (at + 1) * scaler->height : right;
    for (size_t x = 0; x < columns; x++)
      small[at * columns + x] += line[x] * (float)(end - left) * share;
    left = end;
  }
}

void rnn_picture_finish(const struct rnn_picture_scaler *scaler, float *small)
{
  for (size_t i = 0; i < rnn_picture_pixels(scaler->size); i++)
    small[i] = round(8 * small[i]) / 8;
}

/* ---- another view ---- */

/* Where a pixel of the view lies between two of the picture. */
struct place {
  size_t first, second;
  float share; /* of the second */
};

static struct place place_of(size_t pixel, size_t pixels, double scale, double move)
{
  const double side = (double)pixels, middle = (side - 1) / 2;
  double at = ((double)pixel - middle) * scale + middle + move * side;
  double inside = fmin(fmax(at, 0), side - 1);
  size_t first = (size_t)inside;
  return (struct place){
      .first = first, .second = first + 1 < pixels ? first + 1 : first, .share = (float)(inside - (double)first)};
}

void rnn_picture_add_view(struct rnn_picture_size size, struct rnn_picture_view view, float weight, const float *from,
                          float *to)
{
  struct place across[RNN_PICTURE_MOST_SIDE];
  for (size_t x = 0; x < size.columns; x++)
    across[x] = place_of(view.mirrored ? size.columns - 1 - x : x, size.columns, view.scale, view.right);
  for (size_t y = 0; y < size.rows; y++, to += size.columns) {
    struct place down = place_of(y, size.rows, view.scale, view.down);
    const float *above = from + down.first * size.columns, *below = from + down.second * size.columns;
    for (size_t x = 0; x < size.columns; x++) {
      struct place at = across[x];
      float upper = above[at.first] + at.share * (above[at.second] - above[at.first]);
      float lower = below[at.first] + at.share * (below[at.second] - below[at.first]);
      to[x] += weight * (upper + down.share * (lower - upper));
    }
  }
}
