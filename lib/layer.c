/* The recurrence and its back-propagation through time, for one direction of one layer.
 *
 * Forward: U x_t + b does not depend on the recurrence, so it is one product for all steps; then, step by step,
 *
 *   a_t = (U x_t + b) + W s_{t-1}      s_t = f(a_t)
 *
 * Backward, in the reverse order, with dL/ds_t the total derivative, through this step and all later ones:
 *
 *   dL/ds_t = dL_t/ds_t + (ds_{t+1}/ds_t)^T dL/ds_{t+1}           ds_{t+1}/ds_t = diag(f'(a_{t+1})) W
 *           = dL_t/ds_t + W^T dL/da_{t+1}                         dL/da_t = f'(a_t) dL/ds_t
 *
 * so that the lecture's sum over k <= t, with the explicit d+s_k[q]/dW[q][r] = f'(a_k[q]) s_{k-1}[r], becomes
 *
 *   dL/dW = sum_t dL/da_t s_{t-1}^T     dL/dU = sum_t dL/da_t x_t^T     dL/db = sum_t dL/da_t
 *
 * one product each over all steps after the sweep. In the code ds is dL/ds_t, da is dL/da_t, and so on. */
#include "layer.h"

#include "gemm.h"
#include "memory.h"
#include "vector.h"

enum {
  COLUMNS_AT_A_TIME = 16,
  ROWS_AHEAD = 4,
  MOST_TRANSPOSED = 1 << 18 /* elements of U: a start does not wait for more */
};

static enum rnn_status new_packed(real **packed, size_t k, size_t n, struct rnn_error *error)
{
  return rnn_memory_new(packed, rnn_gemm_packed_count(k, n), sizeof **packed, "packed weights", error);
}

enum rnn_status rnn_layer_init(struct rnn_layer *layer, const struct rnn_parameters *parameters, size_t index,
                               size_t direction, bool training, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = &parameters->shape;
  const struct rnn_layer_view *view = &parameters->layout.layer[index][direction];
  size_t d = shape->d, stacked = shape->cell->gates * d;
  *layer = (struct rnn_layer){.cell = shape->cell,
                              .activation = shape->activation,
                              .reverse = direction == 1,
                              .width = view->width,
                              .d = d,
                              .stacked = stacked,
                              .u = parameters->value + view->u,
                              .w = view->w == SIZE_MAX ? NULL : parameters->value + view->w,
                              .b = parameters->value + view->b};
  bool one_hot = index == 0 && !shape->frames && shape->e == 0;
  bool input_gradient = index > 0 || shape->e > 0;
  bool matrix = !shape->cell->elementwise;
  if (matrix)
    RNN_TRY(new_packed(&layer->packed_wt, d, stacked, error));
  if (!one_hot)
    RNN_TRY(new_packed(&layer->packed_ut, view->width, stacked, error));
  else if (!training && view->width <= MOST_TRANSPOSED / stacked)
    RNN_TRY(rnn_memory_new(&layer->ut, view->width * stacked, sizeof *layer->ut, "transposed weights", error));
  if (training && matrix)
    RNN_TRY(new_packed(&layer->packed_w, stacked, d, error));
  if (training && input_gradient)
    RNN_TRY(new_packed(&layer->packed_u, stacked, view->width, error));
out:
  if (status != RNN_OK)
    rnn_layer_clear(layer);
  return status;
}

void rnn_layer_clear(struct rnn_layer *layer)
{
  rnn_memory_free(layer->ut);
  rnn_memory_free(layer->packed_ut);
  rnn_memory_free(layer->packed_wt);
  rnn_memory_free(layer->packed_u);
  rnn_memory_free(layer->packed_w);
  *layer = (struct rnn_layer){.cell = NULL};
}

void rnn_layer_pack(struct rnn_layer *layer)
{
  size_t d = layer->d, width = layer->width, stacked = layer->stacked;
  for (size_t j = 0; j < stacked && layer->ut != NULL; j++)
    for (size_t x = 0; x < width; x++)
      layer->ut[x * stacked + j] = layer->u[j * width + x];
  if (layer->packed_wt != NULL)
    rnn_gemm_pack(d, stacked, layer->w, d, true, layer->packed_wt);
  if (layer->packed_ut != NULL)
    rnn_gemm_pack(width, stacked, layer->u, width, true, layer->packed_ut);
  if (layer->packed_w != NULL)
    rnn_gemm_pack(stacked, d, layer->w, d, false, layer->packed_w);
  if (layer->packed_u != NULL)
    rnn_gemm_pack(stacked, width, layer->u, width, false, layer->packed_u);
}

void rnn_layer_pack_one(struct rnn_layer *layer, const real *value)
{
  size_t d = layer->d, width = layer->width, stacked = layer->stacked;
  size_t at = (size_t)(value - layer->u), row = at / width, column = at % width;
  if (row < stacked && layer->packed_ut != NULL)
    layer->packed_ut[rnn_gemm_place(width, stacked, column, row)] = *value;
  if (row < stacked && layer->ut != NULL)
    layer->ut[column * stacked + row] = *value;
  if (layer->packed_wt == NULL)
    return;
  at = (size_t)(value - layer->w);
  row = at / d;
  column = at % d;
  if (row < stacked)
    layer->packed_wt[rnn_gemm_place(d, stacked, column, row)] = *value;
}

/* A part at a time, so that b is still at hand for the product. */
void rnn_layer_project(const struct rnn_layer *layer, size_t rows, const real *x, real *z)
{
  enum { ROWS_AT_A_TIME = 96 };
  size_t width = layer->width, stacked = layer->stacked;
  for (size_t first = 0; first < rows; first += ROWS_AT_A_TIME) {
    size_t count = rows - first < ROWS_AT_A_TIME ? rows - first : ROWS_AT_A_TIME;
    for (size_t row = first; row < first + count; row++)
      rnn_vector_copy(stacked, layer->b, z + row * stacked);
    rnn_gemm(count, stacked, width, x + first * width, width, layer->packed_ut, z + first * stacked, stacked, true);
  }
}

/* The same for one-hot x: column x of U, + b. In training a few rows of U at a time, so that columns side by side,
 * which rising symbols are, share what is read; in prediction from U^T where U is small. */
static void select_columns(const struct rnn_layer *layer, size_t rows, const int32_t *symbol, real *z)
{
  size_t stacked = layer->stacked;
  if (layer->ut != NULL) {
    for (size_t row = 0; row < rows; row++) {
      rnn_vector_copy(stacked, layer->b, z + row * stacked);
      rnn_vector_add(stacked, layer->ut + (size_t)symbol[row] * stacked, z + row * stacked);
    }
    return;
  }
  for (size_t first = 0; first < stacked; first += COLUMNS_AT_A_TIME) {
    size_t end = stacked - first < COLUMNS_AT_A_TIME ? stacked : first + COLUMNS_AT_A_TIME;
    for (size_t row = 0; row < rows; row++)
      for (size_t j = first; j < end; j++)
        z[row * stacked + j] = layer->b[j] + layer->u[j * layer->width + (size_t)symbol[row]];
  }
}

/* dU += dz^T x of one-hot x: rows of dz into columns. */
static void add_columns(const struct rnn_layer *layer, size_t rows, const int32_t *symbol, const real *dz, real *du)
{
  size_t stacked = layer->stacked;
  for (size_t first = 0; first < stacked; first += COLUMNS_AT_A_TIME) {
    size_t end = stacked - first < COLUMNS_AT_A_TIME ? stacked : first + COLUMNS_AT_A_TIME;
    for (size_t row = 0; row < rows; row++)
      for (size_t j = first; j < end; j++)
        du[j * layer->width + (size_t)symbol[row]] += dz[row * stacked + j];
  }
}

/* U x_t + b: of rows, for all steps; of symbols, into z for each distinct one once. */
static void project_inputs(const struct rnn_layer *layer, const struct rnn_layer_run *run)
{
  const struct rnn_batch *batch = run->batch;
  if (run->input == RNN_INPUT_ROWS)
    rnn_layer_project(layer, batch->rows, run->x, run->tape->a);
  else if (run->input == RNN_INPUT_EMBEDDED)
    rnn_layer_project(layer, batch->distinct, run->x, run->z);
  else if (run->input == RNN_INPUT_ONE_HOT)
    select_columns(layer, batch->distinct, batch->distinct_symbol, run->z);
}

/* U x_t + b of a row's symbol; an absent symbol is x_t = 0. */
static const real *projected(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t row)
{
  int32_t i = run->batch->row_distinct[row];
  if (i == RNN_ABSENT)
    return layer->b;
  return run->input == RNN_INPUT_FOLDED ? run->folded + (size_t)run->place[i] * layer->stacked
                                        : run->z + (size_t)i * layer->stacked;
}

/* Sends for a row ahead of its use: in a large table the rows are far apart. */
static void fetch(const real *row, size_t count)
{
  enum { LINE_BYTES = 64 };
  for (size_t i = 0; i < count; i += LINE_BYTES / sizeof *row)
    __builtin_prefetch(row + i);
}

/* The same of all rows of step t, into a. */
static void gather(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t t)
{
  size_t begin = run->batch->row_begin[t], end = run->batch->row_begin[t + 1], stacked = layer->stacked;
  for (size_t row = begin; row < end; row++) {
    if (row + ROWS_AHEAD < end)
      fetch(projected(layer, run, row + ROWS_AHEAD), stacked);
    rnn_vector_copy(stacked, projected(layer, run, row), run->tape->a + row * stacked);
  }
}

/* a = b + scale U x_t of the lanes of step t, where a = b + U x_t. */
static void scale_inputs(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t t)
{
  size_t stacked = layer->stacked;
  real *a = run->tape->a + run->batch->row_begin[t] * stacked;
  for (size_t lane = 0; lane < run->batch->lanes_at[t]; lane++, a += stacked)
    for (size_t j = 0; j < stacked; j++)
      a[j] = layer->b[j] + run->scale[lane] * (a[j] - layer->b[j]);
}

/* The part of the tape and of the states that belongs to step t. Lanes that have ended, or in the reverse direction
 * have not yet begun, are the last ones: their s and c stay as they are. */
static struct rnn_cell_step cell_step(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t t)
{
  const struct rnn_tape_layer *tape = run->tape;
  size_t row = run->batch->row_begin[t], d = layer->d, stacked = layer->stacked;
  struct rnn_cell_step step = {.lanes = run->batch->lanes_at[t],
                               .d = d,
                               .activation = layer->activation,
                               .w = layer->w,
                               .a = tape->a + row * stacked,
                               .h = tape->h,
                               .s_previous = run->s,
                               .c_previous = run->c,
                               .s = run->out + row * run->ld_out,
                               .c = run->c,
                               .ld_s = run->ld_out};
  if (tape->kept) {
    step.s_previous = tape->previous + row * d;
    if (layer->cell->apart)
      step.h = tape->h + row * stacked;
    if (layer->cell->second_state) {
      step.c_previous = tape->c_previous + row * d;
      step.c = tape->c + row * d;
    }
  }
  return step;
}

/* a_t += W s_{t-1}, s_t = f(a_t), for the lanes that live at step t. run->s goes from s_{t-1} to s_t, run->c likewise;
 * the tape keeps a row of each for backward. */
static void forward_step(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t t)
{
  const struct rnn_tape_layer *tape = run->tape;
  size_t row = run->batch->row_begin[t], d = layer->d, stacked = layer->stacked;
  struct rnn_cell_step step = cell_step(layer, run, t);
  if (run->input != RNN_INPUT_ROWS)
    gather(layer, run, t);
  if (run->scale != NULL)
    scale_inputs(layer, run, t);
  if (tape->kept) {
    rnn_vector_copy(step.lanes * d, run->s, tape->previous + row * d);
    if (layer->cell->second_state)
      rnn_vector_copy(step.lanes * d, run->c, tape->c_previous + row * d);
  }
  if (!layer->cell->elementwise)
    rnn_gemm(step.lanes, stacked, d, run->s, d, layer->packed_wt, layer->cell->apart ? step.h : step.a, stacked,
             !layer->cell->apart);
  layer->cell->forward(&step);
  for (size_t lane = 0; lane < step.lanes; lane++)
    rnn_vector_copy(d, step.s + lane * step.ld_s, run->s + lane * d);
  if (step.c != run->c)
    rnn_vector_copy(step.lanes * d, step.c, run->c);
}

void rnn_layer_forward(const struct rnn_layer *layer, const struct rnn_layer_run *run)
{
  size_t steps = run->batch->steps;
  project_inputs(layer, run);
  for (size_t i = 0; i < steps; i++)
    forward_step(layer, run, layer->reverse ? steps - 1 - i : i);
}

/* db and dz grow by the rows of da of step t: dz[i], of the i-th distinct symbol, by those whose x_t it is. Those of
 * dz are added to db after the sweep. */
static void sum_gradients(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t t)
{
  size_t begin = run->batch->row_begin[t], end = run->batch->row_begin[t + 1], stacked = layer->stacked;
  for (size_t row = begin; row < end; row++) {
    int32_t i = run->input == RNN_INPUT_ROWS ? RNN_ABSENT : run->batch->row_distinct[row];
    rnn_vector_add(stacked, run->tape->da + row * stacked, i == RNN_ABSENT ? run->db : run->dz + (size_t)i * stacked);
  }
}

/* ds_t += dL_t/ds_t, da_t = f'(a_t) ds_t, ds_{t-1} = W^T da_t: run->ds goes from ds_t to ds_{t-1}, run->dc likewise. */
static void backward_step(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t t)
{
  const struct rnn_tape_layer *tape = run->tape;
  size_t row = run->batch->row_begin[t], d = layer->d, stacked = layer->stacked;
  struct rnn_cell_step step = cell_step(layer, run, t);
  step.ds = run->ds;
  step.dc = run->dc;
  step.da = tape->da + row * stacked;
  step.dw = run->dw;
  step.dh = layer->cell->apart ? tape->dh + row * stacked : step.da;
  if (run->dout != NULL)
    for (size_t lane = 0; lane < step.lanes; lane++)
      rnn_vector_add(d, run->dout + (row + lane) * run->ld_out, run->ds + lane * d);
  if (tape->ds != NULL)
    rnn_vector_copy(step.lanes * d, run->ds, tape->ds + row * d);
  if (tape->dc != NULL)
    rnn_vector_copy(step.lanes * d, run->dc, tape->dc + row * d);
  layer->cell->backward(&step);
  if (!layer->cell->elementwise)
    rnn_gemm(step.lanes, d, stacked, step.dh, stacked, layer->packed_w, run->ds, d, layer->cell->direct);
  if (run->du != NULL)
    sum_gradients(layer, run, t);
}

/* dU += da^T x, of symbols with dz for da, and the part of db that lies there. */
static void add_inputs(const struct rnn_layer *layer, const struct rnn_layer_run *run, size_t rows, const real *da)
{
  size_t stacked = layer->stacked, width = layer->width;
  if (run->input != RNN_INPUT_ROWS)
    for (size_t row = 0; row < rows; row++)
      rnn_vector_add(stacked, da + row * stacked, run->db);
  if (run->input == RNN_INPUT_ONE_HOT)
    add_columns(layer, rows, run->batch->distinct_symbol, da, run->du);
  else
    rnn_gemm_transposed(stacked, width, rows, da, stacked, run->x, width, run->du, width, true);
}

/* The sweep, then dW = sum_t da_t s_{t-1}^T as one product, the part of the inputs, and dx = da U. */
void rnn_layer_backward(const struct rnn_layer *layer, const struct rnn_layer_run *run)
{
  const struct rnn_batch *batch = run->batch;
  const struct rnn_tape_layer *tape = run->tape;
  bool symbols = run->input != RNN_INPUT_ROWS;
  size_t steps = batch->steps, d = layer->d, stacked = layer->stacked, rows = symbols ? batch->distinct : batch->rows;
  const real *da = symbols ? run->dz : tape->da;
  if (symbols)
    rnn_vector_fill(rows * stacked, 0, run->dz);
  for (size_t i = 0; i < steps; i++)
    backward_step(layer, run, layer->reverse ? i : steps - 1 - i);
  if (run->du != NULL && !layer->cell->elementwise)
    rnn_gemm_transposed(stacked, d, batch->rows, layer->cell->apart ? tape->dh : tape->da, stacked, tape->previous, d,
                        run->dw, d, true);
  if (run->du != NULL)
    add_inputs(layer, run, rows, da);
  if (run->dx != NULL)
    rnn_gemm(rows, layer->width, stacked, da, stacked, layer->packed_u, run->dx, layer->width, run->add_dx);
}
