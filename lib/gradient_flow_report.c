/* What the parts of a gradient say: shares, truncation, and the windows that training goes through. */
#include <math.h>

#include "gradient_flow_search.h"
#include "memory.h"
#include "vector.h"

static double cosine_of(double product, double square, double whole)
{
  return square > 0 && whole > 0 ? product / sqrt(square * whole) : NAN;
}

static double error_of(size_t count, const real *whole, const real *sum)
{
  double square = 0, all = rnn_vector_square_sum(count, whole);
  for (size_t i = 0; i < count; i++) {
    double difference = (double)whole[i] - (double)sum[i];
    square += difference * difference;
  }
  return all > 0 ? sqrt(square / all) : NAN;
}

/* In double, as the sums of squares are. */
static double product_of(size_t count, const real *x, const real *y)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double)x[i] * (double)y[i];
  return sum;
}

static enum rnn_status describe_part(struct rnn_flow_search *search, int32_t distance, const real *part,
                                     struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  const struct rnn_shape *shape = search->shape;
  struct rnn_flow *flow = search->flow;
  for (size_t layer = 0; layer < shape->layers; layer++)
    for (size_t direction = 0; direction < shape->directions; direction++) {
      const struct rnn_flow_place *place = &search->place[layer][direction];
      struct rnn_flow_part found = {.distance = distance, .layer = (uint8_t)layer, .direction = (uint8_t)direction};
      for (size_t matrix = 0; matrix < RNN_FLOW_MATRICES; matrix++) {
        size_t count = place->count[matrix];
        const real *whole = search->whole + place->begin[matrix], *some = part + place->begin[matrix];
        double square = rnn_vector_square_sum(count, whole);
        found.share[matrix] = square > 0 ? product_of(count, some, whole) / square : NAN;
        found.size[matrix] = square > 0 ? sqrt(rnn_vector_square_sum(count, some) / square) : NAN;
      }
      RNN_TRY(rnn_memory_grow(&flow->part, &flow->capacity_parts, flow->parts + 1, sizeof *flow->part,
                              "parts of a gradient", error));
      flow->part[flow->parts++] = found;
    }
out:
  return status;
}

/* Over the W of all layers and directions. */
static void compare_w(const struct rnn_flow_search *search, struct rnn_flow_truncation *truncation)
{
  double product = 0, square = 0, whole = 0, difference = 0;
  for (size_t layer = 0; layer < search->shape->layers; layer++)
    for (size_t direction = 0; direction < search->shape->directions; direction++) {
      const struct rnn_flow_place *place = &search->place[layer][direction];
      size_t count = place->count[RNN_FLOW_W];
      const real *x = search->sum + place->begin[RNN_FLOW_W], *y = search->whole + place->begin[RNN_FLOW_W];
      double error = error_of(count, y, x), all = rnn_vector_square_sum(count, y);
      product += product_of(count, x, y);
      square += rnn_vector_square_sum(count, x);
      whole += all;
      difference += all > 0 ? error * error * all : 0;
    }
  truncation->cosine_w = cosine_of(product, square, whole);
  truncation->error_w = whole > 0 ? sqrt(difference / whole) : NAN;
}

enum rnn_status rnn_flow_sum_block(struct rnn_flow_search *search, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_flow *flow = search->flow;
  for (size_t i = 0; i < search->block && search->first + i < search->longest; i++) {
    for (size_t sign = 0; sign < search->signs; sign++) {
      int32_t distance = (int32_t)(search->first + i) * (sign == 1 ? -1 : 1);
      const real *part = search->part + (i * search->signs + sign) * search->size;
      if (distance == 0 && sign == 1)
        continue;
      RNN_TRY(describe_part(search, distance, part, error));
      rnn_vector_add(search->size, part, search->sum);
      if (distance == 0)
        flow->explicit_share = product_of(search->size, part, search->whole) / (flow->norm * flow->norm);
    }
    struct rnn_flow_truncation *truncation = &flow->truncation[search->first + i];
    double square = rnn_vector_square_sum(search->size, search->sum);
    *truncation = (struct rnn_flow_truncation){
        .tau = search->first + i + 1,
        .cosine = cosine_of(product_of(search->size, search->sum, search->whole), square, flow->norm * flow->norm),
        .error = error_of(search->size, search->whole, search->sum),
        .window_cosine = NAN,
        .window_error = NAN};
    compare_w(search, truncation);
  }
out:
  return status;
}

void rnn_flow_find_worst(struct rnn_flow_search *search)
{
  for (size_t layer = 0; layer < search->shape->layers; layer++)
    for (size_t direction = 0; direction < search->shape->directions; direction++)
      for (size_t matrix = 0; matrix < RNN_FLOW_MATRICES; matrix++) {
        const struct rnn_flow_place *place = &search->place[layer][direction];
        double error =
            error_of(place->count[matrix], search->whole + place->begin[matrix], search->sum + place->begin[matrix]);
        if (error > search->flow->worst)
          search->flow->worst = error;
      }
}

/* ---- windows, as training goes through them ---- */

/* The gradient of one sequence in windows of tau steps, added to search->sum. */
static enum rnn_status run_windows(struct rnn_flow_search *search, const struct rnn_sequence *sequence, size_t tau,
                                   struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_probe *probe = search->probe;
  rnn_state_start(probe->state, search->model->parameters, 0, 1);
  for (size_t begin = 0; begin < sequence->length; begin += tau) {
    struct rnn_sequence window = rnn_sequence_part(sequence, begin, tau, search->model->frame_width, 1);
    struct rnn_loss loss = {.nats = 0};
    RNN_TRY(rnn_batch_fill(probe->batch, search->model->task, &window, 1, true, error));
    rnn_network_forward(probe->network, probe->batch, probe->state, probe->tape, true, &loss);
    rnn_bptt(probe->network, probe->batch, probe->tape, begin > 0, probe->gradient);
    rnn_flow_add_gradient(search, probe->gradient, search->sum);
  }
out:
  return status;
}

/* tau = 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100 and so on. */
static size_t next_tau(size_t tau)
{
  static const size_t steps[] = {1, 2, 3, 5, 7};
  size_t ten = 1;
  while (ten * 10 <= tau)
    ten *= 10;
  if (ten >= 10 && tau == ten)
    return ten + ten / 2;
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (steps[i] * ten > tau)
      return steps[i] * ten;
  return 10 * ten;
}

enum rnn_status rnn_flow_find_windows(struct rnn_flow_search *search, struct rnn_error *error)
{
  enum rnn_status status = RNN_OK;
  struct rnn_flow *flow = search->flow;
  for (size_t tau = 1; tau <= search->longest; tau = next_tau(tau)) {
    rnn_vector_fill(search->size, 0, search->sum);
    for (size_t i = 0; i < search->sequences; i++)
      RNN_TRY(run_windows(search, &search->sequence[i], tau, error));
    double square = rnn_vector_square_sum(search->size, search->sum);
    flow->truncation[tau - 1].window_cosine =
        cosine_of(product_of(search->size, search->sum, search->whole), square, flow->norm * flow->norm);
    flow->truncation[tau - 1].window_error = error_of(search->size, search->whole, search->sum);
  }
out:
  return status;
}
