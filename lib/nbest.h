/* The best classes of a distribution, and the best sequences of classes where each step has a distribution of its own.
 */
#ifndef RNN_NBEST_H
#define RNN_NBEST_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "real.h"

struct rnn_ranked {
  int32_t label;
  double probability;
};

/* The `top` most probable classes of y [k], best first, the lower number first among equals; answers how many: top or
 * k.
 */
size_t rnn_rank(size_t k, const real *y, size_t top, struct rnn_ranked *ranked);

struct rnn_nbest; /* reusable memory */

enum rnn_status rnn_nbest_create(struct rnn_nbest **nbest, size_t most_paths, struct rnn_error *error) RNN_MUST_CHECK;
void rnn_nbest_free(struct rnn_nbest *nbest); /* NULL is allowed */

/* The sequences whose product of probabilities is greatest, best first. ranked [steps][width], as rnn_rank gives them,
 * `width` of each step; *paths <= most_paths of them are found. */
enum rnn_status rnn_nbest_run(struct rnn_nbest *nbest, const struct rnn_ranked *ranked, size_t steps, size_t width,
                              size_t *paths, struct rnn_error *error) RNN_MUST_CHECK;

/* Path i of the last run: path [steps] gets its classes, each with its own probability; answers the product. */
double rnn_nbest_path(const struct rnn_nbest *nbest, size_t i, struct rnn_ranked *path);

#endif
