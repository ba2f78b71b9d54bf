/* Saliency: the sequence in many lanes, each at another point of the way, where x is so much of itself. */
#include "gradient_flow_saliency.h"

#include <math.h>
#include <string.h>

#include "gradient_flow_grams.h"
#include "memory.h"
#include "vector.h"

enum { FEWEST_POINTS = 16, MOST_POINTS = 1024, PANEL = 8, LANES = FEWEST_POINTS };

/* A point of the way: x is alpha of itself. */
struct point {
  double alpha, weight;
};

struct way {
  const struct rnn_model *model;
  struct rnn_probe *probe;
  struct rnn_sequence given;    /* all of it, which n-grams read */
  struct rnn_sequence sequence; /* what the network reads of it, with the decision as its target */
  size_t *place;                /* [steps] of that in the given one */
  int32_t *target;              /* [steps] */
  real *ux;                     /* [steps][directions][G d] */
  real scale[LANES];            /* alpha of the points looked at */
  /* of n-grams beside the network; else NULL */
  const struct rnn_wide *wide;
  double *share;   /* [steps of the given one][classes] */
  double *sum, *z; /* [classes] of the shares; z at a point of the way, */
  double *p, *dz;  /* [LANES][classes] p, and [classes] dlog p/d(the network's logits) */
};

/* log p of both, by the network's y of a lane and by so much of the n-grams; dL/dz in place of y. */
static double mix(struct way *way, size_t lane, double alpha, size_t class)
{
  const struct rnn_wide *wide = way->wide;
  size_t classes = wide->classes, none = classes - wide->columns; /* of two classes the first has 0 */
  real *y = way->probe->tape->y + lane * classes;
  for (size_t j = 0; j < classes; j++)
    way->z[j] = (j < none ? 0 : (double)wide->bias[j - none]) + alpha * way->sum[j];
  double log_p = rnn_gram_mix(wide, y, way->z, class, way->p + lane * classes, way->dz);
  for (size_t j = 0; j < classes; j++)
    y[j] = (real)-way->dz[j];
  return log_p;
}

/* log p(alpha x) at each point, *log_p the sum of them, and the gradients with it; points <= the probe's lanes. */
static enum rnn_status look(struct way *way, const struct point *point, size_t points, double *log_p,
                            struct rnn_error *error)
{
  enum rnn_status status;
  double nats = 0;
  for (size_t i = 0; i < points; i++)
    way->scale[i] = (real)point[i].alpha;
  way->probe->tape->scale = way->scale;
  if (way->wide == NULL) {
    RNN_TRY(rnn_probe_run(way->probe, &way->sequence, points, &nats, error));
  } else {
    RNN_TRY(rnn_probe_forward(way->probe, &way->sequence, points, error));
    for (size_t i = 0; i < points; i++)
      nats -= mix(way, i, point[i].alpha, (size_t)way->sequence.label);
    rnn_probe_back(way->probe);
  }
  *log_p = -nats;
out:
  return status;
}

/* ux [steps][directions][G d] = U x_t of the lowest layer, by the x_t now in the probe. */
static void project(const struct way *way)
{
  const struct rnn_parameters *parameters = way->model->parameters;
  const struct rnn_shape *shape = &parameters->shape;
  size_t stacked = shape->cell->gates * shape->d, width = parameters->layout.layer[0][0].width;
  for (size_t t = 0; t < way->sequence.length; t++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      real *ux = way->ux + (t * shape->directions + direction) * stacked;
      const real *u = parameters->value + parameters->layout.layer[0][direction].u;
      size_t row = rnn_batch_row(way->probe->batch, t, 0);
      const real *x = rnn_probe_input(way->probe, 0, row);
      int32_t symbol = shape->frames ? 0 : way->probe->batch->symbol[row];
      for (size_t j = 0; j < stacked && symbol != RNN_ABSENT; j++)
        ux[j] = x != NULL ? rnn_vector_dot(width, u + j * width, x) : u[j * width + (size_t)symbol];
    }
}

/* sum[t] += weight times what the n-grams' shares of step t do to log p, p [classes]; grams[t] likewise. */
static void add_grams(const struct way *way, const double *p, double weight, double *sum, double *grams)
{
  const struct rnn_wide *wide = way->wide;
  size_t class = (size_t)way->sequence.label;
  for (size_t t = 0; t < way->given.length; t++) {
    double more = 0;
    for (size_t j = 0; j < wide->classes; j++)
      more += way->share[t * wide->classes + j] * ((j == class) - p[j]);
    sum[t] += weight * (double)wide->share[1] * more;
    grams[t] += weight * (double)wide->share[1] * more;
  }
}

/* sum[t] += weight x_t . dlog p/dx_t by the gradients now in a lane of the probe: x_t . U^T dL/da_t = dL/da_t . U x_t,
 * of both directions; and what n-grams add, which goes to grams[t] too. */
static void add_contributions(const struct way *way, size_t lane, double weight, double *sum, double *grams)
{
  const struct rnn_shape *shape = &way->model->parameters->shape;
  size_t stacked = shape->cell->gates * shape->d;
  for (size_t t = 0; t < way->sequence.length; t++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      const real *da = way->probe->tape->layer[0][direction].da + rnn_batch_row(way->probe->batch, t, lane) * stacked;
      const real *ux = way->ux + (t * shape->directions + direction) * stacked;
      for (size_t j = 0; j < stacked; j++)
        sum[way->place[t]] -= weight * (double)da[j] * (double)ux[j];
    }
  if (way->wide != NULL)
    add_grams(way, way->p + lane * way->wide->classes, weight, sum, grams);
}

/* ---- the way from nothing to x ---- */

/* Points and weights of Gauss and Legendre on [0, 1], by Newton's method on the polynomial. */
static void find_points(struct point *point)
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
    point[i] = (struct point){.alpha = (1 - z) / 2, .weight = 1 / ((1 - z * z) * slope * slope)};
  }
}

/* The mean along the way, in panels of PANEL points. */
static enum rnn_status integrate(struct way *way, size_t points, double *integrated, double *grams,
                                 struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct point unit[PANEL], point[LANES];
  double log_p;
  size_t panels = points / PANEL, lanes;
  find_points(unit);
  memset(integrated, 0, way->given.length * sizeof *integrated);
  memset(grams, 0, way->given.length * sizeof *grams);
  for (size_t first = 0; first < points; first += lanes) {
    lanes = points - first < way->probe->lanes ? points - first : way->probe->lanes;
    for (size_t i = 0; i < lanes; i++) {
      size_t panel = (first + i) / PANEL, in_panel = (first + i) % PANEL;
      point[i] = (struct point){.alpha = ((double)panel + unit[in_panel].alpha) / (double)panels,
                                .weight = unit[in_panel].weight / (double)panels};
    }
    RNN_TRY(look(way, point, lanes, &log_p, error));
    for (size_t i = 0; i < lanes; i++)
      add_contributions(way, i, point[i].weight, integrated, grams);
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

/* What the model reads of the sequence. */
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
out:
  return status;
}

static enum rnn_status prepare_grams(struct way *way, struct rnn_error *error)
{
  enum rnn_status status;
  size_t classes = way->wide->classes, steps = way->given.length;
  RNN_TRY(rnn_memory_new(&way->share, steps, classes * sizeof *way->share, "n-grams met", error));
  RNN_TRY(rnn_memory_new(&way->sum, classes, (3 + LANES) * sizeof *way->sum, "n-grams met", error));
  way->z = way->sum + classes;
  way->dz = way->z + classes;
  way->p = way->dz + classes;
  RNN_TRY(rnn_gram_shares_find(way->wide, way->given.symbol, steps, way->share, error));
  for (size_t i = 0; i < steps * classes; i++)
    way->sum[i % classes] += way->share[i];
out:
  return status;
}

static enum rnn_status prepare(struct way *way, const struct rnn_sequence *sequence, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &way->model->parameters->shape;
  RNN_TRY(read_kept(way, sequence, error));
  size_t steps = way->sequence.length;
  RNN_TRY(rnn_memory_new(&way->target, steps, sizeof *way->target, "a decision", error));
  RNN_TRY(rnn_memory_new(&way->ux, steps * shape->directions, shape->cell->gates * shape->d * sizeof *way->ux,
                         "projected inputs", error));
  RNN_TRY(rnn_probe_create(&way->probe, way->model, LANES, steps, error));
  way->sequence.target = way->target;
  way->sequence.label = 0;
  way->wide = way->model->wide;
  if (way->wide != NULL)
    RNN_TRY(prepare_grams(way, error));
out:
  return status;
}

/* The class that network and n-grams take, after forward on the whole. */
static int32_t decide_together(struct way *way)
{
  size_t greatest = 0;
  mix(way, 0, 1, 0);
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
  RNN_TRY(look(way, &(struct point){.alpha = 1}, 1, &saliency->log_p, error));
  project(way);
  add_contributions(way, 0, 1, saliency->gradient, saliency->grams);
  saliency->probability = exp(saliency->log_p);
  RNN_TRY(look(way, &(struct point){.alpha = 0}, 1, &saliency->log_p_nothing, error));
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
  rnn_memory_free(way.place);
  rnn_memory_free(way.target);
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
