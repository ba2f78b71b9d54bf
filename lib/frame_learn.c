/* Joints or not, means and deviations. */
#include "frame_learn.h"

#include <math.h>

#include "memory.h"

/* ---- joints ---- */

enum { FEWEST_JOINTS = 5, MOST_JOINTS = 128, SAMPLE_SEQUENCES = 32, SAMPLE_FRAMES = 8 };

static const double stiff = 0.05; /* relative deviation of a bone's length within a sequence */

/* Also of what is missing. */
static bool is_share(float number)
{
  return isnan(number) || (number >= 0 && number <= 1);
}

static bool fourth_is_confidence(const struct rnn_corpus *corpus)
{
  size_t groups = rnn_corpus_steps(corpus) * (corpus->frame_width / 4);
  bool third_is_share = true;
  for (size_t i = 0; i < groups; i++) {
    if (!is_share(corpus->frame[4 * i + 3]))
      return false;
    third_is_share &= is_share(corpus->frame[4 * i + 2]);
  }
  return !third_is_share;
}

static double distance(const float *frame, size_t i, size_t j)
{
  double square = 0;
  for (size_t axis = 0; axis < 3; axis++) {
    double away = (double)frame[3 * i + axis] - (double)frame[3 * j + axis];
    square += away * away;
  }
  return sqrt(square);
}

/* Relative deviation of the distance between two points over frames of one sequence. */
static double stretch(const struct rnn_corpus *corpus, size_t sequence, size_t i, size_t j)
{
  size_t first = corpus->begin[sequence], length = corpus->begin[sequence + 1] - first;
  double sum = 0, square = 0;
  for (size_t sample = 0; sample < SAMPLE_FRAMES; sample++) {
    size_t t = first + sample * length / SAMPLE_FRAMES;
    double away = distance(corpus->frame + t * corpus->frame_width, i, j);
    sum += away;
    square += away * away;
  }
  double mean = sum / SAMPLE_FRAMES;
  return mean > 0 ? sqrt(fmax(0, square / SAMPLE_FRAMES - mean * mean)) / mean : INFINITY;
}

/* True if point i has another one that keeps its distance, in most of the sequences that are looked at. */
static bool has_bone(const struct rnn_corpus *corpus, size_t i)
{
  size_t points = corpus->frame_width / 3, looked = 0, found = 0;
  size_t stride = corpus->count / SAMPLE_SEQUENCES + 1;
  for (size_t sequence = 0; sequence < corpus->count; sequence += stride) {
    double least = INFINITY;
    if (corpus->begin[sequence + 1] - corpus->begin[sequence] < SAMPLE_FRAMES)
      continue;
    for (size_t j = 0; j < points && least > stiff; j++)
      if (j != i)
        least = fmin(least, stretch(corpus, sequence, i, j));
    looked++;
    found += least <= stiff;
  }
  return 2 * found > looked;
}

static bool points_have_bones(const struct rnn_corpus *corpus)
{
  size_t points = corpus->frame_width / 3, found = 0;
  for (size_t i = 0; i < points; i++)
    found += has_bone(corpus, i);
  return 4 * found > 3 * points;
}

size_t rnn_frame_guess_joints(const struct rnn_corpus *corpus)
{
  size_t width = corpus->frame_width;
  if (rnn_corpus_steps(corpus) == 0)
    return 0;
  if (width % 4 == 0 && width / 4 >= FEWEST_JOINTS && fourth_is_confidence(corpus))
    return 4;
  if (width % 3 == 0 && width / 3 >= FEWEST_JOINTS && width / 3 <= MOST_JOINTS && points_have_bones(corpus))
    return 3;
  return 0;
}

/* ---- means and deviations ---- */

struct sums {
  double *count, *sum, *square; /* [n] */
};

static void add_frame(const struct sums *sums, size_t n, const real *x)
{
  for (size_t i = 0; i < n; i++)
    if (isfinite(x[i])) {
      sums->count[i] += 1;
      sums->sum[i] += (double)x[i];
      sums->square[i] += (double)x[i] * (double)x[i];
    }
}

static void take_scale(const struct sums *sums, size_t n, struct rnn_frame_scale *scale)
{
  for (size_t i = 0; i < n; i++) {
    double count = fmax(1, sums->count[i]), mean = sums->sum[i] / count;
    double deviation = sqrt(fmax(0, sums->square[i] / count - mean * mean));
    bool differs = deviation > 1e-6 * fabs(mean) && (float)deviation > 0;
    scale->mean[i] = (real)(float)mean; /* as a model file has it */
    scale->deviation[i] = differs ? (real)(float)deviation : 1;
  }
}

enum rnn_status rnn_frame_learn(struct rnn_frame_scale *scale, const struct rnn_frame_shape *shape,
                                const struct rnn_corpus *corpus, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t n = rnn_frame_inputs(shape);
  struct sums sums = {NULL, NULL, NULL};
  real *memory = NULL, *x = NULL;
  if (!shape->standardised)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(&sums.count, n, sizeof *sums.count, "means of frames", error));
  RNN_TRY(rnn_memory_new(&sums.sum, n, sizeof *sums.sum, "means of frames", error));
  RNN_TRY(rnn_memory_new(&sums.square, n, sizeof *sums.square, "means of frames", error));
  RNN_TRY(rnn_memory_new(&memory, rnn_frame_memory(shape), sizeof *memory, "means of frames", error));
  RNN_TRY(rnn_memory_new(&x, n, sizeof *x, "means of frames", error));
  for (size_t i = 0; i < corpus->count; i++) {
    rnn_frame_start(shape, memory);
    for (size_t t = corpus->begin[i]; t < corpus->begin[i + 1]; t++) {
      rnn_frame_read(shape, NULL, corpus->frame + t * shape->width, memory, x);
      add_frame(&sums, n, x);
    }
  }
  take_scale(&sums, n, scale);
out:
  rnn_memory_free(sums.count);
  rnn_memory_free(sums.sum);
  rnn_memory_free(sums.square);
  rnn_memory_free(memory);
  rnn_memory_free(x);
  return status;
}
