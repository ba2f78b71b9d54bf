/* From pictures to small ones, and to numbers. */
#include "picture.h"

#include <stdio.h>
#include <tgmath.h>

#include "vector.h"

enum { GREYS = 256 };

/* In the memory. */
enum { LOW, HIGH, BEFORE };

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
  const double side = (double)pixels;
  double at = (((double)pixel + 0.5) / side - 0.5) * scale + 0.5 + move; /* in sides */
  double inside = fmin(fmax(at * side - 0.5, 0), side - 1);
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

/* ---- contrast ---- */

/* Widens [low, high] to hold all pixels but a twentieth at each end. */
static void widen(struct rnn_picture_size size, const float *grey, real *memory)
{
  const size_t pixels = rnn_picture_pixels(size);
  size_t count[GREYS] = {0}, below = 0, low = 0, high = 0;
  for (size_t i = 0; i < pixels; i++)
    count[grey[i] >= GREYS - 1 ? GREYS - 1 : grey[i] > 0 ? (size_t)grey[i] : 0]++;
  for (size_t g = 0; g < GREYS; g++) {
    if (below <= pixels / 20)
      low = g;
    if (below < pixels - pixels / 20)
      high = g + 1;
    below += count[g];
  }
  memory[LOW] = fmin((real)low, memory[LOW]); /* of a number and NaN the number */
  memory[HIGH] = fmax((real)high, memory[HIGH]);
}

/* Three rows of a picture, each where its number modulo 3 says. */
struct strip {
  real now[3][RNN_PICTURE_MOST_SIDE];    /* stretched */
  real change[3][RNN_PICTURE_MOST_SIDE]; /* since the picture before; 0 in the first */
};

static real stretch(const real *memory, real grey)
{
  real share = (grey - memory[LOW]) / (memory[HIGH] - memory[LOW]);
  return share >= 1 ? 1 : share > 0 ? share : 0;
}

static void stretch_row(struct strip *strip, struct rnn_picture_size size, const float *grey, real *memory, size_t y)
{
  real *now = strip->now[y % 3], *change = strip->change[y % 3], *before = memory + BEFORE + y * size.columns;
  grey += y * size.columns;
  for (size_t x = 0; x < size.columns; x++) {
    now[x] = stretch(memory, (real)grey[x]);
    change[x] = isnan(before[x]) ? 0 : now[x] - stretch(memory, before[x]);
    before[x] = (real)grey[x];
  }
}

/* ---- numbers ---- */

/* The cell of a pixel in a grid of cells of side x side. */
static size_t cell_of(size_t x, size_t y, size_t columns, size_t side)
{
  return y / side * (columns / side) + x / side;
}

static size_t cells_of(struct rnn_picture_size size, size_t side)
{
  return rnn_picture_pixels(size) / (side * side);
}

/* number [2][cells]: sums of squares, and of changes. */
static void add_motion(struct rnn_picture_size size, const real *change, size_t y, real *number)
{
  real *mean = number + cells_of(size, RNN_PICTURE_FINE);
  for (size_t x = 0; x < size.columns; x++) {
    size_t cell = cell_of(x, y, size.columns, RNN_PICTURE_FINE);
    number[cell] += change[x] * change[x];
    mean[cell] += change[x];
  }
}

/* The direction of a gradient, 0 ... RNN_PICTURE_ANGLES - 1 for angles of 0 to half a turn: how many of the rays at
 * multiples of 30 degrees it has passed. */
static size_t direction_of(real dx, real dy)
{
  static const real ray[RNN_PICTURE_ANGLES - 1][2] = {
      {(real)0.8660254, (real)0.5}, {(real)0.5, (real)0.8660254}, {0, 1}, {(real)-0.5, (real)0.8660254},
      {(real)-0.8660254, (real)0.5}};
  size_t passed = 0;
  if (dy < 0 || (dy == 0 && dx < 0)) {
    dx = -dx;
    dy = -dy;
  }
  for (size_t i = 0; i < RNN_PICTURE_ANGLES - 1; i++)
    passed += ray[i][0] * dy - ray[i][1] * dx >= 0;
  return passed;
}

/* number [2][cells][RNN_PICTURE_ANGLES]: sums of strengths of all, and of what moves, in a row that has neighbours. */
static void add_gradients(struct rnn_picture_size size, const struct strip *strip, size_t y, real *number)
{
  const real *now = strip->now[y % 3], *above = strip->now[(y + 2) % 3], *below = strip->now[(y + 1) % 3];
  real *moving = number + cells_of(size, RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES;
  for (size_t x = 1; x + 1 < size.columns; x++) {
    real dx = now[x + 1] - now[x - 1], dy = below[x] - above[x];
    size_t bin = cell_of(x, y, size.columns, RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES + direction_of(dx, dy);
    real strength = sqrt(dx * dx + dy * dy);
    number[bin] += strength;
    moving[bin] += strength * fabs(strip->change[y % 3][x]);
  }
}

/* Of all change so far: how much, and the sums of its places and of their squares, in sides of the picture. */
struct moved {
  double sum, place[2], square[2];
};

static void add_place(struct rnn_picture_size size, const real *change, size_t y, struct moved *moved)
{
  double down = ((double)y + 0.5) / (double)size.rows;
  for (size_t x = 0; x < size.columns; x++) {
    double weight = (double)fabs(change[x]), across = ((double)x + 0.5) / (double)size.columns;
    moved->sum += weight;
    moved->place[0] += weight * across;
    moved->place[1] += weight * down;
    moved->square[0] += weight * across * across;
    moved->square[1] += weight * down * down;
  }
}

/* number [5]: how much moves; x and y of its middle, its deviation in x and in y. */
static void finish_place(struct rnn_picture_size size, const struct moved *moved, real *number)
{
  number[0] = (real)sqrt(moved->sum / (double)rnn_picture_pixels(size));
  for (size_t i = 0; i < 2; i++) {
    double mean = moved->sum > 0 ? moved->place[i] / moved->sum : 0.5;
    number[1 + i] = (real)mean;
    number[3 + i] = moved->sum > 0 ? (real)sqrt(fmax(0, moved->square[i] / moved->sum - mean * mean)) : 0;
  }
}

/* Sums over cells of side x side to the roots of means, and the others to means. */
static void finish_cells(size_t roots, size_t others, size_t side, real *number)
{
  const real share = 1 / (real)(side * side);
  for (size_t i = 0; i < roots + others; i++)
    number[i] = i < roots ? sqrt(number[i] * share) : number[i] * share;
}

void rnn_picture_measure(struct rnn_picture_size size, const float *grey, real *memory, real *number)
{
  const size_t fine = cells_of(size, RNN_PICTURE_FINE), bins = 2 * cells_of(size, RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES;
  real *gradients = number + 2 * fine;
  struct strip strip;
  struct moved moved = {.sum = 0};
  rnn_vector_fill(rnn_picture_numbers(size), 0, number);
  widen(size, grey, memory);
  stretch_row(&strip, size, grey, memory, 0);
  for (size_t y = 0; y < size.rows; y++) {
    if (y + 1 < size.rows)
      stretch_row(&strip, size, grey, memory, y + 1);
    add_motion(size, strip.change[y % 3], y, number);
    add_place(size, strip.change[y % 3], y, &moved);
    if (y > 0 && y + 1 < size.rows)
      add_gradients(size, &strip, y, gradients);
  }
  finish_cells(fine, fine, RNN_PICTURE_FINE, number);
  finish_cells(bins, 0, RNN_PICTURE_COARSE, gradients);
  finish_place(size, &moved, gradients + bins);
}
