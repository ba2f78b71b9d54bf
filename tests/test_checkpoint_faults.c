/* Whatever a disk refuses, and wherever the power fails, the checkpoint that loads is the old one or the new one. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint.h"
#include "fault.h"
#include "file_case.h"
#include "memory.h"

enum { NUMBERS = 60000 };

static struct rnn_error error;

/* A state of one number and many, all of its generation, and its checkpoint. */
struct state {
  struct rnn_model *model;
  struct rnn_checkpoint *checkpoint;
  uint64_t generation;
  real *number; /* [NUMBERS] */
  struct rnn_parts parts;
};

static struct state open_state(const char *path)
{
  struct state it = {.model = file_model(&(struct model_case){.task = RNN_TAG, .cell = "elman"})};
  it.number = malloc(NUMBERS * sizeof(real));
  cr_assert_eq(rnn_checkpoint_open(&it.checkpoint, path, it.model, 1, &error), RNN_OK, "%s", error.text);
  return it;
}

/* The list points into the state, so it is made where the state stays. */
static const struct rnn_parts *parts_of(struct state *it)
{
  it->parts.count = 0;
  cr_assert_eq(rnn_parts_add_count(&it->parts, "now", "generation", &it->generation, &error), RNN_OK);
  cr_assert_eq(rnn_parts_add(&it->parts, "now", "number", RNN_PART_REAL, NUMBERS, it->number, &error), RNN_OK);
  return &it->parts;
}

static void close_state(struct state *it)
{
  rnn_checkpoint_close(it->checkpoint);
  rnn_model_free(it->model);
  free(it->number);
}

static real number_of(uint64_t generation, size_t i)
{
  uint32_t bits = (uint32_t)(generation * 2654435761U + i * 2246822519U);
  return (real)(bits ^ bits >> 15) / (real)4294967296.0;
}

static enum rnn_status save(struct state *it, uint64_t generation)
{
  it->generation = generation;
  for (size_t i = 0; i < NUMBERS; i++)
    it->number[i] = number_of(generation, i);
  return rnn_checkpoint_save(it->checkpoint, it->model, parts_of(it), &error);
}

/* The generation that loads, every number of it right; 0 for none. */
static uint64_t load(struct state *it)
{
  enum rnn_generation which;
  const char *damage;
  memset(it->number, 0, NUMBERS * sizeof(real));
  it->generation = 0;
  cr_assert_eq(rnn_checkpoint_load(it->checkpoint, it->model, parts_of(it), &which, &damage, &error), RNN_OK, "%s",
               error.text);
  for (size_t i = 0; i < NUMBERS && which != RNN_GENERATION_NONE; i++)
    cr_assert_eq(it->number[i], number_of(it->generation, i), "number %zu of generation %lu", i,
                 (unsigned long)it->generation);
  return it->generation;
}

/* ---- calls that fail ---- */

Test(checkpoint_faults, any_call_that_fails_leaves_the_old_or_the_new, .timeout = 120)
{
  static const int whats[] = {ENOSPC, EIO, EDQUOT, EINTR, FAULT_SHORT};
  static const enum fault_call calls[] = {FAULT_OPEN,   FAULT_WRITE, FAULT_FSYNC, FAULT_CLOSE,
                                          FAULT_RENAME, FAULT_LINK,  FAULT_UNLINK};
  size_t cases = 0, failed = 0;
  struct state it = open_state(file_path("faults.ckpt"));
  uint64_t last = 1;
  cr_assert_eq(save(&it, last), RNN_OK);
  cr_assert_eq(save(&it, ++last), RNN_OK);
  for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++)
    for (size_t w = 0; w < sizeof whats / sizeof whats[0]; w++)
      for (int forever = 0; forever < 2; forever++) {
        if (whats[w] == EINTR && forever)
          continue; /* a call that is interrupted for ever is one that hangs */
        for (long at = 1;; at++) {
          fault_arm("", calls[c], whats[w], at, forever);
          enum rnn_status status = save(&it, last + 1);
          long made = fault_count(calls[c]);
          fault_disarm();
          if (made < at)
            break;
          cases++;
          failed += status != RNN_OK;
          uint64_t found = load(&it);
          cr_assert(found == last + 1 || (found == last && status != RNN_OK), "call %zu, %d at %ld: %lu", c, whats[w],
                    at, (unsigned long)found);
          cr_assert(status == RNN_OK || status == RNN_WRITE_FAILED || status == RNN_CANNOT_CREATE, "%d", status);
          if (whats[w] == FAULT_SHORT || (whats[w] == EINTR && calls[c] <= FAULT_CLOSE && calls[c] != FAULT_OPEN))
            cr_assert_eq(status, RNN_OK, "call %zu, %d at %ld: %s", c, whats[w], at, error.text);
          last = found;
          cr_assert(calls[c] == FAULT_UNLINK || access(file_path("faults.ckpt.new"), F_OK) != 0,
                    "a file is left behind");
        }
      }
  cr_assert_gt(failed, 40);
  cr_assert_gt(cases, 80);
  cr_log_info("%zu cases, %zu saves failed", cases, failed);
  cr_assert_eq(save(&it, last + 1), RNN_OK); /* and all is well again */
  cr_assert_eq(load(&it), last + 1);
  close_state(&it);
}

/* ---- power that fails ---- */

enum { MOST_FILES = 8, MOST_EVENTS = 256 };

/* A disk: what files hold, as written and as synced; which names they have, as given and as synced. */
struct content {
  char *bytes;
  size_t size;
};
struct disk {
  struct content written[MOST_FILES], synced[MOST_FILES];
  size_t files;
  struct name {
    char path[256];
    size_t file;
    bool there;
  } name[MOST_FILES], synced_name[MOST_FILES];
  size_t names, synced_names;
};

static struct {
  struct fault_event event[MOST_EVENTS];
  size_t count;
} record;

static void remember(const struct fault_event *event)
{
  struct fault_event *kept = &record.event[record.count++];
  cr_assert_leq(record.count, MOST_EVENTS);
  *kept = *event;
  kept->path = strdup(event->path);
  kept->other = event->other == NULL ? NULL : strdup(event->other);
  if (event->bytes != NULL) {
    void *copy = malloc(event->size);
    memcpy(copy, event->bytes, event->size);
    kept->bytes = copy;
  }
}

static void forget(void)
{
  for (size_t i = 0; i < record.count; i++) {
    free((void *)record.event[i].path);
    free((void *)record.event[i].other);
    free((void *)record.event[i].bytes);
  }
  record.count = 0;
}

static struct name *find(struct disk *disk, const char *path)
{
  for (size_t i = 0; i < disk->names; i++)
    if (strcmp(disk->name[i].path, path) == 0)
      return &disk->name[i];
  struct name *fresh = &disk->name[disk->names++];
  cr_assert_leq(disk->names, MOST_FILES);
  *fresh = (struct name){.there = false};
  snprintf(fresh->path, sizeof fresh->path, "%s", path);
  return fresh;
}

static void assign(struct content *to, const struct content *from)
{
  free(to->bytes);
  *to = (struct content){.bytes = malloc(from->size + 1), .size = from->size};
  if (from->size > 0)
    memcpy(to->bytes, from->bytes, from->size);
}

/* A file that was there, on disk, before the save. */
static void put_file(struct disk *disk, const char *path)
{
  struct name *name = find(disk, path);
  size_t size;
  if (access(path, F_OK) != 0)
    return;
  name->file = disk->files++;
  name->there = true;
  char *bytes = file_read(path, &size);
  assign(&disk->written[name->file], &(struct content){bytes, size});
  assign(&disk->synced[name->file], &(struct content){bytes, size});
  free(bytes);
}

static void sync_names(struct disk *disk)
{
  memcpy(disk->synced_name, disk->name, sizeof disk->name);
  disk->synced_names = disk->names;
}

static void apply(struct disk *disk, const struct fault_event *event)
{
  struct name *name = find(disk, event->path);
  switch (event->call) {
  case FAULT_OPEN:
    cr_assert_lt(disk->files, MOST_FILES);
    name->file = disk->files++;
    name->there = true;
    break;
  case FAULT_WRITE: {
    struct content *content = &disk->written[name->file];
    content->bytes = realloc(content->bytes, content->size + event->size);
    memcpy(content->bytes + content->size, event->bytes, event->size);
    content->size += event->size;
    break;
  }
  case FAULT_FSYNC:
    if (name->there)
      assign(&disk->synced[name->file], &disk->written[name->file]);
    else
      sync_names(disk); /* the directory */
    break;
  case FAULT_RENAME:
  case FAULT_LINK: {
    struct name *to = find(disk, event->other);
    name = find(disk, event->path);
    to->file = name->file;
    to->there = true;
    name->there = event->call == FAULT_LINK;
    break;
  }
  case FAULT_UNLINK:
    name->there = false;
    break;
  default:
    break;
  }
}

enum { KEPT, DROPPED, ZEROED, GARBLED, HALF, UNSYNCED };

/* The files as they are found after the power failed: what was not synced became `data`, names as given or as synced.
 */
static void materialise(const struct disk *disk, const struct name *name, size_t names, int data)
{
  for (size_t i = 0; i < names; i++) {
    unlink(name[i].path);
    if (!name[i].there)
      continue;
    const struct content *written = &disk->written[name[i].file], *synced = &disk->synced[name[i].file];
    struct content found = {0};
    assign(&found, data == DROPPED ? synced : written);
    for (size_t b = synced->size; b < found.size; b++)
      if (data == ZEROED || data == GARBLED)
        found.bytes[b] = (char)(data == ZEROED ? 0 : b * 31 + 7);
    if (data == HALF && found.size > synced->size)
      found.size = synced->size + (found.size - synced->size) / 2;
    file_write(name[i].path, found.bytes, found.size);
    free(found.bytes);
  }
}

static void clear_disk(struct disk *disk)
{
  for (size_t i = 0; i < MOST_FILES; i++) {
    free(disk->written[i].bytes);
    free(disk->synced[i].bytes);
  }
}

static void make_disk(struct disk *disk, const char *const *path, size_t paths, size_t events)
{
  *disk = (struct disk){.files = 0};
  for (size_t i = 0; i < paths; i++)
    put_file(disk, path[i]);
  sync_names(disk);
  for (size_t i = 0; i < events; i++)
    apply(disk, &record.event[i]);
}

Test(checkpoint_faults, power_that_fails_anywhere_leaves_the_old_or_the_new, .timeout = 120)
{
  char path[4][200], before[3][200];
  static const char *const ends[] = {"", ".previous", ".new"};
  const char *names[3];
  for (int i = 0; i < 3; i++) {
    snprintf(path[i], sizeof path[i], "%s%s", file_path("power.ckpt"), ends[i]);
    snprintf(before[i], sizeof before[i], "%s%s", file_path("before.ckpt"), ends[i]);
    names[i] = path[i];
  }
  for (uint64_t old = 0; old < 3; old++) { /* without an earlier one, with one, with two */
    for (int i = 0; i < 3; i++)
      unlink(path[i]);
    struct state it = open_state(path[0]);
    for (uint64_t generation = 1; generation <= old; generation++)
      cr_assert_eq(save(&it, generation), RNN_OK);
    struct disk start;
    make_disk(&start, names, 3, 0);
    fault_arm("", FAULT_OPEN, 0, 0, false);
    fault_tell(remember);
    cr_assert_eq(save(&it, old + 1), RNN_OK);
    fault_tell(NULL);
    fault_disarm();
    cr_assert_geq(record.count, 5);
    size_t cases = 0, new_ones = 0;
    for (size_t events = 0; events <= record.count; events++)
      for (int data = KEPT; data < UNSYNCED; data++)
        for (int synced_names = 0; synced_names < 2; synced_names++) {
          struct disk disk = {.files = 0};
          materialise(&start, start.name, start.names, KEPT);
          make_disk(&disk, names, 3, events);
          for (int i = 0; i < 3; i++)
            unlink(path[i]);
          materialise(&disk, synced_names ? disk.synced_name : disk.name, synced_names ? disk.synced_names : disk.names,
                      data);
          clear_disk(&disk);
          uint64_t found = load(&it);
          cr_assert(found == old || found == old + 1, "after %zu of %zu calls, data %d, names %d: %lu instead of %lu",
                    events, record.count, data, synced_names, (unsigned long)found, (unsigned long)old);
          cr_assert(events < record.count || found == old + 1, "a save that answered is there");
          new_ones += found == old + 1;
          cases++;
        }
    cr_log_info("%zu states, %zu load the new one", cases, new_ones);
    forget();
    cr_assert_gt(new_ones, 5);
    cr_assert_geq(cases, 60);
    clear_disk(&start);
    close_state(&it);
  }
}
