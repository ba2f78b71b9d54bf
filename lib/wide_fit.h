/* Training of the wide path (wide.h): logistic regression on n-grams that are scaled by their naive-Bayes log-count
 * ratios, one class against the rest (Wang, Manning 2012), by coordinate ascent in the dual (Yu, Huang, Lin 2011):
 *
 *   r[f] = log ((p + 1) / (P + 1)) - log ((q + 1) / (Q + 1))    p of the P texts of the class have f, q of the Q others
 *   v    = arg min  1/2 |v|^2 + C sum over i of w[i] log(1 + exp(-t[i] sum over f in i of r[f] v[f])),
 *   weight[f] = r[f] v[f]
 *
 * t[i] is +1 or -1, w[i] the weight that config.class_weights gives the label of text i.
 * The results do not depend on the number of threads. */
#ifndef RNN_WIDE_FIT_H
#define RNN_WIDE_FIT_H

#include "model.h"
#include "pool.h"

/* Fits a path to a labelled corpus in the numbers of `model`, whose config.wide says how many weights to keep, those
 * furthest from 0; they are numbers of 16 bits. N-grams of two texts and more count. *wide = NULL where there is
 * nothing to fit: one class, or no n-gram. Takes some 12 bytes for each n-gram of each text, of the first 2^25 of them.
 */
enum rnn_status rnn_wide_fit(struct rnn_wide **wide, const struct rnn_model *model, const struct rnn_corpus *corpus,
                             struct rnn_pool *pool, struct rnn_error *error) RNN_MUST_CHECK;

/* What the two paths answer together, for a measure. */
struct rnn_wide_report {
  size_t texts;
  double nats, accuracy; /* a text */
};

/* Finds the two shares under which the labels of `corpus` (in the model's numbers, not trained on) are most probable,
 * by Newton's method; `model` is without the path. */
enum rnn_status rnn_wide_calibrate(struct rnn_wide *wide, const struct rnn_model *model,
                                   const struct rnn_corpus *corpus, struct rnn_pool *pool,
                                   struct rnn_wide_report *report, struct rnn_error *error) RNN_MUST_CHECK;

#endif
