/* The probe: one sequence in many lanes, so that back-propagation runs for each of its losses alone. */
#include "gradient_flow.h"
#include "memory.h"
#include "vector.h"

enum { MOST_BYTES = 192 << 20 };

/* Lanes whose tape stays within MOST_BYTES; at least one. */
static size_t good_lanes(const struct rnn_shape *shape, size_t most, size_t steps)
{
  double states = (double)(shape->layers * shape->directions * shape->d);
  double row = states * (4 * (double)shape->cell->gates + 8) + (double)shape->k + (double)shape->n * shape->frames;
  double lanes = MOST_BYTES / (sizeof(real) * row * (double)steps);
  return lanes < 1 ? 1 : lanes > (double)most ? most : (size_t)lanes;
}

enum rnn_status rnn_probe_create(struct rnn_probe **probe, const struct rnn_model *model, size_t lanes, size_t steps,
                                 struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_parameters *parameters = model->parameters;
  const struct rnn_shape *shape = &parameters->shape;
  struct rnn_probe *fresh = NULL;
  size_t rows;
  *probe = NULL;
  lanes = good_lanes(shape, lanes, steps);
  if (!rnn_size_multiply(lanes, steps, &rows))
    rows = SIZE_MAX;
  RNN_TRY(rnn_memory_new(&fresh, 1, sizeof *fresh, "a probe", error));
  *fresh = (struct rnn_probe){.model = model, .lanes = lanes, .steps = steps};
  RNN_TRY(rnn_memory_new(&fresh->view, lanes, sizeof *fresh->view, "a probe", error));
  if (shape->crf)
    RNN_TRY(rnn_memory_new(&fresh->dz, steps, shape->k * sizeof *fresh->dz, "a probe", error));
  RNN_TRY(rnn_network_create(&fresh->network, parameters, true, error));
  RNN_TRY(rnn_batch_create(&fresh->batch, lanes, steps, rows, shape->frames ? 0 : shape->n, model->frame_width, error));
  RNN_TRY(rnn_batch_add_columns(fresh->batch, shape->column, shape->columns, error));
  RNN_TRY(rnn_state_create(&fresh->state, shape, lanes, error));
  RNN_TRY(rnn_tape_create(&fresh->tape, shape, lanes, steps, rows, true, error));
  RNN_TRY(rnn_tape_keep_inside(fresh->tape, shape, error));
  RNN_TRY(rnn_gradient_create(&fresh->gradient, &parameters->layout, shape->e, steps, error));
  *probe = fresh;
  fresh = NULL;
out:
  rnn_probe_free(fresh);
  return status;
}

void rnn_probe_free(struct rnn_probe *probe)
{
  if (probe == NULL)
    return;
  rnn_network_free(probe->network);
  rnn_batch_free(probe->batch);
  rnn_state_free(probe->state);
  rnn_tape_free(probe->tape);
  rnn_gradient_free(probe->gradient);
  rnn_memory_free(probe->view);
  rnn_memory_free(probe->dz);
  rnn_memory_free(probe);
}

/* Forward from s_0. */
static enum rnn_status forward_lanes(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t lanes,
                                     struct rnn_loss *loss, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_batch_fill(probe->batch, probe->model->task, sequence, lanes, loss != NULL, error));
  rnn_state_start(probe->state, probe->model->parameters, 0, lanes);
  rnn_network_forward(probe->network, probe->batch, probe->state, probe->tape, true, loss);
out:
  return status;
}

/* Of the one sequence. */
static enum rnn_status forward_copies(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t lanes,
                                      struct rnn_loss *loss, struct rnn_error *error)
{
  for (size_t lane = 0; lane < lanes; lane++)
    probe->view[lane] = *sequence;
  return forward_lanes(probe, probe->view, lanes, loss, error);
}

enum rnn_status rnn_probe_run(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t lanes, double *nats,
                              struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_loss loss = {.nats = 0};
  RNN_TRY(forward_copies(probe, sequence, lanes, &loss, error));
  rnn_bptt(probe->network, probe->batch, probe->tape, false, probe->gradient);
  *nats = loss.nats;
out:
  return status;
}

enum rnn_status rnn_probe_forward(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t lanes,
                                  struct rnn_error *error)
{
  return forward_copies(probe, sequence, lanes, NULL, error);
}

/* After forward: the same again on a tape that knows the best tagging. */
static enum rnn_status find_tag(struct rnn_probe *probe, size_t t, int32_t *tag, struct rnn_error *error)
{
  enum rnn_status status;
  struct rnn_tape *tape = NULL;
  RNN_TRY(rnn_tape_create(&tape, &probe->model->parameters->shape, 1, probe->batch->steps, probe->batch->rows, false,
                          error));
  rnn_state_start(probe->state, probe->model->parameters, 0, 1);
  rnn_network_forward(probe->network, probe->batch, probe->state, tape, true, NULL);
  *tag = tape->crf[0]->best[rnn_batch_row(probe->batch, t, 0)];
out:
  rnn_tape_free(tape);
  return status;
}

enum rnn_status rnn_probe_decide(struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t t,
                                 int32_t unknown, int32_t *decision, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &probe->model->parameters->shape;
  RNN_TRY(rnn_probe_forward(probe, sequence, 1, error));
  if (shape->crf)
    return find_tag(probe, t, decision, error);
  real *y = probe->tape->y + (shape->task == RNN_CLASSIFY ? 0 : rnn_batch_row(probe->batch, t, 0)) * shape->k;
  if (unknown != RNN_ABSENT)
    y[unknown] = 0;
  *decision = (int32_t)rnn_vector_argmax(shape->k, y);
out:
  return status;
}

void rnn_probe_back(struct rnn_probe *probe)
{
  rnn_bptt_inside(probe->network, probe->batch, probe->tape, probe->gradient);
}

size_t rnn_probe_terms(const struct rnn_probe *probe, const struct rnn_sequence *sequence, size_t *term)
{
  size_t terms = 0, known = 0;
  if (probe->model->task == RNN_CLASSIFY) {
    term[0] = sequence->length - 1;
    return sequence->label != RNN_ABSENT;
  }
  for (size_t t = sequence->length; t-- > 0;) {
    bool is_known = sequence->target[t] != RNN_ABSENT;
    known += is_known;
    if (is_known || probe->dz != NULL)
      term[terms++] = t;
  }
  return known > 0 ? terms : 0;
}

/* dL_term[i]/dz in place of y, of lane i alone. */
static void set_terms(struct rnn_probe *probe, const struct rnn_sequence *sequence, const size_t *term, size_t terms)
{
  const struct rnn_column *column = probe->model->parameters->shape.column;
  size_t k = column->k;
  real *y = probe->tape->y;
  if (probe->model->task == RNN_CLASSIFY) {
    rnn_loss_backward(NULL, 1, column, k, y, &sequence->label);
    return;
  }
  for (size_t i = 0; i < terms; i++)
    for (size_t t = 0; t < probe->batch->length[i]; t++) {
      real *row = y + rnn_batch_row(probe->batch, t, i) * k;
      if (t != term[i])
        rnn_vector_fill(k, 0, row);
      else if (probe->dz != NULL)
        rnn_vector_copy(k, probe->dz + t * k, row);
      else
        rnn_loss_backward(NULL, 1, column, k, row, &sequence->target[t]);
    }
}

/* In one direction nothing after its loss has to do with a lane. */
enum rnn_status rnn_probe_run_terms(struct rnn_probe *probe, const struct rnn_sequence *sequence, const size_t *term,
                                    size_t terms, struct rnn_error *error)
{
  enum rnn_status status;
  const struct rnn_shape *shape = &probe->model->parameters->shape;
  double nats;
  if (probe->dz != NULL) {
    RNN_TRY(rnn_probe_run(probe, sequence, 1, &nats, error));
    rnn_vector_copy(sequence->length * shape->k, probe->tape->y, probe->dz);
  }
  for (size_t i = 0; i < terms; i++) {
    probe->view[i] = *sequence;
    if (shape->directions == 1)
      probe->view[i].length = term[i] + 1;
  }
  RNN_TRY(forward_lanes(probe, probe->view, terms, NULL, error));
  set_terms(probe, sequence, term, terms);
  rnn_probe_back(probe);
out:
  return status;
}

const real *rnn_probe_input(const struct rnn_probe *probe, size_t layer, size_t row)
{
  const struct rnn_shape *shape = &probe->model->parameters->shape;
  size_t width = probe->model->parameters->layout.layer[layer][0].width;
  if (layer > 0 || shape->frames)
    return rnn_network_input(probe->network, probe->batch, probe->tape, layer) + row * width;
  int32_t i = probe->batch->row_distinct[row];
  return shape->e == 0 || i == RNN_ABSENT ? NULL : probe->tape->x + (size_t)i * width;
}

struct rnn_cell_step rnn_probe_step(const struct rnn_probe *probe, size_t layer, size_t direction, size_t row)
{
  const struct rnn_tape_layer *tape = &probe->tape->layer[layer][direction];
  const struct rnn_layer *weights = &probe->network->layer[layer][direction];
  size_t d = weights->d, stacked = weights->stacked, wide = probe->model->parameters->shape.directions * d;
  return (struct rnn_cell_step){.lanes = 1,
                                .d = d,
                                .activation = weights->activation,
                                .w = weights->w,
                                .a = tape->a + row * stacked,
                                .h = tape->h == NULL ? NULL : tape->h + row * stacked,
                                .s_previous = tape->previous + row * d,
                                .c_previous = tape->c_previous == NULL ? NULL : tape->c_previous + row * d,
                                .s = probe->tape->out[layer] + row * wide + direction * d,
                                .c = tape->c == NULL ? NULL : tape->c + row * d,
                                .ld_s = wide};
}
