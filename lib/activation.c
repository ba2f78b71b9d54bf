/* The table of activations. */
#include "activation.h"

#include "vector.h"

typedef void vector_function(size_t count, const real *x, real *y);

static vector_function *const f[] = {
    [RNN_TANH] = rnn_vector_tanh, [RNN_LOGISTIC] = rnn_vector_logistic, [RNN_RELU] = rnn_vector_relu};
static vector_function *const times_f_gradient[] = {[RNN_TANH] = rnn_vector_tanh_gradient,
                                                    [RNN_LOGISTIC] = rnn_vector_logistic_gradient,
                                                    [RNN_RELU] = rnn_vector_relu_gradient};

void rnn_activation_forward(enum rnn_activation activation, size_t count, const real *a, real *s)
{
  f[activation](count, a, s);
}

void rnn_activation_backward(enum rnn_activation activation, size_t count, const real *s, real *ds)
{
  times_f_gradient[activation](count, s, ds);
}
