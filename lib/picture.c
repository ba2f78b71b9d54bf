/* From pictures to numbers. */
#include "picture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GREYS = 256 };

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

/* ---- a video begins ---- */

void rnn_picture_memory_copy(struct rnn_picture_memory *to, const struct rnn_picture_memory *from,
                             struct rnn_picture_size size)
{
  to->pictures = from->pictures;
  memcpy(to->range, from->range, sizeof to->range);
  memcpy(to->before, from->before, rnn_picture_pixels(size) * sizeof *to->before);
}

void rnn_picture_init(struct rnn_picture *picture, struct rnn_picture_size size, float *storage)
{
  size_t pixels = rnn_picture_pixels(size);
  *picture = (struct rnn_picture){.size = size, .line = storage, .sum = storage + size.columns};
  picture->now = picture->sum + pixels;
  picture->change = picture->now + pixels;
  picture->memory.before = picture->change + pixels;
}

void rnn_picture_start(struct rnn_picture *picture, size_t width, size_t height)
{
  picture->width = width;
  picture->height = height;
  picture->memory.pictures = 0;
  memset(picture->sum, 0, rnn_picture_pixels(picture->size) * sizeof *picture->sum);
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
  const size_t columns = picture->size.columns, rows = picture->size.rows;
  size_t left = y * rows, right = left + rows;
  float share = 1 / ((float)picture->width * (float)picture->height);
  memset(picture->line, 0, columns * sizeof *picture->line);
  for (size_t x = 0; x < picture->width; x++)
    spread(grey[x], x, picture->width, columns, picture->line);
  while (left < right) {
    size_t at = left / picture->height;
    size_t end = (at + 1) * picture->height < right ? (at + 1) * picture->height : right;
    for (size_t x = 0; x < columns; x++)
      picture->sum[at * columns + x] += picture->line[x] * (float)(end - left) * share;
    left = end;
  }
}

/* ---- contrast ---- */

/* Widens [low, high] to hold all pixels but a twentieth at each end. */
static void widen(struct rnn_picture *picture)
{
  struct rnn_picture_memory *memory = &picture->memory;
  const size_t pixels = rnn_picture_pixels(picture->size);
  size_t count[GREYS] = {0}, below = 0, low = 0, high = 0;
  for (size_t i = 0; i < pixels; i++)
    count[(size_t)fminf(picture->sum[i], GREYS - 1)]++;
  for (size_t grey = 0; grey < GREYS; grey++) {
    if (below <= pixels / 20)
      low = grey;
    if (below < pixels - pixels / 20)
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
  for (size_t i = 0; i < rnn_picture_pixels(picture->size); i++) {
    picture->now[i] = stretch(picture, picture->sum[i]);
    picture->change[i] = memory->pictures > 0 ? picture->now[i] - stretch(picture, memory->before[i]) : 0;
  }
}

/* ---- numbers ---- */

/* The cell of a pixel in a grid of cells of side x side. */
static size_t cell_of(size_t x, size_t y, size_t columns, size_t side)
{
  return y / side * (columns / side) + x / side;
}

/* number [2][cells]. */
static void measure_motion(const struct rnn_picture *picture, float *number)
{
  const size_t columns = picture->size.columns, pixels_a_cell = RNN_PICTURE_FINE * RNN_PICTURE_FINE;
  const size_t cells = rnn_picture_pixels(picture->size) / pixels_a_cell;
  const float share = 1.0F / (float)pixels_a_cell;
  float *strength = number, *mean = number + cells;
  for (size_t y = 0; y < picture->size.rows; y++)
    for (size_t x = 0; x < columns; x++) {
      float change = picture->change[y * columns + x];
      size_t cell = cell_of(x, y, columns, RNN_PICTURE_FINE);
      strength[cell] += change * change * share;
      mean[cell] += change * share;
    }
  for (size_t i = 0; i < cells; i++)
    strength[i] = sqrtf(strength[i]);
}

/* The direction of a gradient, 0 ... RNN_PICTURE_ANGLES - 1 for angles of 0 to half a turn. */
static size_t direction_of(float dx, float dy)
{
  float angle = atan2f(dy, dx) / (float)M_PI; /* -1 ... 1 */
  return (size_t)((angle < 0 ? angle + 1 : angle) * RNN_PICTURE_ANGLES) % RNN_PICTURE_ANGLES;
}

/* number [2][cells][RNN_PICTURE_ANGLES]: of all, and of what moves. */
static void measure_gradients(const struct rnn_picture *picture, float *number)
{
  const size_t columns = picture->size.columns, pixels_a_cell = RNN_PICTURE_COARSE * RNN_PICTURE_COARSE;
  const size_t bins = rnn_picture_pixels(picture->size) / pixels_a_cell * RNN_PICTURE_ANGLES;
  float *moving = number + bins;
  for (size_t y = 1; y + 1 < picture->size.rows; y++)
    for (size_t x = 1; x + 1 < columns; x++) {
      size_t i = y * columns + x;
      float dx = picture->now[i + 1] - picture->now[i - 1], dy = picture->now[i + columns] - picture->now[i - columns];
      size_t bin = cell_of(x, y, columns, RNN_PICTURE_COARSE) * RNN_PICTURE_ANGLES + direction_of(dx, dy);
      float strength = sqrtf(dx * dx + dy * dy) / (float)pixels_a_cell;
      number[bin] += strength;
      moving[bin] += strength * fabsf(picture->change[i]);
    }
  for (size_t i = 0; i < 2 * bins; i++)
    number[i] = sqrtf(number[i]);
}

/* number [5]: how much moves; x and y of its middle, its deviation in x and in y, in sides of the picture. */
static void measure_place(const struct rnn_picture *picture, float *number)
{
  const size_t columns = picture->size.columns, rows = picture->size.rows;
  double sum = 0, middle[2] = {0}, square[2] = {0};
  for (size_t y = 0; y < rows; y++)
    for (size_t x = 0; x < columns; x++) {
      double weight = (double)fabsf(picture->change[y * columns + x]);
      double place[2] = {((double)x + 0.5) / (double)columns, ((double)y + 0.5) / (double)rows};
      sum += weight;
      for (size_t i = 0; i < 2; i++) {
        middle[i] += weight * place[i];
        square[i] += weight * place[i] * place[i];
      }
    }
  number[0] = (float)sqrt(sum / (double)rnn_picture_pixels(picture->size));
  for (size_t i = 0; i < 2; i++) {
    double mean = sum > 0 ? middle[i] / sum : 0.5;
    number[1 + i] = (float)mean;
    number[3 + i] = sum > 0 ? (float)sqrt(fmax(0, square[i] / sum - mean * mean)) : 0;
  }
}

void rnn_picture_finish(struct rnn_picture *picture, float *number)
{
  const size_t pixels = rnn_picture_pixels(picture->size), numbers = rnn_picture_numbers(picture->size);
  const size_t motion = 2 * pixels / (RNN_PICTURE_FINE * RNN_PICTURE_FINE), place = 5;
  memset(number, 0, numbers * sizeof *number);
  widen(picture);
  stretch_all(picture);
  measure_motion(picture, number);
  measure_gradients(picture, number + motion);
  measure_place(picture, number + numbers - place);
  memcpy(picture->memory.before, picture->sum, pixels * sizeof *picture->sum);
  memset(picture->sum, 0, pixels * sizeof *picture->sum);
  picture->memory.pictures++;
}
