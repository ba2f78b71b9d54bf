#!/bin/sh
# Stands in the place of the tests in C where configure found no Criterion.
. "${RNN_SOURCE:-.}/tests/lib.sh"
skip_all "the tests in C need libcriterion-dev"
