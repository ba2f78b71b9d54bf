/* Weights of a completion model as the start of a tagger or classifier (Dai, Le 2015): what it has learnt from text
 * without labels about symbols and their order. */
#ifndef RNN_PRETRAINED_H
#define RNN_PRETRAINED_H

#include "model.h"

/* Copies into the random parameters of `model` those of `pretrained`: of each symbol that both know, by its string, the
 * row of the embedding (one-hot: the column of layer0.U); of each layer's forward direction U, W and b, s_0 too, where
 * the sizes agree. The unknown symbol counts as one string. Everything else, and a backward direction, stays random.
 * Both are of symbols, with the same cell, d and e (rnn_config_check_start). */
void rnn_model_start_from(struct rnn_model *model, const struct rnn_model *pretrained);

#endif
