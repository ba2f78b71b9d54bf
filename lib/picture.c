/* From pictures to small ones, and to numbers. */
#include "picture.h"

#include <stdio.h>
#include <tgmath.h>

#include "kernel.h"
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

/* ---- one row ---- */

/* Of a picture that is measured row by row. */
struct measuring {
  struct rnn_picture_size size;
  const real *range;                        /* LOW and HIGH */
  real now[3][RNN_PICTURE_MOST_SIDE];       /* three rows, stretched, each where its number modulo 3 says */
  real change[3][RNN_PICTURE_MOST_SIDE];    /* since the picture before; 0 in the first */
  real square[RNN_PICTURE_MOST_SIDE];       /* sums over the rows of a row of cells: of the squares of changes, */
  real sum[RNN_PICTURE_MOST_SIDE];          /* and of changes; */
  double column[RNN_PICTURE_MOST_SIDE];     /* over all rows: how much changes in a column, */
  double row[RNN_PICTURE_MOST_SIDE];        /* and in a row */
  real strength[RNN_PICTURE_MOST_SIDE];     /* of the gradients of a row, */
  int32_t direction[RNN_PICTURE_MOST_SIDE]; /* and where they point: 0 ... RNN_PICTURE_ANGLES - 1 */
};

struct row {
  struct measuring *of;
  size_t y;
  const float *grey; /* [columns] */
  real *before;      /* [columns] */
};

static inline real stretch(const real *range, real grey)
{
  real share = (grey - range[LOW]) / (range[HIGH] - range[LOW]);
  return share >= 1 ? 1 : share > 0 ? share : 0;
}

RNN_WIDENED(stretch_row, const struct row *, row)
{
  const real *range = row->of->range;
  real *restrict now = row->of->now[row->y % 3], *restrict change = row->of->change[row->y % 3];
  real *restrict before = row->before;
  for (size_t x = 0; x < row->of->size.columns; x++) {
    real grey = (real)row->grey[x], last = before[x], stretched = stretch(range, grey);
    now[x] = stretched;
    change[x] = isnan(last) ? 0 : stretched - stretch(range, last);
    before[x] = grey;
  }
}

RNN_WIDENED(add_changes, const struct row *, row)
{
  const real *restrict change = row->of->change[row->y % 3];
  real *restrict square = row->of->square, *restrict sum = row->of->sum;
  double *restrict column = row->of->column;
  for (size_t x = 0; x < row->of->size.columns; x++) {
    square[x] += change[x] * change[x];
    sum[x] += change[x];
    column[x] += (double)fabs(change[x]);
  }
}

/* The direction of a gradient for angles of 0 to half a turn: how many of the rays at multiples of 30 degrees it has
 * passed. */
static inline int32_t direction_of(real dx, real dy)
{
  const real half = (real)0.5, root = (real)0.8660254; /* sine and cosine of 30 degrees */
  bool below = dy < 0 || (dy == 0 && dx < 0);
  real x = below ? -dx : dx, y = below ? -dy : dy;
  return (root * y >= half * x) + (half * y >= root * x) + (x <= 0) + (half * y + root * x <= 0) +
         (root * y + half * x <= 0);
}

/* Of a row that has neighbours. */
RNN_WIDENED(find_gradients, const struct row *, row)
{
  struct measuring *of = row->of;
  const real *restrict now = of->now[row->y % 3], *restrict above = of->now[(row->y + 2) % 3];
  const real *restrict below = of->now[(row->y + 1) % 3];
  for (size_t x = 1; x + 1 < of->size.columns; x++) {
    real dx = now[x + 1] - now[x - 1], dy = below[x] - above[x];
    of->strength[x] = sqrt(dx * dx + dy * dy);
    of->direction[x] = direction_of(dx, dy);
  }
}

/* ---- numbers ---- */

static size_t cells_of(struct rnn_picture_size size, size_t side)
{
  return rnn_picture_pixels(size) / (side * side);
}

/* number [2][cells]: the roots of the means of squares, and the means, of a row of cells that is complete. */
static void finish_motion(struct measuring *of, size_t y, real *number)
{
  const real share = (real)1 / (RNN_PICTURE_FINE * RNN_PICTURE_FINE);
  const size_t across = of->size.columns / RNN_PICTURE_FINE, first = y / RNN_PICTURE_FINE * across;
  real *mean = number + cells_of(of->size, RNN_PICTURE_FINE);
  for (size_t cell = 0; cell < across; cell++) {
    real square = 0, sum = 0;
    for (size_t x = cell * RNN_PICTURE_FINE; x < (cell + 1) * RNN_PICTURE_FINE; x++) {
      square += of->square[x];
      sum += of->sum[x];
      of->square[x] = of->sum[x] = 0;
    }
    number[first + cell] = sqrt(square * share);
    mean[first + cell] = sum * share;
  }
}

/* number [2][cells][RNN_PICTURE_ANGLES]: sums of strengths of all, and of what moves. */
static void add_gradients(const struct measuring *of, size_t y, real *number)
{
  const real *change = of->change[y % 3];
  real *moving = number + cells_of(of->size, RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES;
  size_t first = y / RNN_PICTURE_COARSE * (of->size.columns / RNN_PICTURE_COARSE);
  for (size_t x = 1; x + 1 < of->size.columns; x++) {
    size_t bin = (first + x / RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES + (size_t)of->direction[x];
    number[bin] += of->strength[x];
    moving[bin] += of->strength[x] * fabs(change[x]);
  }
}

/* The roots of means. */
static void finish_gradients(size_t bins, real *number)
{
  const real share = (real)1 / (RNN_PICTURE_COARSE * RNN_PICTURE_COARSE);
  for (size_t i = 0; i < bins; i++)
    number[i] = sqrt(number[i] * share);
}

/* The middle of so many weights and their deviation from it, in sides of the picture; their sum. */
static double find_middle(size_t count, const double *weight, real *middle, real *deviation)
{
  double sum = 0, place = 0, square = 0;
  for (size_t i = 0; i < count; i++) {
    double at = ((double)i + 0.5) / (double)count;
    sum += weight[i];
    place += weight[i] * at;
    square += weight[i] * at * at;
  }
  double mean = sum > 0 ? place / sum : 0.5;
  *middle = (real)mean;
  *deviation = sum > 0 ? (real)sqrt(fmax(0, square / sum - mean * mean)) : 0;
  return sum;
}

/* number [5]: how much moves; x and y of its middle, its deviation in x and in y. */
static void finish_place(const struct measuring *of, real *number)
{
  double sum = find_middle(of->size.columns, of->column, &number[1], &number[3]);
  find_middle(of->size.rows, of->row, &number[2], &number[4]);
  number[0] = (real)sqrt(sum / (double)rnn_picture_pixels(of->size));
}

static double sum_of(size_t count, const real *change)
{
  double sum = 0;
  for (size_t x = 0; x < count; x++)
    sum += (double)fabs(change[x]);
  return sum;
}

void rnn_picture_measure(struct rnn_picture_size size, const float *grey, real *memory, real *number)
{
  const size_t fine = 2 * cells_of(size, RNN_PICTURE_FINE), columns = size.columns;
  const size_t bins = 2 * cells_of(size, RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES;
  real *gradients = number + fine;
  struct measuring of = {.size = size, .range = memory};
  rnn_vector_fill(bins, 0, gradients);
  widen(size, grey, memory);
  for (size_t ahead = 0; ahead <= size.rows; ahead++) {
    struct row next = {&of, ahead, grey + ahead * columns, memory + BEFORE + ahead * columns};
    if (ahead < size.rows)
      stretch_row(&next);
    if (ahead == 0)
      continue;
    struct row row = {.of = &of, .y = ahead - 1};
    add_changes(&row);
    of.row[row.y] = sum_of(columns, of.change[row.y % 3]);
    if (ahead % RNN_PICTURE_FINE == 0)
      finish_motion(&of, row.y, number);
    if (row.y > 0 && ahead < size.rows) {
      find_gradients(&row);
      add_gradients(&of, row.y, gradients);
    }
  }
  finish_gradients(bins, gradients);
  finish_place(&of, gradients + bins);
}
