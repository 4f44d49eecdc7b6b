/*
 * tests/fuzz/fuzz.h
 *     What the fuzz targets share. Each is one file with one entry point, which libFuzzer calls in
 *     the preset `fuzz`, and replay.c on the files of a corpus in all others.
 */
#ifndef LK_TESTS_FUZZ_FUZZ_H
#define LK_TESTS_FUZZ_FUZZ_H

#include "parser/source.h"

/* LLVMFuzzerTestOneInput tries one input; the name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* lk_fuzz_source returns a source of an input, with a NUL behind it. */
struct lk_source *lk_fuzz_source(TALLOC_CTX *mem, const uint8_t *data, size_t size);

/* lk_fuzz_path returns a path that an input is read from until the next call. */
const char *lk_fuzz_path(const uint8_t *data, size_t size);

#endif
