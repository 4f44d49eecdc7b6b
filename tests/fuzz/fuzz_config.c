/*
 * tests/fuzz/fuzz_config.c
 *     Any text as lockkeeper.yml: read, or refused with a message.
 */
#include "cli/config.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_config *config = NULL;
    struct lk_error err = {0};

    if (!lk_config_load(mem, lk_fuzz_path(data, size), &config, &err) && err.message == NULL)
        LK_BUG("refused without a message");
    lk_error_clear(&err);
    if (config != NULL && config->url.text != NULL)
        lk_config_expand(mem, config, &config->url, &err);
    lk_error_clear(&err);
    talloc_free(mem);
    return 0;
}
