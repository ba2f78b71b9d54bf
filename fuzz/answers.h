/* What the targets do with a model that was let in. */
#ifndef FUZZ_ANSWERS_H
#define FUZZ_ANSWERS_H

#include "model.h"

/* Runs it on a few small sequences; models of wide frames are passed over. */
void fuzz_answers(const struct rnn_model *model);

#endif
