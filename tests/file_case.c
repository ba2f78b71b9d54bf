/* Files and models for the tests of the formats. */
#include "file_case.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "memory.h"

static char directory[128];

static void remove_directory(void)
{
  DIR *list = opendir(directory);
  char path[512];
  for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    if (entry->d_name[0] != '.')
      unlink(path);
  }
  if (list != NULL)
    closedir(list);
  rmdir(directory);
}

const char *file_path(const char *name)
{
  static char path[8][256];
  static size_t next;
  if (directory[0] == '\0') {
    const char *root = getenv("TMPDIR");
    if (root == NULL)
      root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(directory, sizeof directory, "%s/rnn-file.XXXXXX", root);
    cr_assert_not_null(mkdtemp(directory));
    atexit(remove_directory);
  }
  next = (next + 1) % 8;
  snprintf(path[next], sizeof path[next], "%s/%s", directory, name);
  return path[next];
}

void file_write(const char *path, const void *bytes, size_t size)
{
  unlink(path); /* to cut a file that many models are mapped from takes long */
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file, "%s", path);
  cr_assert_eq(fwrite(bytes, 1, size, file), size);
  cr_assert_eq(fclose(file), 0);
}

char *file_read(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  cr_assert_not_null(file, "%s", path);
  cr_assert_eq(fseek(file, 0, SEEK_END), 0);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  cr_assert_eq(fread(bytes, 1, *size, file), *size);
  bytes[*size] = '\0';
  fclose(file);
  return bytes;
}

char *file_pack_as(const void *bytes, size_t size, bool checksum, bool content_size, int window_log, size_t *packed)
{
  size_t bound = ZSTD_compressBound(size);
  char *block = malloc(bound);
  ZSTD_CCtx *context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, content_size);
  if (window_log > 0)
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  *packed = ZSTD_compress2(context, block, bound, bytes, size);
  cr_assert(!ZSTD_isError(*packed));
  ZSTD_freeCCtx(context);
  return block;
}

char *file_pack(const void *bytes, size_t size, size_t *packed)
{
  return file_pack_as(bytes, size, true, true, 0, packed);
}

char *file_pack_zeros(size_t size, size_t *packed)
{
  static const char zeros[1 << 16];
  size_t bound = ZSTD_compressBound(size) / 64;
  char *block = malloc(bound);
  ZSTD_CCtx *context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setPledgedSrcSize(context, size);
  ZSTD_outBuffer out = {.dst = block, .size = bound};
  for (size_t left = size, rest = 1; rest > 0;) {
    ZSTD_inBuffer in = {.src = zeros, .size = left < sizeof zeros ? left : sizeof zeros};
    left -= in.size;
    rest = ZSTD_compressStream2(context, &out, &in, left > 0 ? ZSTD_e_continue : ZSTD_e_end);
    cr_assert(!ZSTD_isError(rest) && in.pos == in.size);
    rest += left;
  }
  ZSTD_freeCCtx(context);
  *packed = out.pos;
  return block;
}

char *file_unpack(const void *bytes, size_t size, size_t *unpacked)
{
  *unpacked = (size_t)ZSTD_getFrameContentSize(bytes, size);
  char *block = malloc(*unpacked + 1);
  cr_assert_eq(ZSTD_decompress(block, *unpacked, bytes, size), *unpacked);
  return block;
}

/* ---- models ---- */

static struct rnn_vocabulary *make_vocabulary(const char *kind, size_t count)
{
  struct rnn_vocabulary *vocabulary;
  cr_assert_eq(rnn_vocabulary_create(&vocabulary, NULL), RNN_OK);
  for (size_t i = 0; i < count; i++) {
    char string[32];
    int32_t number;
    int length = snprintf(string, sizeof string, "%s%zu", kind, i);
    if (i == 1)
      string[0] = '\0';
    if (i == 2)
      string[0] = (char)0xFF;
    cr_assert_eq(rnn_vocabulary_add(vocabulary, string, i == 3 ? 0 : (size_t)length, &number, NULL), RNN_OK);
    rnn_vocabulary_add_frequency(vocabulary, number, i == 0 ? (uint64_t)1 << 40 : 7 * i);
  }
  return vocabulary;
}

/* Labels of two columns, the first one's behind. */
static void make_columns(struct rnn_model *model)
{
  static const char *const labels[] = {"a=", "a=x\xFF", "a=y", "b=x"};
  cr_assert_eq(rnn_vocabulary_create(&model->labels, NULL), RNN_OK);
  cr_assert(rnn_columns_read(&model->columns, "b,a"));
  for (size_t i = 0; i < 4; i++) {
    int32_t number;
    cr_assert_eq(rnn_vocabulary_add(model->labels, labels[i], strlen(labels[i]), &number, NULL), RNN_OK);
  }
}

static void make_parameters(struct rnn_model *model)
{
  struct rnn_shape shape;
  cr_assert_eq(rnn_shape_init(&shape, &model->config, model->task, model->symbols == NULL, rnn_model_inputs(model),
                              rnn_model_classes(model), NULL),
               RNN_OK);
  if (model->labels != NULL)
    cr_assert_eq(rnn_model_find_columns(model, NULL), RNN_OK);
  if (model->labels != NULL)
    cr_assert_eq(rnn_shape_add_columns(&shape, model->column, rnn_columns_count(&model->columns), NULL), RNN_OK);
  if (model->features != NULL)
    cr_assert_eq(rnn_shape_add_features(&shape, model->features->count, NULL), RNN_OK);
  cr_assert_eq(rnn_parameters_create(&model->parameters, &shape, NULL), RNN_OK);
  uint32_t state = 1;
  for (size_t i = 0; i < model->parameters->layout.count; i++) {
    state = state * 1664525U + 1013904223U;
    model->parameters->value[i] = (real)((float)(int32_t)state / 2147483648.0F);
  }
  for (size_t i = 0; model->parameters->frame.mean != NULL && i < shape.n; i++) {
    model->parameters->frame.mean[i] = (real)i / 4 - 1;
    model->parameters->frame.deviation[i] = (real)(i + 1) / 8;
  }
}

/* Some n-grams with weights that 16 bits hold. */
static struct rnn_wide *make_wide(const struct rnn_model *model)
{
  static const int32_t key[] = {0, 9, 1 << 20, INT32_MAX};
  enum { FEATURES = sizeof key / sizeof *key };
  struct rnn_wide *wide;
  cr_assert_eq(rnn_wide_create(&wide, model->symbols, model->text.level, rnn_model_classes(model), FEATURES, NULL),
               RNN_OK);
  memcpy(wide->key, key, sizeof key);
  for (size_t i = 0; i < FEATURES * wide->columns; i++)
    wide->weight[i] = (float)i / 8 - 1;
  for (size_t j = 0; j < wide->columns; j++)
    wide->bias[j] = (float)j - 0.3F;
  return wide;
}

struct rnn_model *file_model(const struct model_case *what)
{
  struct rnn_model *model;
  size_t width = what->joints ? 6 : what->width > 0 ? what->width : 5;
  cr_assert_eq(rnn_memory_new(&model, 1, sizeof *model, "a model", NULL), RNN_OK);
  rnn_config_init(&model->config);
  snprintf(model->config.cell, sizeof model->config.cell, "%s", what->cell);
  model->config.state = 3;
  if (what->joints) {
    model->config.joints = 3;
    model->config.motion = RNN_MOTION_VELOCITY;
    model->config.standardise = 1;
  }
  model->config.layers = what->layers > 0 ? what->layers : 1;
  model->config.embedding = what->one_hot ? 0 : 2;
  model->config.bidirectional = what->bidirectional;
  model->config.pooling = RNN_POOL_LAST;
  if (what->crf)
    model->config.output = RNN_OUTPUT_CRF;
  model->config.start = what->learned_start ? RNN_START_LEARNED : RNN_START_ZERO;
  model->task = what->task;
  model->unknown = what->unknown;
  model->text = what->frames ? (struct rnn_text){0} : (struct rnn_text){.level = RNN_LEVEL_CHAR, .lowercase = true};
  model->frame_width = what->frames ? width : 0;
  model->symbols = what->frames ? NULL : make_vocabulary("s", width);
  if (what->columns)
    make_columns(model);
  else
    model->labels = what->task == RNN_COMPLETE ? NULL : make_vocabulary("l", 4);
  model->config.features = what->features;
  if (what->features) {
    cr_assert_eq(rnn_memory_new(&model->features, 1, sizeof *model->features, "features", NULL), RNN_OK);
    cr_assert_eq(rnn_memory_new(&model->features->key, 3, sizeof(int32_t), "features", NULL), RNN_OK);
    model->features->count = 3;
    model->features->key[1] = 7;
    model->features->key[2] = INT32_MAX;
  }
  model->best_epoch = 2;
  model->train_sequences = 123456789012;
  model->train_steps = UINT64_MAX;
  model->data_digest = 0xABCDEF;
  make_parameters(model);
  if (what->wide)
    model->wide = make_wide(model);
  for (size_t i = 0; i < what->epochs; i++) {
    struct rnn_epoch epoch = {
        (uint32_t)i + 1, 100 * i, 1.5, i == 0 ? -NAN : 1.25, i == 0 ? (double)NAN : 0.5, 0.1, 2, 0.75};
    cr_assert_eq(rnn_model_add_epoch(model, &epoch, NULL), RNN_OK);
  }
  return model;
}
