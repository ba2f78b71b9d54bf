/* Which steps of a sequence made a decision: what each x_t has to do with log p, p the probability of what was decided.
 *
 *   gradient times input   x_t . dlog p/dx_t
 *   integrated gradients   x_t . the mean of dlog p/dx_t along the way from x = 0 to x (Sundararajan, Taly, Yan 2017):
 *                          complete, the contributions of all steps add up to log p(x) - log p(0)
 *
 * x_t is the row of the embedding, the frame, or the one-hot vector that U reads; x = 0 is a sequence of as many steps
 * that the network knows nothing of. Of a tag in a chain (output: crf), p is its marginal. Where n-grams answer beside
 * the network (wide.h), p is that of both: the n-grams met go the same way, from none to all of their weights, and what
 * they add falls to the steps that they span (gradient_flow_grams.h), so that the sum is complete again.
 *
 * Of a sequence longer than config.max_steps the network reads a part, as in prediction: the other steps have nothing
 * to do with its decision, but their n-grams. */
#ifndef RNN_GRADIENT_FLOW_SALIENCY_H
#define RNN_GRADIENT_FLOW_SALIENCY_H

#include "gradient_flow.h"

struct rnn_saliency {
  size_t steps;
  double *gradient, *integrated; /* [steps] in nats */
  double *grams;                 /* [steps] what of `integrated` comes from n-grams; 0 without */
  int32_t decision;              /* a class */
  size_t t;                      /* the step it was made at: of RNN_CLASSIFY the last */
  double probability;            /* of it */
  double log_p, log_p_nothing;   /* log p(x), log p(0) */
  double gap;                    /* |sum of integrated - (log p(x) - log p(0))| */
  size_t points;                 /* at which the way was measured */
};

/* The decision is what the model would answer (of RNN_COMPLETE the most probable symbol but for the unknown one, stop
 * among them), or `decision` unless RNN_ABSENT; t counts for RNN_TAG and RNN_COMPLETE alone. The way is measured at
 * more and more points until the gap is below `most_gap` of the difference, or at 1,024. Targets of the sequence play
 * no part. Released with rnn_saliency_clear, whatever the answer. */
enum rnn_status rnn_saliency_find(struct rnn_saliency *saliency, const struct rnn_model *model,
                                  const struct rnn_sequence *sequence, size_t t, int32_t decision, double most_gap,
                                  struct rnn_error *error) RNN_MUST_CHECK;
void rnn_saliency_clear(struct rnn_saliency *saliency);

#endif
