/* Saliency, on a copy of the network whose input is scaled by scaling what reads it. */
#include "gradient_flow_saliency.h"

#include <math.h>
#include <string.h>

#include "gradient_flow_grams.h"
#include "memory.h"
#include "vector.h"

enum { FEWEST_POINTS = 16, MOST_POINTS = 1024, PANEL = 8 };

struct way {
  const struct rnn_model *model;
  struct rnn_model copy; /* the same, but for its parameters; of frames, it reads x_t as it is */
  struct rnn_probe *probe;
  struct rnn_sequence given;    /* all of it, which n-grams read */
  struct rnn_sequence sequence; /* what the network reads of it, side by side, with the decision as its target */
  size_t *place;                /* [steps] of these in the given one */
  int32_t *symbol;              /* [steps] */
  float *whole, *frame;         /* [steps][n] x_t of frames, and scaled */
  int32_t *target;              /* [steps] */
  real *x;                      /* [n] one frame */
  real *ux;                     /* [steps][directions][G d] */
  /* of n-grams beside the network; else NULL */
  const struct rnn_wide *wide;
  double *share;       /* [steps of the given one][classes] */
  double *sum, *z, *p; /* [classes] of the shares; at a point of the way, z and p, */
  double *dz;          /* and dlog p/d(the network's logits) */
};

/* alpha x for x: frames themselves, else the embedding or, for one-hot x, the lowest U. */
static void scale_inputs(struct way *way, double alpha)
{
  const struct rnn_parameters *from = way->model->parameters;
  struct rnn_parameters *to = way->copy.parameters;
  const struct rnn_shape *shape = &from->shape;
  const struct rnn_sequence *sequence = &way->sequence;
  if (shape->frames) {
    for (size_t i = 0; i < sequence->length * shape->n; i++)
      way->frame[i] = (float)(alpha * (double)sequence->frame[i]);
    return;
  }
  if (shape->features > 0) {
    for (size_t at = from->layout.embedding; at < from->layout.count; at++)
      to->value[at] = (real)(alpha * (double)from->value[at]);
    return; /* U is as it was packed */
  }
  for (size_t t = 0; t < sequence->length && shape->e > 0; t++)
    for (size_t j = 0; j < shape->e && sequence->symbol[t] != RNN_ABSENT; j++) {
      size_t at = from->layout.embedding + (size_t)sequence->symbol[t] * shape->e + j;
      to->value[at] = (real)(alpha * (double)from->value[at]);
    }
  for (size_t direction = 0; direction < shape->directions && shape->e == 0; direction++) {
    size_t u = from->layout.layer[0][direction].u, count = shape->cell->gates * shape->d * shape->n;
    for (size_t j = 0; j < count; j++)
      to->value[u + j] = (real)(alpha * (double)from->value[u + j]);
  }
  rnn_network_pack_layers(way->probe->network); /* V stays, even if it is the embedding */
}

/* log p of both, by the network's y and by so much of the n-grams; dL/dz in place of y. */
static double mix(struct way *way, double alpha, size_t class)
{
  const struct rnn_wide *wide = way->wide;
  size_t none = wide->classes - wide->columns; /* of two classes the first has 0 */
  for (size_t j = 0; j < wide->classes; j++)
    way->z[j] = (j < none ? 0 : (double)wide->bias[j - none]) + alpha * way->sum[j];
  double log_p = rnn_gram_mix(wide, way->probe->tape->y, way->z, class, way->p, way->dz);
  for (size_t j = 0; j < wide->classes; j++)
    way->probe->tape->y[j] = (real)-way->dz[j];
  return log_p;
}

/* log p(alpha x), and the gradients with it. */
static enum rnn_status look(struct way *way, double alpha, double *log_p, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_sequence sequence = way->sequence;
  double nats;
  scale_inputs(way, alpha);
  if (sequence.frame != NULL)
    sequence.frame = way->frame;
  if (way->wide != NULL) {
    RNN_TRY(rnn_probe_forward(way->probe, &sequence, error));
    *log_p = mix(way, alpha, (size_t)sequence.label);
    rnn_probe_back(way->probe);
    return RNN_OK;
  }
  RNN_TRY(rnn_probe_run(way->probe, &sequence, &nats, error));
  *log_p = -nats;
out:
  return status;
}

/* ux [steps][directions][G d] = U x_t of the lowest layer, as the sequence has x_t. */
static void project(const struct way *way)
{
  const struct rnn_parameters *parameters = way->model->parameters;
  const struct rnn_shape *shape = &parameters->shape;
  size_t stacked = shape->cell->gates * shape->d, width = parameters->layout.layer[0][0].width;
  for (size_t t = 0; t < way->sequence.length; t++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      real *ux = way->ux + (t * shape->directions + direction) * stacked;
      const real *u = parameters->value + parameters->layout.layer[0][direction].u;
      int32_t symbol = shape->frames ? 0 : way->sequence.symbol[t];
      for (size_t i = 0; i < width && shape->frames; i++)
        way->x[i] = (real)way->sequence.frame[t * width + i];
      if (shape->e > 0 && symbol != RNN_ABSENT)
        rnn_parameters_embed(parameters, way->sequence.lexicon, symbol, way->x);
      for (size_t j = 0; j < stacked && symbol != RNN_ABSENT; j++)
        ux[j] = shape->frames || shape->e > 0 ? rnn_vector_dot(width, u + j * width, way->x)
                                              : u[j * width + (size_t)symbol];
    }
}

/* sum[t] += weight times what the n-grams' shares of step t do to log p; grams[t] likewise. */
static void add_grams(const struct way *way, double weight, double *sum, double *grams)
{
  const struct rnn_wide *wide = way->wide;
  size_t class = (size_t)way->sequence.label;
  for (size_t t = 0; t < way->given.length; t++) {
    double more = 0;
    for (size_t j = 0; j < wide->classes; j++)
      more += way->share[t * wide->classes + j] * ((j == class) - way->p[j]);
    sum[t] += weight * (double)wide->share[1] * more;
    grams[t] += weight * (double)wide->share[1] * more;
  }
}

/* sum[t] += weight x_t . dlog p/dx_t by the gradient now in the probe: x_t . U^T dL/da_t = dL/da_t . U x_t, of both
 * directions; and what n-grams add, which goes to grams[t] too. */
static void add_contributions(const struct way *way, double weight, double *sum, double *grams)
{
  const struct rnn_shape *shape = &way->model->parameters->shape;
  size_t stacked = shape->cell->gates * shape->d;
  for (size_t t = 0; t < way->sequence.length; t++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      const real *da = way->probe->tape->layer[0][direction].da + rnn_batch_row(way->probe->batch, t, 0) * stacked;
      const real *ux = way->ux + (t * shape->directions + direction) * stacked;
      for (size_t j = 0; j < stacked; j++)
        sum[way->place[t]] -= weight * (double)da[j] * (double)ux[j];
    }
  if (way->wide != NULL)
    add_grams(way, weight, sum, grams);
}

/* ---- the way from nothing to x ---- */

/* Points and weights of Gauss and Legendre on [0, 1], by Newton's method on the polynomial. */
static void find_points(double *point, double *weight)
{
  for (size_t i = 0; i < PANEL; i++) {
    double z = cos(M_PI * ((double)i + 0.75) / (PANEL + 0.5)), slope = 0;
    for (int turn = 0; turn < 50; turn++) {
      double value = 1, before = 0;
      for (size_t j = 1; j <= PANEL; j++) {
        double older = before;
        before = value;
        value = ((2 * (double)j - 1) * z * before - ((double)j - 1) * older) / (double)j;
      }
      slope = PANEL * (z * value - before) / (z * z - 1);
      z -= value / slope;
    }
    point[i] = (1 - z) / 2;
    weight[i] = 1 / ((1 - z * z) * slope * slope);
  }
}

/* The mean along the way, in panels of PANEL points. */
static enum rnn_status integrate(struct way *way, size_t points, double *integrated, double *grams,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  double point[PANEL], weight[PANEL], log_p;
  size_t panels = points / PANEL;
  find_points(point, weight);
  memset(integrated, 0, way->given.length * sizeof *integrated);
  memset(grams, 0, way->given.length * sizeof *grams);
  for (size_t panel = 0; panel < panels; panel++)
    for (size_t i = 0; i < PANEL; i++) {
      RNN_TRY(look(way, ((double)panel + point[i]) / (double)panels, &log_p, error));
      add_contributions(way, weight[i] / (double)panels, integrated, grams);
    }
out:
  return status;
}

static enum rnn_status walk(struct way *way, struct rnn_saliency *saliency, double most_gap, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  double difference = saliency->log_p - saliency->log_p_nothing;
  for (size_t points = FEWEST_POINTS; points <= MOST_POINTS; points *= 2) {
    double sum = 0;
    RNN_TRY(integrate(way, points, saliency->integrated, saliency->grams, error));
    for (size_t t = 0; t < saliency->steps; t++)
      sum += saliency->integrated[t];
    saliency->points = points;
    saliency->gap = fabs(sum - difference);
    if (saliency->gap <= most_gap * fmax(1, fabs(difference)))
      break;
  }
out:
  return status;
}

/* ---- all of it ---- */

/* What the model reads of the sequence, step by step side by side. */
static enum rnn_status read_kept(struct way *way, const struct rnn_sequence *given, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_sequence kept = rnn_model_reads(way->model, given);
  size_t width = way->model->frame_width, first = rnn_sequence_offset(&kept, given, width);
  RNN_TRY(rnn_memory_new(&way->place, kept.length, sizeof *way->place, "steps that are read", error));
  for (size_t t = 0; t < kept.length; t++)
    way->place[t] = first + rnn_sequence_place(&kept, t);
  way->given = *given;
  way->sequence = kept;
  way->sequence.gap = 0;
  if (width > 0)
    return RNN_OK;
  RNN_TRY(rnn_memory_new(&way->symbol, kept.length, sizeof *way->symbol, "steps that are read", error));
  for (size_t t = 0; t < kept.length; t++)
    way->symbol[t] = given->symbol[way->place[t]];
  way->sequence.symbol = way->symbol;
out:
  return status;
}

/* x_t of the frames takes their place. */
static enum rnn_status read_frames(struct way *way, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_parameters *parameters = way->model->parameters;
  const struct rnn_frame_shape *shape = &parameters->shape.frame;
  size_t n = parameters->shape.n;
  real *memory = NULL;
  RNN_TRY(rnn_memory_new(&memory, rnn_frame_memory(shape), sizeof *memory, "frames", error));
  rnn_frame_start(shape, memory);
  for (size_t t = 0; t < way->sequence.length; t++) {
    rnn_frame_read(shape, &parameters->frame, way->given.frame + way->place[t] * shape->width, memory, way->x);
    for (size_t i = 0; i < n; i++)
      way->whole[t * n + i] = (float)way->x[i];
  }
  way->sequence.frame = way->whole;
out:
  rnn_memory_free(memory);
  return status;
}

static enum rnn_status prepare_grams(struct way *way, struct rnn_error *error)
{
  enum rnn_status status;
  size_t classes = way->wide->classes, steps = way->given.length;
  RNN_TRY(rnn_memory_new(&way->share, steps, classes * sizeof *way->share, "n-grams met", error));
  RNN_TRY(rnn_memory_new(&way->sum, classes, 4 * sizeof *way->sum, "n-grams met", error));
  way->z = way->sum + classes;
  way->p = way->z + classes;
  way->dz = way->p + classes;
  RNN_TRY(rnn_gram_shares_find(way->wide, way->given.symbol, steps, way->share, error));
  for (size_t i = 0; i < steps * classes; i++)
    way->sum[i % classes] += way->share[i];
out:
  return status;
}

static enum rnn_status prepare(struct way *way, const struct rnn_sequence *sequence, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_parameters *from = way->model->parameters;
  const struct rnn_shape *shape = &from->shape;
  RNN_TRY(read_kept(way, sequence, error));
  size_t steps = way->sequence.length;
  way->copy = *way->model;
  way->copy.parameters = NULL;
  way->copy.frame_width = shape->frames ? shape->n : 0;
  struct rnn_shape plain = *shape;
  plain.frame = (struct rnn_frame_shape){.width = way->copy.frame_width, .pose = way->copy.frame_width, .orders = 1};
  RNN_TRY(rnn_parameters_create(&way->copy.parameters, &plain, error));
  rnn_vector_copy(from->layout.count, from->value, way->copy.parameters->value);
  RNN_TRY(rnn_memory_new(&way->target, steps, sizeof *way->target, "a decision", error));
  if (shape->frames) {
    RNN_TRY(rnn_memory_new(&way->whole, steps * shape->n, sizeof *way->whole, "frames", error));
    RNN_TRY(rnn_memory_new(&way->frame, steps * shape->n, sizeof *way->frame, "frames", error));
  }
  RNN_TRY(rnn_memory_new(&way->x, shape->frames ? shape->n : shape->e, sizeof *way->x, "an input", error));
  RNN_TRY(rnn_memory_new(&way->ux, steps * shape->directions, shape->cell->gates * shape->d * sizeof *way->ux,
                         "projected inputs", error));
  RNN_TRY(rnn_probe_create(&way->probe, &way->copy, 1, steps, error));
  way->sequence.target = way->target;
  if (shape->frames)
    RNN_TRY(read_frames(way, error));
  way->sequence.label = 0;
  way->wide = way->model->wide;
  if (way->wide != NULL)
    RNN_TRY(prepare_grams(way, error));
  project(way);
out:
  return status;
}

/* The class that network and n-grams take, after forward on the whole. */
static int32_t decide_together(struct way *way)
{
  size_t greatest = 0;
  mix(way, 1, 0);
  for (size_t j = 1; j < way->wide->classes; j++)
    greatest = way->p[j] > way->p[greatest] ? j : greatest;
  return (int32_t)greatest;
}

/* What the model would answer at step t, as the target of all that follows, unless another is given. */
static enum rnn_status decide(struct way *way, struct rnn_saliency *saliency, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t last = way->sequence.length - 1, t = saliency->t < last ? saliency->t : last;
  for (size_t i = 0; i <= last; i++)
    way->target[i] = RNN_ABSENT;
  if (saliency->decision == RNN_ABSENT) {
    RNN_TRY(rnn_probe_decide(way->probe, &way->sequence, t, rnn_model_unknown(way->model), &saliency->decision, error));
    if (way->wide != NULL)
      saliency->decision = decide_together(way);
  }
  way->sequence.label = saliency->decision;
  way->target[t] = saliency->decision;
  RNN_TRY(look(way, 1, &saliency->log_p, error));
  add_contributions(way, 1, saliency->gradient, saliency->grams);
  saliency->probability = exp(saliency->log_p);
  RNN_TRY(look(way, 0, &saliency->log_p_nothing, error));
out:
  return status;
}

enum rnn_status rnn_saliency_find(struct rnn_saliency *saliency, const struct rnn_model *model,
                                  const struct rnn_sequence *sequence, size_t t, int32_t decision, double most_gap,
                                  struct rnn_error *error)
{
  enum rnn_status status;
  struct way way = {.model = model};
  size_t steps = sequence->length;
  *saliency = (struct rnn_saliency){.steps = steps, .decision = decision, .t = t};
  if (model->task == RNN_CLASSIFY)
    saliency->t = steps - 1;
  if (saliency->t >= steps)
    return rnn_error_set(error, RNN_USAGE, "there is no step %zu, only 0 to %zu", saliency->t, steps - 1);
  RNN_TRY(rnn_memory_new(&saliency->gradient, steps, sizeof(double), "contributions", error));
  RNN_TRY(rnn_memory_new(&saliency->integrated, steps, sizeof(double), "contributions", error));
  RNN_TRY(rnn_memory_new(&saliency->grams, steps, sizeof(double), "contributions", error));
  RNN_TRY(prepare(&way, sequence, error));
  RNN_TRY(decide(&way, saliency, error));
  RNN_TRY(walk(&way, saliency, most_gap, error));
out:
  rnn_probe_free(way.probe);
  rnn_parameters_free(way.copy.parameters);
  rnn_memory_free(way.place);
  rnn_memory_free(way.symbol);
  rnn_memory_free(way.whole);
  rnn_memory_free(way.frame);
  rnn_memory_free(way.target);
  rnn_memory_free(way.x);
  rnn_memory_free(way.ux);
  rnn_memory_free(way.share);
  rnn_memory_free(way.sum);
  return status;
}

void rnn_saliency_clear(struct rnn_saliency *saliency)
{
  rnn_memory_free(saliency->gradient);
  rnn_memory_free(saliency->integrated);
  rnn_memory_free(saliency->grams);
  memset(saliency, 0, sizeof *saliency);
}
