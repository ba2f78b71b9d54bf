# Small data of each kind, and trainings that between them use every part of a model: for the tests that run all of it in
# some other way. To be sourced after lib.sh.
# shellcheck disable=SC2034,SC2086 # used by those who source this; lists of words

# make_samples DIRECTORY: in.tagged, in.reviews, in.joints, in.y4m there
make_samples() {
  printf 'ab\tX\nac\tY\n\nab\tX\nbc\tY\n\nac\tX\n\n' >"$1/in.tagged"
  awk 'BEGIN { for (i = 0; i < 24; i++) print (i % 2 ? "pos\tgood fine film " : "neg\tbad dull film ") int(i / 2) }' >"$1/in.reviews"
  awk 'BEGIN {
    for (s = 0; s < 6; s++) {
      print "# label: " (s % 2 ? "still" : "moves")
      for (t = 0; t < 5; t++)
        for (j = 0; j < 15; j++) printf "%g%s", j % 4 + j / 8 + t * (s % 2) / 4, j < 14 ? " " : "\n"
      print ""
    }
  }' >"$1/in.joints"
  awk 'BEGIN {
    print "YUV4MPEG2 W17 H13 F25:1 Cmono"
    for (t = 0; t < 3; t++) {
      print "FRAME"
      for (y = 0; y < 13; y++) for (x = 0; x < 17; x++) printf "%c", 40 + (x * 3 + y * (t + 1)) % 80
    }
  }' >"$1/in.y4m"
}

# One line each: the name of the model, then the options of its training.
sample_trainings='tagged --state 4 --epochs 2 -F columns --features --output crf --dropout 0.2
reviews --state 4 --epochs 2 --valid 0.2 --average 0.9 --patience 2 --word-dropout 0.1
joints --state 4 --epochs 2 --joints 3 --motion acceleration --standardise --time-warp 0.1 --frame-dropout 0.1 --rotation 10
y4m --state 4 --epochs 2 --pooling attention --label dance'

# And what is then asked.
sample_questions='rnn-tag -m tagged.zst -F columns in.tagged
rnn-classify -m reviews.zst --prob in.reviews
rnn-classify -m joints.zst in.joints
rnn-classify -m joints.zst --each=2 in.joints
rnn-classify -m y4m.zst --each=2 in.y4m'
