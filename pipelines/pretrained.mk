# The same experiment from a network that has first learnt to foresee the next word of a text without labels: included
# after rules.mk by Makefiles that have pretrain.yaml and pretrained.yaml, and say
#
#   $(pretrained)/words.seq.zst     how that text becomes a sequence stream; a rule, after this file
#   LABELLED, MEASURED, READ        the labelled data, the part to measure on, and options to read them; before it
#
# Result: OUT/pretrained/model.zst, OUT/pretrained/score.tsv.
LABELLED ?= $(OUT)/train.seq.zst
MEASURED ?= $(OUT)/valid.seq.zst
READ     ?=
pretrained := $(OUT)/pretrained

pretrained: $(pretrained)/score.tsv
	cat $<

$(pretrained)/language.zst: pretrain.yaml $(pretrained)/words.seq.zst
	$(BIN)rnn-train --config $< --valid none --checkpoint $(pretrained)/language.checkpoint --log $(pretrained)/language.log -o $@ $(pretrained)/words.seq.zst

$(pretrained)/model.zst: pretrained.yaml $(pretrained)/language.zst $(LABELLED) $(MEASURED)
	$(BIN)rnn-train --config $< --init $(pretrained)/language.zst $(READ) --valid $(MEASURED) --log $(pretrained)/train.log $(D) -o $@ $(LABELLED)

$(pretrained)/score.tsv: $(pretrained)/model.zst $(MEASURED)
	$(BIN)$(SCORE) -m $(pretrained)/model.zst $(READ) --test -o $@ $(MEASURED)

$(pretrained):
	mkdir -p $@

.PHONY: pretrained
