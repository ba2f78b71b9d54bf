/* The check of gradients: each thread moves parameters of a copy of its own. */
#include "gradient_flow_check.h"

#include <math.h>

#include "bptt.h"
#include "memory.h"
#include "vector.h"

static const double first_step = 3e-5, step_sizes[] = {5e-4, 6e-5, 8e-6};
static const double good_enough = 1e-7, corner = 1e-3, smallest_share = 1e-4, most_work = 1.6e12;
const double rnn_check_most_error = 1e-6;

enum { STEP_SIZES = sizeof step_sizes / sizeof step_sizes[0], SMALLEST_SAMPLE = 32, OVERHEAD_ROWS = 8 };

/* A copy of the network. */
struct copy {
  struct rnn_parameters *parameters;
  struct rnn_network *network;
  struct rnn_state *state;
  struct rnn_tape *tape;
  size_t stale; /* from this layer on the tape is that of a parameter that was moved */
};

/* One parameter that is checked. */
struct item {
  size_t tensor, at;  /* at: place in parameters */
  size_t layer;       /* the lowest that knows it; the number of layers: only the output does */
  size_t row, column; /* in its tensor */
  double analytic, numeric, error;
  bool corner;
};

struct check {
  const struct rnn_model *model;
  struct rnn_batch *batch;
  struct rnn_gradient *gradient;
  struct copy *copy; /* [parts] */
  size_t parts;
  struct item *item;
  size_t items, capacity_items;
  double floor; /* of what an error is relative to */
};

/* ---- the batch and the copies ---- */

static enum rnn_status make_copy(struct check *check, struct copy *copy, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_parameters *from = check->model->parameters;
  const struct rnn_batch *batch = check->batch;
  RNN_TRY(rnn_parameters_create(&copy->parameters, &from->shape, error));
  rnn_parameters_copy(from, copy->parameters);
  RNN_TRY(rnn_network_create(&copy->network, copy->parameters, true, error));
  RNN_TRY(rnn_state_create(&copy->state, &from->shape, batch->lanes, error));
  RNN_TRY(rnn_tape_create(&copy->tape, &from->shape, batch->lanes, batch->steps, batch->rows, true, error));
out:
  return status;
}

static enum rnn_status prepare(struct check *check, const struct rnn_sequence *sequence, size_t sequences,
                               struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &check->model->parameters->shape;
  size_t longest = 0, rows = 0;
  for (size_t i = 0; i < sequences; i++) {
    longest = sequence[i].length > longest ? sequence[i].length : longest;
    rows += sequence[i].length;
  }
  RNN_TRY(rnn_batch_create(&check->batch, sequences, longest, rows, shape->frames ? 0 : shape->n,
                           check->model->frame_width, error));
  RNN_TRY(rnn_batch_add_columns(check->batch, shape->column, shape->columns, error));
  RNN_TRY(rnn_batch_fill(check->batch, check->model->task, sequence, sequences, true, error));
  RNN_TRY(rnn_memory_new(&check->copy, check->parts, sizeof *check->copy, "networks", error));
  for (size_t part = 0; part < check->parts; part++)
    RNN_TRY(make_copy(check, &check->copy[part], error));
  RNN_TRY(rnn_gradient_create(&check->gradient, &check->model->parameters->layout, shape->e, check->batch->distinct,
                              error));
out:
  return status;
}

static void clear(struct check *check)
{
  for (size_t part = 0; part < check->parts && check->copy != NULL; part++) {
    rnn_network_free(check->copy[part].network);
    rnn_state_free(check->copy[part].state);
    rnn_tape_free(check->copy[part].tape);
    rnn_parameters_free(check->copy[part].parameters);
  }
  rnn_memory_free(check->copy);
  rnn_memory_free(check->item);
  rnn_batch_free(check->batch);
  rnn_gradient_free(check->gradient);
}

/* ---- the two gradients ---- */

/* L, of the layers from `first` on: what is below them is as it was. */
static double forward_from(const struct check *check, struct copy *copy, size_t first)
{
  struct rnn_loss loss[RNN_MOST_COLUMNS] = {{.nats = 0}};
  rnn_state_start(copy->state, copy->parameters, 0, check->batch->lanes);
  if (first == 0)
    rnn_network_forward(copy->network, check->batch, copy->state, copy->tape, true, loss);
  else
    rnn_network_forward_from(copy->network, check->batch, copy->state, copy->tape, first, loss);
  return rnn_loss_sum(loss, check->model->parameters->shape.columns).nats;
}

/* L with a parameter moved. */
static double moved(const struct check *check, struct copy *copy, const struct item *item, double by)
{
  real *value = &copy->parameters->value[item->at], kept = *value;
  if (copy->stale < item->layer)
    forward_from(check, copy, copy->stale);
  *value += (real)by;
  rnn_network_pack_one(copy->network, item->at);
  double nats = forward_from(check, copy, item->layer);
  *value = kept;
  rnn_network_pack_one(copy->network, item->at);
  copy->stale = item->layer;
  return nats;
}

static double relative_error(const struct check *check, double analytic, double numeric)
{
  double error = fabs(analytic - numeric) / fmax(fmax(fabs(analytic), fabs(numeric)), check->floor);
  return isnan(error) ? INFINITY : error;
}

/* True if the slopes on both sides of the parameter differ and the analytic one lies between them. */
static bool lies_on_corner(const struct check *check, struct copy *copy, const struct item *item)
{
  double h = step_sizes[STEP_SIZES - 1], here = moved(check, copy, item, 0), analytic = item->analytic;
  double left = (here - moved(check, copy, item, -h)) / h, right = (moved(check, copy, item, h) - here) / h;
  double margin = corner * fmax(fmax(fabs(left), fabs(right)), check->floor);
  return fabs(left - right) > margin && analytic >= fmin(left, right) - margin &&
         analytic <= fmax(left, right) + margin;
}

static void consider(const struct check *check, struct item *item, double slope)
{
  double error = relative_error(check, item->analytic, slope);
  if (error > item->error)
    return;
  item->error = error;
  item->numeric = slope;
}

static void check_item(const struct check *check, struct copy *copy, struct item *item)
{
  item->error = INFINITY;
  item->numeric = NAN;
  consider(check, item,
           (moved(check, copy, item, first_step) - moved(check, copy, item, -first_step)) / (2 * first_step));
  for (size_t s = 0; s < STEP_SIZES && item->error > good_enough; s++) {
    double h = step_sizes[s];
    double near = moved(check, copy, item, h) - moved(check, copy, item, -h);
    double far = moved(check, copy, item, 2 * h) - moved(check, copy, item, -2 * h);
    consider(check, item, (8 * near - far) / (12 * h));
  }
  item->corner = item->error > rnn_check_most_error && lies_on_corner(check, copy, item);
}

static void work_items(void *context, size_t part)
{
  struct check *check = context;
  struct copy *copy = &check->copy[part];
  copy->stale = 0;
  for (size_t i = part; i < check->items; i += check->parts)
    check_item(check, copy, &check->item[i]);
}

/* ---- what is checked ---- */

static bool is_dense(const struct check *check, const struct rnn_tensor *tensor)
{
  return tensor->offset < check->model->parameters->layout.dense;
}

/* The rows of the gradient that belong to the embedding, or to the features: *first, and answers how many. */
static size_t rows_met(const struct check *check, const struct rnn_tensor *tensor, size_t *first)
{
  const struct rnn_gradient *gradient = check->gradient;
  size_t begin = (tensor->offset - check->model->parameters->layout.dense) / tensor->columns, count = 0;
  *first = 0;
  for (size_t i = 0; i < gradient->rows; i++) {
    *first += (size_t)gradient->row[i] < begin;
    count += (size_t)gradient->row[i] >= begin && (size_t)gradient->row[i] < begin + tensor->rows;
  }
  return count;
}

static uint64_t parameters_of(const struct check *check, const struct rnn_tensor *tensor)
{
  size_t first;
  return (uint64_t)(is_dense(check, tensor) ? tensor->rows : rows_met(check, tensor, &first)) * tensor->columns;
}

/* The share of all parameters that the work allows. */
static double share_of(const struct check *check)
{
  const struct rnn_layout *layout = &check->model->parameters->layout;
  double all = 0;
  for (size_t i = 0; i < layout->tensors; i++)
    all += (double)parameters_of(check, &layout->tensor[i]);
  double work = 4 * all * (double)layout->dense * (double)(check->batch->rows + OVERHEAD_ROWS);
  return work > most_work ? most_work / work : 1;
}

/* The lowest layer whose run a parameter of the tensor changes; that of the embedding is 0, and so of one that is V. */
static size_t layer_of(const struct rnn_parameters *parameters, const struct rnn_tensor *tensor)
{
  const struct rnn_layout *layout = &parameters->layout;
  size_t at = tensor->offset, layers = parameters->shape.layers;
  for (size_t layer = 0; layer < layers; layer++)
    for (size_t direction = 0; direction < parameters->shape.directions; direction++) {
      const struct rnn_layer_view *view = &layout->layer[layer][direction];
      if (at == view->u || at == view->w || at == view->b || at == view->s0)
        return layer;
    }
  return at < layout->dense && at != layout->embedding ? layers : 0;
}

/* The parameters of a tensor, spread evenly. */
static enum rnn_status add_items(struct check *check, size_t number, size_t most, double share,
                                 struct rnn_check_finding *finding, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_tensor *tensor = &check->model->parameters->layout.tensor[number];
  const struct rnn_gradient *gradient = check->gradient;
  bool dense = is_dense(check, tensor);
  size_t count = (size_t)parameters_of(check, tensor), picked = most, columns = tensor->columns, first = 0;
  if (!dense)
    rows_met(check, tensor, &first);
  if (most == 0) {
    picked = (size_t)ceil(share * (double)count);
    picked = picked < SMALLEST_SAMPLE ? SMALLEST_SAMPLE : picked;
  }
  picked = picked < count ? picked : count;
  *finding = (struct rnn_check_finding){.parameters = count, .checked = picked, .numeric = NAN};
  RNN_TRY(rnn_memory_grow(&check->item, &check->capacity_items, check->items + picked, sizeof *check->item,
                          "parameters to check", error));
  for (size_t j = 0; j < picked; j++) {
    size_t place = (size_t)((double)j * (double)count / (double)picked), row = place / columns;
    struct item *item = &check->item[check->items++];
    item->tensor = number;
    item->layer = layer_of(check->model->parameters, tensor);
    item->analytic =
        (double)(dense ? gradient->dense[tensor->offset + place] : gradient->embedding[first * columns + place]);
    item->column = place % columns;
    item->at = tensor->offset + place;
    if (!dense)
      item->at = check->model->parameters->layout.dense + (size_t)gradient->row[first + row] * columns + item->column;
    item->row = (item->at - tensor->offset) / columns;
  }
out:
  return status;
}

static void collect(const struct check *check, struct rnn_check_finding *finding)
{
  for (size_t i = 0; i < check->items; i++) {
    const struct item *item = &check->item[i];
    struct rnn_check_finding *found = &finding[item->tensor];
    found->corners += item->corner;
    if (item->corner || (item->error <= found->error && !isnan(found->numeric)))
      continue;
    found->error = item->error;
    found->analytic = item->analytic;
    found->numeric = item->numeric;
    found->row = item->row;
    found->column = item->column;
  }
}

enum rnn_status rnn_check_find(struct rnn_check_finding *finding, const struct rnn_model *model,
                               const struct rnn_sequence *sequence, size_t sequences, size_t most,
                               struct rnn_pool *pool, struct rnn_error *error)
{
  enum rnn_status status;
  struct check check = {.model = model, .parts = rnn_pool_threads(pool)};
  RNN_TRY(prepare(&check, sequence, sequences, error));
  struct copy *copy = &check.copy[0];
  check.floor = smallest_share * fmax(1, forward_from(&check, copy, 0));
  rnn_bptt(copy->network, check.batch, copy->tape, false, check.gradient);
  double share = share_of(&check);
  for (size_t i = 0; i < model->parameters->layout.tensors; i++)
    RNN_TRY(add_items(&check, i, most, share, &finding[i], error));
  rnn_pool_run(pool, check.parts, work_items, &check);
  collect(&check, finding);
out:
  clear(&check);
  return status;
}
