/*
 * rules/wording.c
 *     The words of findings: see wording.h.
 */
#include "rules/wording.h"

#include "parser/secret.h"

/* change has each text that people read of a finding changed by a function. */
static void
change(struct lk_finding *finding, const char *(*with)(void *data, const char *text), void *data)
{
    const char **words[] = {&finding->message, &finding->detail, &finding->hint};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (*words[i] != NULL)
            *words[i] = with(data, *words[i]);
}

/* What texts are changed with. */
struct wording {
    TALLOC_CTX *mem;
    const struct lk_source *source;
    const struct lk_spans *secrets;
    const struct lk_stand_ins *stand_ins;
};

static const char *
hide(void *data, const char *text)
{
    struct wording *it = data;

    return lk_secrets_hide_known(it->mem, text, it->source->original, it->secrets);
}

static const char *
show(void *data, const char *text)
{
    struct wording *it = data;

    return lk_stand_ins_show(it->mem, it->stand_ins, text);
}

void
lk_wording_finish(const struct lk_check *check, size_t first, const struct lk_stand_ins *stand_ins)
{
    struct lk_findings *findings = check->findings;
    struct wording it = {check->mem, check->source, NULL, stand_ins};

    if (first == findings->items.count)
        return; /* nothing is looked for where nothing is said */
    if (check->source != NULL)
        it.secrets = lk_source_secrets(check->source);
    for (size_t i = first; i < findings->items.count; i++) {
        struct lk_finding *finding = &findings->items.items[i];
        if (it.secrets != NULL && it.secrets->items.count > 0)
            change(finding, hide, &it);
        if (stand_ins->items.count == 0)
            continue;
        change(finding, show, &it);
        lk_vec_foreach(object, &finding->objects)
            *object = show(&it, *object);
    }
}
