# What the experiments share. DATA: the folder of the corpus; OUT: where results go; D: further options, as D="-D state=64".
OUT ?= out
D   ?=

# The programs: those of this tree if they are built, else those of PATH.
here := $(dir $(lastword $(MAKEFILE_LIST)))
BIN  ?= $(dir $(firstword $(wildcard $(here)../build/bin/rnn-train $(here)../bin/rnn-train)))

ifndef DATA
$(error DATA is not set: make DATA=dir, see the first lines of this Makefile)
endif

.DELETE_ON_ERROR:
$(OUT):
	mkdir -p $@
