/* From small pictures to numbers, row by row. */
#include <tgmath.h>

#include "kernel.h"
#include "picture.h"
#include "vector.h"

enum { GREYS = 256 };

/* In the memory. */
enum { LOW, HIGH, BEFORE };

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
