/* Everything a user may set about a network and its training, in one struct and one table of keys.
 *
 * The table gives the YAML file, the long options, -D KEY=VALUE, --print-config, the manual pages and the keys stored
 * in a model. Adding a key is one field here and one row in config.c. A value `auto` (RNN_AUTO) is decided by
 * rnn_config_resolve from the task and the corpus, so that the config written into a model is always explicit. */
#ifndef RNN_CONFIG_H
#define RNN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "sequence.h"

enum { RNN_AUTO = -1, RNN_FULL = 0, RNN_CELL_NAME_BYTES = 16 };

enum rnn_activation { RNN_TANH, RNN_LOGISTIC, RNN_RELU };
enum rnn_start { RNN_START_ZERO, RNN_START_LEARNED };
enum rnn_initial { RNN_INITIAL_UNIFORM, RNN_INITIAL_ORTHOGONAL, RNN_INITIAL_IDENTITY }; /* of W */
enum rnn_pooling { RNN_POOL_LAST, RNN_POOL_MEAN, RNN_POOL_MAX, RNN_POOL_MEAN_MAX, RNN_POOL_ATTENTION };
enum rnn_mirror { RNN_MIRROR_NONE, RNN_MIRROR_X, RNN_MIRROR_KINECT, RNN_MIRROR_MEDIAPIPE, RNN_MIRROR_COCO };
enum rnn_motion { RNN_MOTION_NONE, RNN_MOTION_VELOCITY, RNN_MOTION_ACCELERATION };
enum rnn_output_kind { RNN_OUTPUT_SOFTMAX, RNN_OUTPUT_CRF };
enum rnn_class_weights { RNN_WEIGHTS_NONE, RNN_WEIGHTS_BALANCED };
enum rnn_optimizer_kind { RNN_SGD, RNN_MOMENTUM, RNN_ADAM };
enum rnn_storage { RNN_STORAGE_FLOAT32, RNN_STORAGE_FLOAT16 };
enum rnn_schedule_kind { RNN_CONSTANT, RNN_LINEAR, RNN_COSINE, RNN_EXPONENTIAL, RNN_PLATEAU };

struct rnn_config {
  /* the network */
  char cell[RNN_CELL_NAME_BYTES]; /* a row of the table of cells, or "auto" */
  int activation;                 /* enum rnn_activation; of cells that leave the choice */
  int64_t state;                  /* d */
  int64_t layers;
  int bidirectional;   /* 0, 1 or RNN_AUTO */
  int residual;        /* 0, 1: layers above the first add their input to their output */
  int64_t embedding;   /* e, width of the embedding; 0: one-hot */
  int tied;            /* 0, 1: of completion V is the embedding */
  int features;        /* 0, 1 or RNN_AUTO: words are known by their spelling too */
  int start;           /* enum rnn_start: s_0 */
  int initial;         /* enum rnn_initial, or RNN_AUTO */
  double initial_gain; /* W is multiplied by it */
  int pooling;         /* enum rnn_pooling, or RNN_AUTO */
  int64_t joints;      /* what frames are (frame.h): numbers a joint, 3 or 4; 0: no joints */
  int motion;          /* enum rnn_motion: what is added to them */
  int standardise;     /* 0, 1 or RNN_AUTO: less their mean, divided by their deviation */
  int output;          /* enum rnn_output_kind, or RNN_AUTO */
  int64_t min_count;   /* rarer symbols become the unknown symbol */
  int64_t wide;        /* weights of n-grams beside the network (wide.h); 0: none */

  /* the training */
  int64_t max_steps; /* at most so many steps of a labelled sequence are read; 0: all */
  int kept;          /* enum rnn_kept: which of them */
  int64_t bptt;      /* RNN_FULL or tau, in steps */
  int optimizer;     /* enum rnn_optimizer_kind */
  double learning_rate, momentum, beta1, beta2, epsilon, weight_decay;
  int schedule; /* enum rnn_schedule_kind */
  double decay; /* exponential: factor an epoch; plateau: factor when validation does not improve */
  int64_t warmup_updates;
  double clip_norm; /* global norm of the gradient; 0: no clipping */
  int64_t batch;    /* sequences an update */
  int64_t epochs, patience;
  double max_time_sec; /* 0: no limit */
  double dropout;      /* what the next three are where they are RNN_AUTO */
  double dropout_input, dropout_layer, dropout_output;
  double word_dropout;                                               /* symbols replaced by the unknown symbol */
  double time_warp, frame_dropout, frame_noise, rotation, viewpoint; /* of frames (trainer_augment.h) */
  int mirror;                                                        /* enum rnn_mirror: of the same */
  int class_weights;                                                 /* enum rnn_class_weights: in the loss */
  double label_smoothing;                                            /* share of a target that all classes have alike */
  double other_columns;    /* weight of columns of tags after the first in the loss */
  double adversarial;      /* how far vectors are moved (adversary.h); 0: they are not */
  int64_t sampled_softmax; /* draws of classes a window; 0: training goes over all classes */
  double average;          /* decay of the averaged weights; 0: none */
  int storage;             /* enum rnn_storage: of the weights in the model */
  uint64_t seed;
};

enum rnn_key_type { RNN_KEY_TEXT, RNN_KEY_BOOL, RNN_KEY_INTEGER, RNN_KEY_REAL, RNN_KEY_CHOICE, RNN_KEY_DURATION };

struct rnn_key {
  const char *name; /* as in YAML; an option has '-' for '_' */
  enum rnn_key_type type;
  size_t offset;              /* of the field in struct rnn_config */
  const char *initial;        /* the default, as text: every default goes through the same parser */
  double least, most;         /* both included */
  const char *const *choices; /* NULL-terminated, for RNN_KEY_CHOICE */
  const char *zero;           /* a word that stands for 0 ("full", "none"), or NULL */
  bool automatic;             /* may be "auto": RNN_AUTO until rnn_config_resolve */
  const char *argument;       /* how --help names the value: N, RATE, ... */
  const char *help;           /* one line, with unit */
  const char *group;          /* "network" or "training" */
};

enum { RNN_CONFIG_TEXT_BYTES = 64 }; /* holds any value as text */

extern const struct rnn_key rnn_keys[]; /* ends with name = NULL */

void rnn_config_init(struct rnn_config *config); /* all defaults */

/* NULL where there is no such key; '-' and '_' are the same. */
const struct rnn_key *rnn_config_find_key(const char *name);
/* By edit distance, for "did you mean"; names that other tools use for a key ("hidden_size") count as that key. Never
 * NULL. */
const char *rnn_config_nearest_key(const char *name);

/* Parses `text` strictly (C locale, no trailing bytes, within range) into the field; RNN_BAD_CONFIG otherwise, with a
 * sentence that names the key, the value and what is allowed; an unknown key is answered with the nearest one. */
enum rnn_status rnn_config_set(struct rnn_config *config, const char *name, const char *text,
                               struct rnn_error *error) RNN_MUST_CHECK;

/* The value as text that rnn_config_set reads back exactly. text [size_bytes], RNN_CONFIG_TEXT_BYTES are enough;
 * answers text. */
const char *rnn_config_get(const struct rnn_config *config, const struct rnn_key *key, char *text, size_t size_bytes);

/* What `auto` is decided from. */
struct rnn_corpus_facts {
  enum rnn_task task;
  bool frames, words; /* frames, or symbols that are words (else characters or bytes) */
  bool pictures;      /* frames are the greys of pictures */
  size_t sequences, steps, symbols, labels;
  size_t joints; /* numbers a joint that the frames seem to have; 0: they seem to be no joints */
  bool spans;    /* labels of spans, BIO or BIOES */
  bool begun;    /* training starts with the weights of a completion model */
};

/* Replaces every RNN_AUTO; refuses what does not fit together (RNN_BAD_CONFIG). */
enum rnn_status rnn_config_resolve(struct rnn_config *config, const struct rnn_corpus_facts *facts,
                                   struct rnn_error *error) RNN_MUST_CHECK;

/* Does training change the sequences of frames that it reads (trainer_augment.h)? */
bool rnn_config_changes_frames(const struct rnn_config *config);

/* For training that goes on from a model: the keys of the network stay those of `old`. One that asks for something else
 * is RNN_BAD_CONFIG; `auto` does not. */
enum rnn_status rnn_config_keep_network(const struct rnn_config *old, struct rnn_config *config,
                                        struct rnn_error *error) RNN_MUST_CHECK;

/* For a tagger or classifier that starts with the weights of a completion model: the defaults, but for the keys that
 * shape those weights, which are as `pretrained` has them. And once the user has been heard: one of them that differs
 * is RNN_BAD_CONFIG. */
enum rnn_status rnn_config_start_from(const struct rnn_config *pretrained, struct rnn_config *config,
                                      struct rnn_error *error) RNN_MUST_CHECK;
enum rnn_status rnn_config_check_start(const struct rnn_config *pretrained, const struct rnn_config *config,
                                       struct rnn_error *error) RNN_MUST_CHECK;

#endif
