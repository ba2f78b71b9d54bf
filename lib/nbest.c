/* N-best lists, step by step: the best beginnings times the best classes of the next step. */
#include "nbest.h"

#include <math.h>

#include "memory.h"

size_t rnn_rank(size_t k, const real *y, size_t top, struct rnn_ranked *ranked)
{
  size_t count = 0;
  for (size_t j = 0; j < k; j++) {
    double probability = (double)y[j];
    if (count == top && !(probability > ranked[count - 1].probability))
      continue;
    size_t place = count < top ? count++ : count - 1;
    for (; place > 0 && ranked[place - 1].probability < probability; place--)
      ranked[place] = ranked[place - 1];
    ranked[place] = (struct rnn_ranked){.label = (int32_t)j, .probability = probability};
  }
  return count;
}

/* A beginning: the one it goes on from and the rank of the class it adds. */
struct link {
  double log_probability;
  uint32_t from, choice;
};

struct rnn_nbest {
  size_t most_paths, steps, width, paths;
  const struct rnn_ranked *ranked;
  struct link *link; /* [steps][most_paths], best first */
  size_t capacity_links;
};

enum rnn_status rnn_nbest_create(struct rnn_nbest **nbest, size_t most_paths, struct rnn_error *error)
{
  enum rnn_status status = rnn_memory_new(nbest, 1, sizeof **nbest, "best sequences", error);
  if (status == RNN_OK)
    (*nbest)->most_paths = most_paths;
  return status;
}

void rnn_nbest_free(struct rnn_nbest *nbest)
{
  if (nbest == NULL)
    return;
  rnn_memory_free(nbest->link);
  rnn_memory_free(nbest);
}

static size_t insert(struct link *link, size_t count, size_t most, struct link fresh)
{
  if (count == most && !(fresh.log_probability > link[count - 1].log_probability))
    return count;
  size_t place = count < most ? count++ : count - 1;
  for (; place > 0 && link[place - 1].log_probability < fresh.log_probability; place--)
    link[place] = link[place - 1];
  link[place] = fresh;
  return count;
}

/* Beginning i with choice j has (i + 1)(j + 1) - 1 others before it, so only few pairs can be among the best. */
static size_t extend(const struct rnn_nbest *nbest, size_t step, const struct link *from, size_t count)
{
  struct link *to = nbest->link + step * nbest->most_paths;
  const struct rnn_ranked *ranked = nbest->ranked + step * nbest->width;
  size_t made = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < nbest->width && (i + 1) * (j + 1) <= nbest->most_paths; j++)
      made = insert(to, made, nbest->most_paths,
                    (struct link){.log_probability = from[i].log_probability + log(ranked[j].probability),
                                  .from = (uint32_t)i,
                                  .choice = (uint32_t)j});
  return made;
}

enum rnn_status rnn_nbest_run(struct rnn_nbest *nbest, const struct rnn_ranked *ranked, size_t steps, size_t width,
                              size_t *paths, struct rnn_error *error)
{
  enum rnn_status status;
  RNN_TRY(rnn_memory_grow(&nbest->link, &nbest->capacity_links, steps * nbest->most_paths, sizeof *nbest->link,
                          "best sequences", error));
  nbest->ranked = ranked;
  nbest->steps = steps;
  nbest->width = width;
  nbest->paths = 1;
  const struct link root = {0}, *from = &root;
  for (size_t step = 0; step < steps; step++) {
    nbest->paths = extend(nbest, step, from, nbest->paths);
    from = nbest->link + step * nbest->most_paths;
  }
  *paths = nbest->paths;
out:
  return status;
}

double rnn_nbest_path(const struct rnn_nbest *nbest, size_t i, struct rnn_ranked *path)
{
  if (nbest->steps == 0)
    return 1.0;
  double log_probability = nbest->link[(nbest->steps - 1) * nbest->most_paths + i].log_probability;
  for (size_t step = nbest->steps; step-- > 0;) {
    const struct link *link = &nbest->link[step * nbest->most_paths + i];
    path[step] = nbest->ranked[step * nbest->width + link->choice];
    i = link->from;
  }
  return exp(log_probability);
}
