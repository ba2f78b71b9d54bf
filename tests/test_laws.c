/* The laws of batches and time: alone = in any batch, chunked = whole, prediction = training, truncation beyond the
 * end = none; all to the last bit. */
#include <criterion/criterion.h>
#include <string.h>

#include "network_case.h"

static struct rnn_error error;

/* Wide enough for whole tiles, panels and their remainders. */
enum { WIDE = 37, LANES = 19, LONGEST = 41 };

static void lengths(size_t *length)
{
  for (size_t i = 0; i < LANES; i++)
    length[i] = 1 + i * 17 % LONGEST;
  length[3] = LONGEST;
}

/* y of each step (or of the end) of each sequence, [sequence][t][k]. */
struct answers {
  size_t k;
  real y[LANES][LONGEST][9];
};

static void keep_answers(const struct network_fixture *fixture, const size_t *place, size_t first_step,
                         struct answers *answers)
{
  const struct rnn_batch *batch = fixture->batch;
  size_t k = answers->k = fixture->parameters->shape.k;
  bool classify = fixture->parameters->shape.task == RNN_CLASSIFY;
  for (size_t lane = 0; lane < batch->lanes; lane++)
    for (size_t t = 0; t < (classify ? 1 : batch->length[lane]); t++)
      memcpy(answers->y[place[batch->order[lane]]][classify ? 0 : first_step + t],
             fixture->tape->y + (classify ? lane : rnn_batch_row(batch, t, lane)) * k, k * sizeof(real));
}

static const size_t in_order[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};

static struct network_case wide(const struct network_case *what)
{
  struct network_case grown = *what;
  grown.d = WIDE;
  return grown;
}

static void check_alone(const struct network_case *narrow)
{
  static struct answers whole, other;
  size_t length[LANES];
  struct network_case what = wide(narrow);
  lengths(length);
  struct network_fixture *fixture = case_create(&what, length, LANES);
  memset(&other, 0, sizeof other);
  memset(&whole, 0, sizeof whole);
  case_forward(fixture, true);
  keep_answers(fixture, in_order, 0, &whole);
  for (size_t lanes = 1; lanes < LANES; lanes += 1 + lanes * 2) { /* 1, 4, 13, each from another place on */
    for (size_t i = 0; i < LANES; i += lanes) {
      struct rnn_sequence some[LANES];
      size_t place[LANES], count = i + lanes > LANES ? LANES - i : lanes;
      for (size_t j = 0; j < count; j++) {
        place[j] = (i + j) * 7 % LANES;
        some[j] = fixture->sequence[place[j]];
      }
      case_fill(fixture, some, count);
      case_forward(fixture, true);
      keep_answers(fixture, place, 0, &other);
    }
    cr_assert(memcmp(&whole, &other, sizeof whole) == 0, "%s, batches of %zu", case_name(&what), lanes);
  }
  case_free(fixture);
}

Test(laws, a_sequence_has_the_same_bits_alone_and_in_any_batch)
{
  case_visit_all(0, check_alone);
  case_visit_columns(false, 0, NULL, check_alone);
  case_visit_columns(true, 0, NULL, check_alone);
}

Test(laws, a_sequence_leaves_out_the_same_units_alone_and_in_any_batch)
{
  case_visit_all(0.3, check_alone);
}

/* The windows of all sequences, tau steps at a time; answers how many lanes live. */
static size_t window(const struct network_fixture *fixture, size_t begin, size_t tau, struct rnn_sequence *part)
{
  size_t width = fixture->parameters->shape.frame.width, count = 0;
  const size_t *order = fixture->batch->order; /* of the whole: longest first, so lanes keep their places */
  for (size_t lane = 0; lane < LANES; lane++) {
    const struct rnn_sequence *whole = &fixture->sequence[order[lane]];
    if (whole->length <= begin)
      break;
    part[count] = *whole;
    part[count].length = whole->length - begin < tau ? whole->length - begin : tau;
    part[count].symbol = whole->symbol == NULL ? NULL : whole->symbol + begin;
    part[count].frame = whole->frame == NULL ? NULL : whole->frame + begin * width;
    part[count].target = whole->target + begin * fixture->parameters->shape.columns;
    count++;
  }
  return count;
}

static void check_windows(const struct network_case *narrow)
{
  if (narrow->bidirectional)
    return;
  static struct answers whole, parts;
  size_t length[LANES], order[LANES];
  struct network_case what = wide(narrow);
  lengths(length);
  memset(&whole, 0, sizeof whole);
  memset(&parts, 0, sizeof parts);
  struct network_fixture *fixture = case_create(&what, length, LANES);
  case_forward(fixture, true);
  keep_answers(fixture, in_order, 0, &whole);
  struct rnn_state *after;
  cr_assert_eq(rnn_state_create(&after, &fixture->parameters->shape, LANES, &error), RNN_OK);
  for (size_t lane = 0; lane < LANES; lane++)
    rnn_state_copy_lane(after, lane, fixture->state, lane);
  for (size_t tau = 1; tau < LONGEST; tau = 3 * tau + 1) {
    case_fill(fixture, fixture->sequence, LANES);
    memcpy(order, fixture->batch->order, sizeof order);
    for (size_t begin = 0; begin < LONGEST; begin += tau) {
      struct rnn_sequence part[LANES];
      case_fill(fixture, fixture->sequence, LANES);
      case_fill(fixture, part, window(fixture, begin, tau, part));
      case_forward(fixture, begin == 0);
      keep_answers(fixture, order, begin, &parts);
    }
    cr_assert(memcmp(&whole, &parts, sizeof whole) == 0, "%s, windows of %zu", case_name(&what), tau);
    cr_assert(memcmp(after->s, fixture->state->s, LANES * WIDE * sizeof(real)) == 0, "%s: state", case_name(&what));
  }
  rnn_state_free(after);
  case_free(fixture);
}

Test(laws, windows_with_carried_state_have_the_bits_of_the_whole)
{
  case_visit_all(0, check_windows);
  case_visit_columns(false, 0, NULL, check_windows);
}

static void check_prediction(const struct network_case *narrow)
{
  static struct answers training, prediction;
  size_t length[LANES], rows = 0;
  struct network_case what = wide(narrow);
  lengths(length);
  for (size_t i = 0; i < LANES; i++)
    rows += length[i];
  memset(&training, 0, sizeof training);
  memset(&prediction, 0, sizeof prediction);
  struct network_fixture *fixture = case_create(&what, length, LANES);
  double nats = case_forward(fixture, true);
  keep_answers(fixture, in_order, 0, &training);
  rnn_network_free(fixture->network);
  rnn_tape_free(fixture->tape);
  cr_assert_eq(rnn_network_create(&fixture->network, fixture->parameters, false, &error), RNN_OK);
  cr_assert_eq(rnn_tape_create(&fixture->tape, &fixture->parameters->shape, LANES, LONGEST, rows, false, &error),
               RNN_OK);
  double again = case_forward(fixture, true);
  cr_assert(again == nats, "%s: %g, not %g", case_name(&what), again, nats);
  keep_answers(fixture, in_order, 0, &prediction);
  cr_assert(memcmp(&training, &prediction, sizeof training) == 0, "%s", case_name(&what));
  case_free(fixture);
}

Test(laws, prediction_has_the_bits_of_training)
{
  case_visit_all(0, check_prediction);
  case_visit_columns(false, 0, NULL, check_prediction);
}

/* The batch twice: once when no symbol has a row, once when some have one that stays; then with other weights. */
static void check_folded(const struct network_case *narrow)
{
  static struct answers plain, folded;
  enum { STAY = 3 };
  size_t length[LANES], rows = 0;
  struct network_case what = wide(narrow);
  struct rnn_fold *fold;
  if (what.input != CASE_EMBEDDING)
    return;
  lengths(length);
  for (size_t i = 0; i < LANES; i++)
    rows += length[i];
  struct network_fixture *fixture = case_create(&what, length, LANES);
  const struct rnn_shape *shape = &fixture->parameters->shape;
  rnn_tape_free(fixture->tape);
  cr_assert_eq(rnn_tape_create(&fixture->tape, shape, LANES, LONGEST, rows, false, &error), RNN_OK);
  cr_assert_eq(rnn_fold_create(&fold, shape, fixture->tape->capacity_distinct, &error), RNN_OK);
  cr_assert_gt(shape->n, (size_t)STAY);
  fold->stays = STAY;
  for (int run = 0; run < 4; run++) {
    if (run == 2) {
      fixture->parameters->value[fixture->parameters->layout.embedding] += 1;
      rnn_network_pack(fixture->network);
    }
    memset(&plain, 0, sizeof plain);
    memset(&folded, 0, sizeof folded);
    fixture->tape->fold = NULL;
    case_forward(fixture, true);
    keep_answers(fixture, in_order, 0, &plain);
    fixture->tape->fold = fold;
    rnn_fold_find(fold, fixture->batch, fixture->network->packings);
    case_forward(fixture, true);
    keep_answers(fixture, in_order, 0, &folded);
    cr_assert(memcmp(&plain, &folded, sizeof plain) == 0, "%s, run %d", case_name(&what), run);
    cr_assert_eq(fold->kept, (size_t)STAY);
  }
  rnn_fold_free(fold);
  case_free(fixture);
}

Test(laws, an_embedding_folded_into_U_has_the_same_bits)
{
  case_visit_all(0, check_folded);
}

/* Truncated to windows of tau >= T there is one window: the gradient of the first window's loss plus nothing. */
static void check_truncation(const struct network_case *narrow)
{
  size_t length[LANES];
  struct network_case what = wide(narrow);
  lengths(length);
  struct network_fixture *fixture = case_create(&what, length, LANES);
  const struct rnn_layout *layout = &fixture->parameters->layout;
  struct rnn_gradient *full;
  cr_assert_eq(rnn_gradient_create(&full, layout, fixture->parameters->shape.e, 5, &error), RNN_OK);
  case_forward(fixture, true);
  rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, full);
  for (size_t tau = LONGEST; tau < 3 * LONGEST; tau += LONGEST) {
    struct rnn_sequence part[LANES];
    case_fill(fixture, fixture->sequence, LANES);
    size_t count = window(fixture, 0, tau, part);
    cr_assert_eq(count, LANES);
    case_fill(fixture, part, count);
    case_forward(fixture, true);
    rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, fixture->gradient);
    cr_assert(memcmp(full->dense, fixture->gradient->dense, layout->dense * sizeof(real)) == 0, "%s", case_name(&what));
    cr_assert_eq(full->rows, fixture->gradient->rows);
    for (size_t i = 0; i < full->rows * full->e; i++)
      cr_assert(full->embedding[i] == fixture->gradient->embedding[i]);
    case_fill(fixture, fixture->sequence, LANES);
    cr_assert_eq(window(fixture, tau, tau, part), 0);
  }
  rnn_gradient_free(full);
  case_free(fixture);
}

Test(laws, truncation_beyond_the_end_changes_no_bit)
{
  case_visit_all(0, check_truncation);
  case_visit_columns(false, 0, NULL, check_truncation);
  case_visit_columns(true, 0, NULL, check_truncation);
}

/* Truncation at tau < T is another gradient: the test above is not empty. */
Test(laws, truncation_within_the_sequence_is_another_gradient)
{
  size_t length[] = {8};
  struct network_fixture *fixture = case_create(
      &(struct network_case){.cell = "elman", .layers = 1, .input = CASE_EMBEDDING, .task = RNN_TAG}, length, 1);
  double sum = 0, full = 0;
  size_t w = (size_t)(case_tensor(fixture, "layer0.W") - fixture->parameters->value);
  case_forward(fixture, true);
  rnn_bptt(fixture->network, fixture->batch, fixture->tape, false, fixture->gradient);
  full = (double)fixture->gradient->dense[w];
  for (size_t begin = 0; begin < 8; begin += 2) {
    struct rnn_sequence part = fixture->sequence[0];
    part.length = 2;
    part.symbol += begin;
    part.target += begin;
    case_fill(fixture, &part, 1);
    case_forward(fixture, begin == 0);
    rnn_bptt(fixture->network, fixture->batch, fixture->tape, begin > 0, fixture->gradient);
    sum += (double)fixture->gradient->dense[w];
  }
  cr_assert(sum - full > 1e-4 || full - sum > 1e-4);
  case_free(fixture);
}
