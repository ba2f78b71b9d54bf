/* The one floating-point type of the network: float, or double in the build that proves the gradients. */
#ifndef RNN_REAL_H
#define RNN_REAL_H

#ifdef RNN_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#endif
