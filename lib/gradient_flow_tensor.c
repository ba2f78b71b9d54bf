/* The tensor d+s_k/dW, and its check. */
#include "gradient_flow_tensor.h"

#include <string.h>

#include "gemm.h"
#include "memory.h"
#include "vector.h"

enum rnn_status rnn_tensor_find(struct rnn_tensor_view *tensor, const struct rnn_probe *probe, size_t layer,
                                size_t direction, size_t k, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &probe->model->parameters->shape;
  const struct rnn_cell *cell = shape->cell;
  size_t d = shape->d, rows = cell->gates * d;
  real *work = NULL;
  *tensor = (struct rnn_tensor_view){.d = d, .rows = rows, .step = k};
  if (cell->elementwise)
    return rnn_error_set(error, RNN_DATA, "the cell %s has no W: its tensor has no third dimension", cell->name);
  if (k >= probe->batch->length[0])
    return rnn_error_set(error, RNN_USAGE, "there is no step %zu, only 0 to %zu", k, probe->batch->length[0] - 1);
  RNN_TRY(rnn_memory_new(&tensor->slope, d * rows, sizeof(double), "slopes", error));
  RNN_TRY(rnn_memory_new(&tensor->before, d, sizeof(double), "a state", error));
  RNN_TRY(rnn_memory_new(&work, 2 * d + 2 * rows, sizeof *work, "a step", error));
  struct rnn_cell_step step = rnn_probe_step(probe, layer, direction, rnn_batch_row(probe->batch, k, 0));
  step.ds = work;
  step.dc = work + d;
  step.da = work + 2 * d;
  step.dh = cell->apart ? step.da + rows : step.da;
  for (size_t p = 0; p < d; p++) {
    rnn_vector_fill(2 * d, 0, work);
    step.ds[p] = 1;
    cell->backward(&step);
    for (size_t q = 0; q < rows; q++)
      tensor->slope[p * rows + q] = (double)step.dh[q];
  }
  for (size_t r = 0; r < d; r++)
    tensor->before[r] = (double)step.s_previous[r];
  for (size_t i = 0; i < d * rows * d; i++)
    tensor->zeros += rnn_tensor_element(tensor, i / d / rows, i / d % rows, i % d) == 0;
  tensor->structural = (uint64_t)(d - 1) * rows * d;
out:
  rnn_memory_free(work);
  return status;
}

void rnn_tensor_clear(struct rnn_tensor_view *tensor)
{
  rnn_memory_free(tensor->slope);
  rnn_memory_free(tensor->before);
  memset(tensor, 0, sizeof *tensor);
}

/* ---- differences ---- */

struct rnn_stepper {
  struct rnn_layer layer; /* the network's, but for W */
  struct rnn_layer_run run;
  struct rnn_tape_layer tape;
  struct rnn_batch *batch; /* of one step */
  const real *before, *c_before;
  real *w, *packed;
  real *block;
};

enum rnn_status rnn_stepper_create(struct rnn_stepper **stepper, const struct rnn_probe *probe, size_t layer,
                                   size_t direction, size_t k, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &probe->model->parameters->shape;
  size_t d = shape->d, stacked = shape->cell->gates * d, row = rnn_batch_row(probe->batch, k, 0);
  struct rnn_stepper *fresh = NULL;
  struct rnn_cell_step step = rnn_probe_step(probe, layer, direction, row);
  struct rnn_sequence one = {.length = 1, .label = RNN_ABSENT, .lexicon = probe->batch->lexicon};
  *stepper = NULL;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a step", error));
  RNN_TRY(rnn_batch_create(&fresh->batch, 1, 1, 1, shape->frames ? 0 : shape->n, probe->batch->frame_width, error));
  if (shape->frames)
    one.frame = probe->batch->frame + row * probe->batch->frame_width;
  else
    one.symbol = probe->batch->symbol + row;
  RNN_TRY(rnn_batch_fill(fresh->batch, probe->model->task, &one, 1, false, error));
  RNN_TRY(rnn_memory_new(&fresh->block, 3 * stacked + 3 * d, sizeof(real), "a step", error));
  RNN_TRY(rnn_memory_new(&fresh->w, stacked * d, sizeof(real), "weights", error));
  RNN_TRY(rnn_memory_new(&fresh->packed, rnn_gemm_packed_count(d, stacked), sizeof(real), "packed weights", error));
  fresh->layer = probe->network->layer[layer][direction];
  rnn_vector_copy(stacked * d, fresh->layer.w, fresh->w);
  fresh->layer.w = fresh->w;
  fresh->layer.packed_wt = fresh->packed;
  fresh->before = step.s_previous;
  fresh->c_before = step.c_previous;
  fresh->tape = (struct rnn_tape_layer){.a = fresh->block, .h = fresh->block + stacked};
  fresh->run = rnn_network_run(probe->network, probe->batch, probe->tape, layer, direction);
  fresh->run.batch = fresh->batch;
  fresh->run.tape = &fresh->tape;
  fresh->run.x = rnn_probe_input(probe, layer, row);
  fresh->run.z = fresh->block + 2 * stacked;
  fresh->run.s = fresh->block + 3 * stacked;
  fresh->run.c = fresh->run.s + d;
  fresh->run.out = fresh->run.c + d;
  fresh->run.ld_out = d;
  *stepper = fresh;
  fresh = NULL;
out:
  rnn_stepper_free(fresh);
  return status;
}

void rnn_stepper_free(struct rnn_stepper *stepper)
{
  if (stepper == NULL)
    return;
  rnn_batch_free(stepper->batch);
  rnn_memory_free(stepper->block);
  rnn_memory_free(stepper->w);
  rnn_memory_free(stepper->packed);
  rnn_memory_free(stepper);
}

/* sum += factor s_k with W[q][r] moved. */
static void add_moved(struct rnn_stepper *stepper, size_t q, size_t r, double by, double factor, double *sum)
{
  size_t d = stepper->layer.d, stacked = stepper->layer.stacked;
  real *w = &stepper->w[q * d + r], kept = *w;
  *w += (real)by;
  rnn_gemm_pack(d, stacked, stepper->w, d, true, stepper->packed);
  *w = kept;
  rnn_vector_copy(d, stepper->before, stepper->run.s);
  if (stepper->c_before != NULL)
    rnn_vector_copy(d, stepper->c_before, stepper->run.c);
  rnn_layer_forward(&stepper->layer, &stepper->run);
  for (size_t p = 0; p < d; p++)
    sum[p] += factor * (double)stepper->run.out[p];
}

void rnn_stepper_difference(struct rnn_stepper *stepper, size_t q, size_t r, double *difference)
{
  const double h = 1e-4;
  memset(difference, 0, stepper->layer.d * sizeof *difference);
  add_moved(stepper, q, r, h, 8 / (12 * h), difference);
  add_moved(stepper, q, r, -h, -8 / (12 * h), difference);
  add_moved(stepper, q, r, 2 * h, -1 / (12 * h), difference);
  add_moved(stepper, q, r, -2 * h, 1 / (12 * h), difference);
}
