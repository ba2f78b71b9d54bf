/* The gradient taken apart by distance. For each loss L_t a backward sweep of its own leaves dL_t/da_k of every step k;
 * the part of distance t-k is the sum of their products with s_{k-1} and x_k:
 *
 *   dL/dW = sum_distance part(distance)        part(distance) = sum_t dL_t/da_k s_{k-1}^T,  k = t - distance
 *
 * A part is as large as the parameters themselves, so only a block of distances is held at a time, and the sweeps are
 * run again for the next. */
#include "gradient_flow_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gemm.h"
#include "memory.h"
#include "vector.h"

/* ---- set up ---- */

static void lay_out(struct rnn_flow_search *search, size_t columns)
{
  const struct rnn_shape *shape = search->shape;
  size_t d = shape->d, stacked = shape->cell->gates * d, at = 0;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      struct rnn_flow_place *place = &search->place[layer][direction];
      size_t width = search->model->parameters->layout.layer[layer][direction].width;
      place->columns = layer == 0 && columns > 0 ? columns : width;
      place->count[RNN_FLOW_W] = shape->cell->elementwise ? shape->cell->vectors * d : stacked * d;
      place->count[RNN_FLOW_U] = stacked * place->columns;
      place->count[RNN_FLOW_B] = stacked;
      for (size_t matrix = 0; matrix < RNN_FLOW_MATRICES; matrix++) {
        place->begin[matrix] = at;
        at += place->count[matrix];
      }
    }
  search->size = at;
}

/* Gives each symbol of the sequences a column; answers how many there are. */
static size_t number_columns(struct rnn_flow_search *search)
{
  size_t columns = 0;
  for (size_t i = 0; i < search->shape->n; i++)
    search->column[i] = -1;
  for (size_t i = 0; i < search->sequences; i++)
    for (size_t t = 0; t < search->sequence[i].length; t++) {
      int32_t symbol = search->sequence[i].symbol[rnn_sequence_place(&search->sequence[i], t)];
      if (symbol != RNN_ABSENT && search->column[symbol] < 0)
        search->column[symbol] = (int32_t)columns++;
    }
  return columns;
}

static enum rnn_status prepare(struct rnn_flow_search *search, size_t most_bytes, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = search->shape;
  bool one_hot = !shape->frames && shape->e == 0;
  size_t columns = 0, widest = shape->directions * shape->d, stacked = shape->cell->gates * shape->d, count;
  for (size_t i = 0; i < search->sequences; i++)
    search->longest = search->sequence[i].length > search->longest ? search->sequence[i].length : search->longest;
  if (one_hot) {
    RNN_TRY(rnn_memory_new(&search->column, shape->n, sizeof *search->column, "columns of U", error));
    columns = number_columns(search);
  } else {
    size_t width = search->model->parameters->layout.layer[0][0].width;
    widest = width > widest ? width : widest;
  }
  lay_out(search, columns);
  search->signs = shape->directions == 2 && shape->layers > 1 ? 2 : 1;
  search->block = most_bytes / (search->signs * search->size * sizeof(real));
  search->block = search->block < 1 ? 1 : search->block > search->longest ? search->longest : search->block;
  if (!rnn_size_multiply(search->block * search->signs, search->size, &count))
    count = SIZE_MAX;
  RNN_TRY(rnn_memory_new(&search->part, count, sizeof *search->part, "parts of a gradient", error));
  RNN_TRY(rnn_memory_new(&search->whole, search->size, sizeof *search->whole, "a gradient", error));
  RNN_TRY(rnn_memory_new(&search->sum, search->size, sizeof *search->sum, "a gradient", error));
  RNN_TRY(rnn_memory_new(&search->term, search->longest, sizeof *search->term, "losses", error));
  RNN_TRY(rnn_probe_create(&search->probe, search->model, RNN_PROBE_LANES, search->longest, error));
  size_t lanes = search->probe->lanes;
  RNN_TRY(rnn_memory_new(&search->row, lanes, sizeof *search->row, "rows of a gradient", error));
  RNN_TRY(rnn_memory_new(&search->da, lanes, stacked * sizeof *search->da, "rows of a gradient", error));
  RNN_TRY(rnn_memory_new(&search->s, lanes, shape->d * sizeof *search->s, "rows of a gradient", error));
  RNN_TRY(rnn_memory_new(&search->x, lanes, widest * sizeof *search->x, "rows of a gradient", error));
  RNN_TRY(rnn_memory_new(&search->scratch, 2 * shape->d + 2 * stacked, sizeof *search->scratch, "a step", error));
out:
  return status;
}

static void clear(struct rnn_flow_search *search)
{
  rnn_probe_free(search->probe);
  rnn_memory_free(search->column);
  rnn_memory_free(search->term);
  rnn_memory_free(search->part);
  rnn_memory_free(search->whole);
  rnn_memory_free(search->sum);
  rnn_memory_free(search->row);
  rnn_memory_free(search->da);
  rnn_memory_free(search->s);
  rnn_memory_free(search->x);
  rnn_memory_free(search->scratch);
}

/* ---- the whole, by BPTT ---- */

void rnn_flow_add_gradient(const struct rnn_flow_search *search, const struct rnn_gradient *gradient, real *to)
{
  const struct rnn_shape *shape = search->shape;
  size_t stacked = shape->cell->gates * shape->d;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      const struct rnn_flow_place *place = &search->place[layer][direction];
      const struct rnn_layer_view *view = &search->model->parameters->layout.layer[layer][direction];
      const real *u = gradient->dense + view->u;
      if (place->count[RNN_FLOW_W] > 0)
        rnn_vector_add(place->count[RNN_FLOW_W], gradient->dense + view->w, to + place->begin[RNN_FLOW_W]);
      rnn_vector_add(stacked, gradient->dense + view->b, to + place->begin[RNN_FLOW_B]);
      if (layer > 0 || search->column == NULL) {
        rnn_vector_add(place->count[RNN_FLOW_U], u, to + place->begin[RNN_FLOW_U]);
        continue;
      }
      for (size_t symbol = 0; symbol < shape->n; symbol++)
        for (size_t row = 0; row < stacked && search->column[symbol] >= 0; row++)
          to[place->begin[RNN_FLOW_U] + row * place->columns + (size_t)search->column[symbol]] +=
              u[row * view->width + symbol];
    }
}

static enum rnn_status find_whole(struct rnn_flow_search *search, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  size_t terms = 0;
  for (size_t i = 0; i < search->sequences; i++) {
    double nats;
    terms += rnn_probe_terms(search->probe, &search->sequence[i], search->term);
    RNN_TRY(rnn_probe_run(search->probe, &search->sequence[i], 1, &nats, error));
    search->flow->nats += nats;
    rnn_flow_add_gradient(search, search->probe->gradient, search->whole);
  }
  if (terms == 0)
    return rnn_error_set(error, RNN_DATA,
                         "no sequence has a label or a tag that the model knows: without a loss there "
                         "is no gradient");
  search->flow->norm = sqrt(rnn_vector_square_sum(search->size, search->whole));
out:
  return status;
}

/* ---- the parts ---- */

/* Distance of a step from a loss, in steps of the direction. */
static int32_t distance_of(const struct rnn_flow_search *search, size_t direction, size_t t, size_t k)
{
  if (direction == 0)
    return (int32_t)t - (int32_t)k;
  return (int32_t)k - (search->model->task == RNN_CLASSIFY ? 0 : (int32_t)t);
}

/* dL/dw of an element-wise cell by one row: its step again, with the dL/ds and dL/dc that came to it. */
static void add_vectors(struct rnn_flow_search *search, size_t layer, size_t direction, size_t row, real *dw)
{
  const struct rnn_tape_layer *tape = &search->probe->tape->layer[layer][direction];
  struct rnn_cell_step step = rnn_probe_step(search->probe, layer, direction, row);
  size_t d = step.d, stacked = search->shape->cell->gates * d;
  step.ds = search->scratch;
  step.dc = step.ds + d;
  step.da = step.dc + d;
  step.dh = step.da + stacked;
  step.dw = dw;
  rnn_vector_copy(d, tape->ds + row * d, step.ds);
  if (tape->dc != NULL)
    rnn_vector_copy(d, tape->dc + row * d, step.dc);
  search->shape->cell->backward(&step);
}

/* The rows of the batch that lie `distance` before the loss of their lane; row [terms]. */
static size_t find_rows(struct rnn_flow_search *search, size_t direction, int32_t distance, size_t terms, size_t length,
                        const size_t *term)
{
  size_t rows = 0;
  for (size_t i = 0; i < terms; i++) {
    int32_t t = direction == 1 && search->model->task == RNN_CLASSIFY ? 0 : (int32_t)term[i];
    int32_t k = direction == 0 ? t - distance : t + distance;
    if (k >= 0 && k < (int32_t)length)
      search->row[rows++] = rnn_batch_row(search->probe->batch, (size_t)k, i);
  }
  return rows;
}

static const real *gather(const size_t *row, size_t rows, size_t width, const real *from, real *to)
{
  for (size_t i = 0; i < rows; i++)
    rnn_vector_copy(width, from + row[i] * width, to + i * width);
  return to;
}

/* dL/dU of the rows: columns of symbols, or da^T x. */
static void add_inputs(struct rnn_flow_search *search, size_t layer, size_t rows, const real *da,
                       const struct rnn_flow_place *place, real *du)
{
  size_t stacked = place->count[RNN_FLOW_B], columns = place->columns;
  if (layer == 0 && search->column != NULL) {
    for (size_t i = 0; i < rows; i++) {
      int32_t symbol = search->probe->batch->symbol[search->row[i]];
      for (size_t j = 0; j < stacked && symbol != RNN_ABSENT; j++)
        du[j * columns + (size_t)search->column[symbol]] += da[search->row[i] * stacked + j];
    }
    return;
  }
  for (size_t i = 0; i < rows; i++) {
    const real *x = rnn_probe_input(search->probe, layer, search->row[i]);
    if (x != NULL)
      rnn_vector_copy(columns, x, search->x + i * columns);
    else
      rnn_vector_fill(columns, 0, search->x + i * columns);
  }
  da = gather(search->row, rows, stacked, da, search->da);
  rnn_gemm_transposed(stacked, columns, rows, da, stacked, search->x, columns, du, columns, true);
}

/* What the rows of one distance give to W, U and b. */
static void add_rows(struct rnn_flow_search *search, size_t layer, size_t direction, size_t rows, real *part)
{
  const struct rnn_cell *cell = search->shape->cell;
  const struct rnn_tape_layer *tape = &search->probe->tape->layer[layer][direction];
  const struct rnn_flow_place *place = &search->place[layer][direction];
  size_t d = search->shape->d, stacked = place->count[RNN_FLOW_B];
  real *dw = part + place->begin[RNN_FLOW_W];
  for (size_t i = 0; i < rows; i++)
    rnn_vector_add(stacked, tape->da + search->row[i] * stacked, part + place->begin[RNN_FLOW_B]);
  for (size_t i = 0; i < rows && cell->vectors > 0; i++)
    add_vectors(search, layer, direction, search->row[i], dw);
  if (!cell->elementwise) {
    const real *da = gather(search->row, rows, stacked, cell->apart ? tape->dh : tape->da, search->da);
    const real *s = gather(search->row, rows, d, tape->previous, search->s);
    rnn_gemm_transposed(stacked, d, rows, da, stacked, s, d, dw, d, true);
  }
  add_inputs(search, layer, rows, tape->da, place, part + place->begin[RNN_FLOW_U]);
}

/* The distances of the block that the sweeps now in the probe have. */
static void add_block(struct rnn_flow_search *search, const size_t *term, size_t terms, size_t length)
{
  for (size_t i = 0; i < search->block && search->first + i < length; i++)
    for (size_t sign = 0; sign < search->signs; sign++) {
      int32_t distance = (int32_t)(search->first + i) * (sign == 1 ? -1 : 1);
      if (distance == 0 && sign == 1)
        continue;
      real *part = search->part + (i * search->signs + sign) * search->size;
      for (size_t layer = 0; layer < search->shape->layers; layer++)
        for (size_t direction = 0; direction < search->shape->directions; direction++)
          add_rows(search, layer, direction, find_rows(search, direction, distance, terms, length, term), part);
    }
}

/* ||dL_t/ds_k|| of the sweeps now in the probe. */
static enum rnn_status add_points(struct rnn_flow_search *search, size_t sequence, const size_t *term, size_t terms,
                                  size_t layer, size_t direction, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_flow *flow = search->flow;
  const struct rnn_tape_layer *tape = &search->probe->tape->layer[layer][direction];
  size_t length = search->sequence[sequence].length, d = search->shape->d;
  bool stack = search->signs == 2;
  RNN_TRY(rnn_memory_grow(&flow->point, &flow->capacity_points, flow->points + terms * length, sizeof *flow->point,
                          "norms of gradients", error));
  for (size_t i = 0; i < terms; i++)
    for (size_t k = 0; k < search->probe->batch->length[i]; k++) {
      int32_t distance = distance_of(search, direction, term[i], k);
      size_t row = rnn_batch_row(search->probe->batch, k, i);
      double ds = rnn_vector_square_sum(d, tape->ds + row * d);
      double dc = tape->dc == NULL ? 0 : rnn_vector_square_sum(d, tape->dc + row * d);
      if (distance >= 0 || stack)
        flow->point[flow->points++] = (struct rnn_flow_point){
            .sequence = (uint32_t)sequence,
            .t = (uint32_t)(search->model->task == RNN_CLASSIFY && direction == 1 ? 0 : term[i]),
            .k = (uint32_t)k,
            .layer = (uint8_t)layer,
            .direction = (uint8_t)direction,
            .distance = distance,
            .ds = sqrt(ds),
            .dstate = sqrt(ds + dc)};
    }
out:
  return status;
}

/* The sweeps of all losses, for the distances of the block; with the first block, the norms too. */
static enum rnn_status sweep(struct rnn_flow_search *search, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = search->shape;
  rnn_vector_fill(search->block * search->signs * search->size, 0, search->part);
  for (size_t i = 0; i < search->sequences; i++) {
    const struct rnn_sequence *sequence = &search->sequence[i];
    size_t terms = rnn_probe_terms(search->probe, sequence, search->term);
    for (size_t first = 0; first < terms && search->first < sequence->length; first += search->probe->lanes) {
      size_t lanes = terms - first < search->probe->lanes ? terms - first : search->probe->lanes;
      RNN_TRY(rnn_probe_run_terms(search->probe, sequence, search->term + first, lanes, error));
      add_block(search, search->term + first, lanes, sequence->length);
      for (size_t layer = 0; layer < shape->layers && search->first == 0; layer++)
        for (size_t direction = 0; direction < shape->directions; direction++)
          RNN_TRY(add_points(search, i, search->term + first, lanes, layer, direction, error));
    }
  }
out:
  return status;
}

/* ---- all of it ---- */

enum rnn_status rnn_flow_find(struct rnn_flow *flow, const struct rnn_model *model, const struct rnn_sequence *sequence,
                              size_t sequences, bool windows, size_t most_bytes, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_flow_search search = {
      .flow = flow, .model = model, .shape = &model->parameters->shape, .sequence = sequence, .sequences = sequences};
  memset(flow, 0, sizeof *flow);
  RNN_TRY(prepare(&search, most_bytes, error));
  RNN_TRY(find_whole(&search, error));
  RNN_TRY(rnn_memory_new(&flow->truncation, search.longest, sizeof *flow->truncation, "truncations", error));
  flow->truncations = search.longest;
  for (; search.first < search.longest; search.first += search.block) {
    RNN_TRY(sweep(&search, error));
    RNN_TRY(rnn_flow_sum_block(&search, error));
  }
  rnn_flow_find_worst(&search);
  if (windows && model->task != RNN_CLASSIFY && search.shape->directions == 1 && !search.shape->crf)
    RNN_TRY(rnn_flow_find_windows(&search, error));
out:
  clear(&search);
  return status;
}

void rnn_flow_clear(struct rnn_flow *flow)
{
  rnn_memory_free(flow->point);
  rnn_memory_free(flow->part);
  rnn_memory_free(flow->truncation);
  memset(flow, 0, sizeof *flow);
}

size_t rnn_flow_tau(const struct rnn_flow *flow, double error)
{
  size_t tau = flow->truncations;
  while (tau > 1 && flow->truncation[tau - 2].error <= error)
    tau--;
  return tau == flow->truncations ? 0 : tau;
}
