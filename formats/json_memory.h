/* Memory of the JSON library. Its reader takes a failed allocation for the end of a string here and for a mistake in
 * the text there, or ends the program: so it never sees one. Where memory runs out while it reads, the reading is given
 * up from the inside and what it took is released. */
#ifndef RNN_JSON_MEMORY_H
#define RNN_JSON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* What json_set_alloc_funcs is given, before anything else is done with the library. */
void *rnn_json_allocate(size_t size_bytes);
void rnn_json_release(void *block);

/* Calls work(context), which calls the library and takes no other memory; false where memory ran out. */
bool rnn_json_try(void (*work)(void *context), void *context);

#endif
