/*
 * rules/fix.c
 *     Fixes as rules note them: see fix.h.
 */
#include "rules/fix.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/naming_write.h"
#include "parser/secret.h"
#include "rules/fix_private.h"
#include "rules/suggest.h"

const struct lk_fix *
lk_finding_fix(const struct lk_finding *finding)
{
    return finding->fix != NULL && !finding->fix->refused ? finding->fix : NULL;
}

static bool
has_secret(const char *text)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    return text != NULL && lk_secrets_find(scratch, text, strlen(text)).items.count > 0;
}

const struct lk_fix *
lk_finding_fix_shown(const struct lk_finding *finding)
{
    const struct lk_fix *fix = lk_finding_fix(finding);

    if (fix == NULL)
        return NULL;
    lk_vec_foreach(edit, &fix->edits)
        if (has_secret(edit->text))
            return NULL;
    lk_vec_foreach(file, &fix->files)
        if (has_secret(file->text))
            return NULL;
    return fix;
}

struct lk_fix *
lk_fix_of(struct lk_check *check, struct lk_finding *finding)
{
    const struct lk_migration *migration = check->migration;
    const struct lk_naming *naming = migration != NULL ? migration->folder->naming : NULL;

    if (finding->fix != NULL)
        return finding->fix;
    finding->fix = lk_new(check->mem, struct lk_fix);
    /* where a tool of its own has to be told of every change, or takes none */
    finding->fix->safe = naming == NULL || !naming->summed;
    finding->fix->refused =
        naming != NULL && naming->chained && migration->name.kind != LK_KIND_DRAFT;
    return finding->fix;
}

void
lk_fix_unsafe(struct lk_check *check, struct lk_finding *finding)
{
    lk_fix_of(check, finding)->safe = false;
}

void
lk_fix_refuse(struct lk_check *check, struct lk_finding *finding)
{
    lk_fix_of(check, finding)->refused = true;
}

/* ---- edits ---- */

/* in_file returns whether a span of the text at hand stands in the migration's own file, and where.
 */
static bool
in_file(struct lk_check *check, struct lk_span span, struct lk_span *ret)
{
    struct lk_place place = lk_source_place(check->source, span);

    *ret = place.span;
    return check->source->origin == NULL && place.file == lk_source_own(check->source) &&
           place.span.end - place.span.start == span.end - span.start;
}

void
lk_fix_replace(struct lk_check *check, struct lk_finding *finding, struct lk_span span,
               const char *text)
{
    struct lk_fix *fix = lk_fix_of(check, finding);
    struct lk_edit edit = {.seen = span, .text = lk_strdup(check->mem, text)};
    size_t at = fix->edits.count;

    fix->refused |= !in_file(check, span, &edit.span);
    lk_vec_push(check->mem, &fix->edits, edit);
    for (; at > 0 && fix->edits.items[at - 1].seen.start > span.start; at--)
        fix->edits.items[at] = fix->edits.items[at - 1];
    fix->edits.items[at] = edit;
}

void
lk_fix_insert(struct lk_check *check, struct lk_finding *finding, uint32_t at, const char *text)
{
    lk_fix_replace(check, finding, (struct lk_span){at, at}, text);
}

void
lk_fix_behind(struct lk_check *check, struct lk_finding *finding, const char *word,
              const char *text)
{
    const char *source = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(source, check->statement->span);
    struct lk_token token = lk_lex_code(&lexer);

    while (token.kind != LK_TOKEN_END && !lk_token_is(source, token, word))
        token = lk_lex_code(&lexer);
    if (token.kind == LK_TOKEN_END)
        lk_fix_refuse(check, finding);
    else
        lk_fix_insert(check, finding, token.span.end, text);
}

char *
lk_fix_text(TALLOC_CTX *mem, const struct lk_fix *fix, const struct lk_source *source,
            struct lk_span span)
{
    struct lk_buf buf = lk_buf_init(mem);
    uint32_t at = span.start;

    for (size_t i = 0; fix != NULL && i < fix->edits.count; i++) {
        const struct lk_edit *edit = &fix->edits.items[i];
        if (edit->seen.start < at || edit->seen.end > span.end)
            continue;
        lk_buf_add(&buf, lk_source_text(mem, source, (struct lk_span){at, edit->seen.start}));
        lk_buf_add(&buf, edit->text);
        at = edit->seen.end;
    }
    lk_buf_add(&buf, lk_source_text(mem, source, (struct lk_span){at, span.end}));
    return buf.data;
}

char *
lk_fix_statement(struct lk_check *check, const struct lk_finding *finding)
{
    return lk_fix_text(check->mem, finding->fix, check->source, check->statement->span);
}

void
lk_fix_rename(struct lk_check *check, struct lk_finding *finding, const char *script)
{
    struct lk_fix *fix = lk_fix_of(check, finding);

    fix->rename = lk_strdup(check->mem, script);
    fix->whole = true;
}

void
lk_fix_rename_undo(struct lk_check *check, struct lk_finding *finding,
                   const struct lk_migration *undo, const char *script)
{
    struct lk_fix *fix = lk_fix_of(check, finding);

    fix->undo = undo;
    fix->undo_rename = lk_strdup(check->mem, script);
}
