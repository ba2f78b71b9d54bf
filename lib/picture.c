/* From pictures to numbers. */
#include "picture.h"

#include <math.h>
#include <string.h>

enum { COLUMNS = RNN_PICTURE_COLUMNS, ROWS = RNN_PICTURE_ROWS, PIXELS = RNN_PICTURE_PIXELS, GREYS = 256 };

void rnn_picture_start(struct rnn_picture *picture, size_t width, size_t height)
{
  memset(picture, 0, sizeof *picture);
  picture->width = width;
  picture->height = height;
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

void rnn_picture_add_row(struct rnn_picture *picture, size_t y, const unsigned char *grey)
{
  size_t left = y * ROWS, right = left + ROWS;
  float share = 1 / ((float)picture->width * (float)picture->height);
  memset(picture->line, 0, sizeof picture->line);
  for (size_t x = 0; x < picture->width; x++)
    spread(grey[x], x, picture->width, COLUMNS, picture->line);
  while (left < right) {
    size_t at = left / picture->height;
    size_t end = (at + 1) * picture->height < right ? (at + 1) * picture->height : right;
    for (size_t x = 0; x < COLUMNS; x++)
      picture->sum[at * COLUMNS + x] += picture->line[x] * (float)(end - left) * share;
    left = end;
  }
}

/* ---- contrast ---- */

/* Widens [low, high] to hold all pixels but a twentieth at each end. */
static void widen(struct rnn_picture *picture)
{
  struct rnn_picture_memory *memory = &picture->memory;
  size_t count[GREYS] = {0}, below = 0, low = 0, high = 0;
  for (size_t i = 0; i < PIXELS; i++)
    count[(size_t)fminf(picture->sum[i], GREYS - 1)]++;
  for (size_t grey = 0; grey < GREYS; grey++) {
    if (below <= PIXELS / 20)
      low = grey;
    if (below < PIXELS - PIXELS / 20)
      high = grey + 1;
    below += count[grey];
  }
  bool first = memory->pictures == 0;
  memory->range[0] = first ? (float)low : fminf(memory->range[0], (float)low);
  memory->range[1] = first ? (float)high : fmaxf(memory->range[1], (float)high);
}

static float stretch(const struct rnn_picture *picture, float grey)
{
  const float *range = picture->memory.range;
  return fminf(fmaxf((grey - range[0]) / (range[1] - range[0]), 0), 1);
}

static void stretch_all(struct rnn_picture *picture)
{
  const struct rnn_picture_memory *memory = &picture->memory;
  for (size_t i = 0; i < PIXELS; i++) {
    picture->now[i] = stretch(picture, picture->sum[i]);
    picture->change[i] = memory->pictures > 0 ? picture->now[i] - stretch(picture, memory->before[i]) : 0;
  }
}

/* ---- numbers ---- */

static size_t cell_of(size_t x, size_t y, size_t side)
{
  return y / side * (COLUMNS / side) + x / side;
}

/* number [2][RNN_PICTURE_FINE_CELLS]. */
static void measure_motion(const struct rnn_picture *picture, float *number)
{
  float *strength = number, *mean = number + RNN_PICTURE_FINE_CELLS;
  const float share = 1.0F / (RNN_PICTURE_FINE * RNN_PICTURE_FINE);
  for (size_t y = 0; y < ROWS; y++)
    for (size_t x = 0; x < COLUMNS; x++) {
      float change = picture->change[y * COLUMNS + x];
      strength[cell_of(x, y, RNN_PICTURE_FINE)] += change * change * share;
      mean[cell_of(x, y, RNN_PICTURE_FINE)] += change * share;
    }
  for (size_t i = 0; i < RNN_PICTURE_FINE_CELLS; i++)
    strength[i] = sqrtf(strength[i]);
}

/* The direction of a gradient, 0 ... RNN_PICTURE_ANGLES - 1 for angles of 0 to half a turn. */
static size_t direction_of(float dx, float dy)
{
  float angle = atan2f(dy, dx) / (float)M_PI; /* -1 ... 1 */
  return (size_t)((angle < 0 ? angle + 1 : angle) * RNN_PICTURE_ANGLES) % RNN_PICTURE_ANGLES;
}

/* number [2][RNN_PICTURE_COARSE_CELLS][RNN_PICTURE_ANGLES]: of all, and of what moves. */
static void measure_gradients(const struct rnn_picture *picture, float *number)
{
  float *moving = number + RNN_PICTURE_COARSE_CELLS * RNN_PICTURE_ANGLES;
  for (size_t y = 1; y + 1 < ROWS; y++)
    for (size_t x = 1; x + 1 < COLUMNS; x++) {
      size_t i = y * COLUMNS + x;
      float dx = picture->now[i + 1] - picture->now[i - 1], dy = picture->now[i + COLUMNS] - picture->now[i - COLUMNS];
      size_t bin = cell_of(x, y, RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES + direction_of(dx, dy);
      float strength = sqrtf(dx * dx + dy * dy) / (RNN_PICTURE_COARSE * RNN_PICTURE_COARSE);
      number[bin] += strength;
      moving[bin] += strength * fabsf(picture->change[i]);
    }
  for (size_t i = 0; i < 2 * RNN_PICTURE_COARSE_CELLS * RNN_PICTURE_ANGLES; i++)
    number[i] = sqrtf(number[i]);
}

/* number [5]: how much moves; x and y of its middle, its deviation in x and in y, in sides of the picture. */
static void measure_place(const struct rnn_picture *picture, float *number)
{
  double sum = 0, middle[2] = {0}, square[2] = {0};
  for (size_t y = 0; y < ROWS; y++)
    for (size_t x = 0; x < COLUMNS; x++) {
      double weight = (double)fabsf(picture->change[y * COLUMNS + x]);
      double place[2] = {((double)x + 0.5) / COLUMNS, ((double)y + 0.5) / ROWS};
      sum += weight;
      for (size_t i = 0; i < 2; i++) {
        middle[i] += weight * place[i];
        square[i] += weight * place[i] * place[i];
      }
    }
  number[0] = (float)sqrt(sum / PIXELS);
  for (size_t i = 0; i < 2; i++) {
    double mean = sum > 0 ? middle[i] / sum : 0.5;
    number[1 + i] = (float)mean;
    number[3 + i] = sum > 0 ? (float)sqrt(fmax(0, square[i] / sum - mean * mean)) : 0;
  }
}

void rnn_picture_finish(struct rnn_picture *picture, float *number)
{
  const size_t gradients = 2 * RNN_PICTURE_FINE_CELLS;
  memset(number, 0, RNN_PICTURE_NUMBERS * sizeof *number);
  widen(picture);
  stretch_all(picture);
  measure_motion(picture, number);
  measure_gradients(picture, number + gradients);
  measure_place(picture, number + RNN_PICTURE_NUMBERS - 5);
  memcpy(picture->memory.before, picture->sum, sizeof picture->memory.before);
  memset(picture->sum, 0, sizeof picture->sum);
  picture->memory.pictures++;
}
