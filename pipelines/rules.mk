# From a corpus to a scored model: what the experiments share. Each says, before it includes this file,
#
#   TRAIN, VALID   the two parts of the corpus, in DATA
#   ENCODE         options of rnn-vocab: how the corpus becomes a sequence stream
#   SCORE          the program that tests the model on VALID, with its options
#
# and everything ends in OUT. Only what has changed is made again. D="-D state=64 -D seed=2" passes further settings, CONFIG= takes another configuration.
OUT ?= out
D   ?=
CONFIG ?= config.yaml

# The programs: those of this tree if they are built, else those of PATH.
here := $(dir $(lastword $(MAKEFILE_LIST)))
BIN  ?= $(dir $(firstword $(wildcard $(here)../build/bin/rnn-train $(here)../bin/rnn-train)))

ifndef DATA
$(error DATA is not set: make DATA=dir, see the first lines of this Makefile)
endif

all: $(OUT)/score.tsv
	cat $<

$(OUT)/train.seq.zst: $(TRAIN) | $(OUT)
	$(BIN)rnn-vocab $(ENCODE) -o $@ $<

$(OUT)/valid.seq.zst: $(VALID) | $(OUT)
	$(BIN)rnn-vocab $(ENCODE) -o $@ $<

$(OUT)/model.zst: $(CONFIG) $(OUT)/train.seq.zst $(OUT)/valid.seq.zst
	$(BIN)rnn-train --config $(CONFIG) --valid $(OUT)/valid.seq.zst --log $(OUT)/train.log $(D) -o $@ $(OUT)/train.seq.zst

$(OUT)/score.tsv: $(OUT)/model.zst $(OUT)/valid.seq.zst
	$(BIN)$(SCORE) -m $(OUT)/model.zst --test -o $@ $(OUT)/valid.seq.zst

$(OUT):
	mkdir -p $@

clean:
	rm -rf $(OUT)

.DELETE_ON_ERROR:
.PHONY: all clean
