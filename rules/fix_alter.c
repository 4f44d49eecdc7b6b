/*
 * rules/fix_alter.c
 *     Fixes of ALTER TABLE: its subcommands, and constraints in two steps. See fix.h.
 */
#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/fix_private.h"
#include "rules/suggest.h"

/* ---- parts of the statement ---- */

/* Where a run of tokens without a comment in it stands. */
struct run {
    struct lk_span span;
    bool open;
    bool alone; /* at the start of a line behind a comment's, and nothing comes in its place */
};

static void
replace_run(struct lk_check *check, struct lk_finding *finding, struct run *run, const char **text)
{
    const char *source = check->source->text;
    struct lk_span span = run->span;

    if (!run->open)
        return;
    if (run->alone && source[span.end + (source[span.end] == '\r')] == '\n') {
        while (source[span.start - 1] != '\n')
            span.start--;
        span.end += source[span.end] == '\r' ? 2 : 1;
    }
    lk_fix_replace(check, finding, span, *text);
    *text = "";
    run->open = false;
}

void
lk_fix_swap(struct lk_check *check, struct lk_finding *finding, struct lk_span span,
            const char *text)
{
    const char *source = check->source->text;
    struct lk_lexer lexer =
        lk_lexer_at(source, (struct lk_span){check->statement->span.start, span.end});
    struct lk_token token;
    struct run run = {0};
    uint32_t behind = check->statement->span.start;
    bool line_ends = false; /* the blanks in front end a comment's line: they have to stay */

    while ((token = lk_lex(&lexer)).kind != LK_TOKEN_END) {
        bool comment = token.kind == LK_TOKEN_COMMENT;
        if (token.span.start >= span.start && comment) {
            replace_run(check, finding, &run, &text);
        } else if (token.span.start >= span.start) {
            if (!run.open)
                run = (struct run){
                    .span.start = text[0] != '\0' || line_ends ? token.span.start : behind,
                    .alone = text[0] == '\0' && line_ends,
                    .open = true,
                };
            run.span.end = token.span.end;
        }
        line_ends = comment && source[token.span.start] == '-';
        behind = token.span.end;
    }
    replace_run(check, finding, &run, &text);
}

void
lk_fix_cut(struct lk_check *check, struct lk_finding *finding, struct lk_span span)
{
    lk_fix_swap(check, finding, span, "");
}

static const AlterTableStmt *
alter_of(const struct lk_check *check)
{
    return castNode(AlterTableStmt, check->statement->tree);
}

/* has_part returns whether `def` is what a subcommand adds, or a constraint of the column it adds.
 */
static bool
has_part(const AlterTableCmd *command, const void *def)
{
    ListCell *cell;

    if (command->def == def)
        return true;
    if (command->def == NULL || !IsA(command->def, ColumnDef))
        return false;
    foreach(cell, ((const ColumnDef *)command->def)->constraints)
        if (lfirst(cell) == def)
            return true;
    return false;
}

size_t
lk_fix_command(const struct lk_check *check, const void *def)
{
    ListCell *cell;
    size_t index = 0;

    foreach(cell, alter_of(check)->cmds) {
        if (has_part(lfirst_node(AlterTableCmd, cell), def))
            return index;
        index++;
    }
    LK_BUG("not a part of the statement at hand");
}

void
lk_fix_cut_command(struct lk_check *check, struct lk_finding *finding, size_t index)
{
    struct lk_span span = lk_alter_span(check, alter_of(check), index);

    if (index == 0)
        span.end = lk_alter_span(check, alter_of(check), 1).start;
    else
        span.start = lk_alter_span(check, alter_of(check), index - 1).end;
    lk_fix_cut(check, finding, span);
}

void
lk_fix_cut_part(struct lk_check *check, struct lk_finding *finding, const ColumnDef *definition,
                const Constraint *constraint)
{
    size_t index = lk_fix_command(check, constraint);

    /* where the column is there, the server adds nothing of all this */
    if (list_nth_node(AlterTableCmd, alter_of(check)->cmds, (int)index)->missing_ok)
        lk_fix_refuse(check, finding);
    lk_fix_cut(check, finding, lk_column_part_span(check, definition, constraint));
}

/* ---- constraints ---- */

void
lk_fix_wait(struct lk_check *check, struct lk_finding *finding, const char *constraint)
{
    const struct lk_fix_names names = lk_fix_names_of(check, constraint);

    if (check->nested != NULL || !lk_fix_can_wait(check, &names))
        lk_fix_refuse(check, finding);
}

void
lk_fix_need_free(struct lk_check *check, struct lk_finding *finding, const char *made)
{
    const struct lk_fix_names names = lk_fix_names_of(check, made);

    if (check->nested != NULL || finding->included || !lk_fix_is_free(check, &names))
        lk_fix_refuse(check, finding);
    lk_fix_of(check, finding)->front = lk_fix_made_need(check, &names);
}

void
lk_fix_validate(struct lk_check *check, struct lk_finding *finding, const char *name)
{
    lk_fix_follow(
        check, finding,
        &(struct lk_follow){
            .label = lk_fmt(check->mem, "validate %s", name),
            .sql = lk_fmt(check->mem, "%s VALIDATE CONSTRAINT %s;",
                          lk_alter_sql(check, alter_of(check)), lk_quote_ident(check->mem, name)),
        });
}

/* is_like returns whether two constraints may be given the same name, were they not in one
 * statement. */
static bool
is_like(const Constraint *a, const Constraint *b)
{
    return a->contype == b->contype && b->conname == NULL &&
           (a->contype == CONSTR_CHECK ||
            (lk_pg_equal(a->fk_attrs, b->fk_attrs) && lk_pg_equal(a->keys, b->keys)));
}

/* has_like returns whether a subcommand adds a constraint like another one; those of a column are
 * called after it. */
static bool
has_like(const AlterTableCmd *command, const Constraint *constraint)
{
    bool same_column = has_part(command, constraint) || constraint->contype == CONSTR_CHECK;
    ListCell *cell;

    if (command->def == NULL)
        return false;
    if (IsA(command->def, Constraint))
        return (const void *)command->def != constraint &&
               is_like(constraint, (const Constraint *)command->def);
    if (!IsA(command->def, ColumnDef) || !same_column)
        return false;
    foreach(cell, ((const ColumnDef *)command->def)->constraints)
        if (lfirst(cell) != constraint && is_like(constraint, lfirst(cell)))
            return true;
    return false;
}

/* is_own_name returns whether no other constraint that the statement adds may be called so. */
static bool
is_own_name(const struct lk_check *check, const Constraint *constraint, const char *name)
{
    ListCell *cell;

    foreach(cell, alter_of(check)->cmds)
        if (has_like(lfirst_node(AlterTableCmd, cell), constraint))
            return false;
    return lk_adds_constraint(alter_of(check), name) == NULL;
}

void
lk_fix_name(struct lk_check *check, struct lk_finding *finding, const Constraint *constraint,
            const char *name)
{
    if (constraint->conname == NULL && !is_own_name(check, constraint, name))
        lk_fix_refuse(check, finding);
}

void
lk_fix_not_valid(struct lk_check *check, struct lk_finding *finding,
                 const struct Constraint *constraint, const char *name)
{
    size_t index = lk_fix_command(check, constraint);

    if (constraint->conname == NULL) {
        lk_fix_name(check, finding, constraint, name);
        lk_fix_insert(check, finding, lk_statement_offset(check->statement, constraint->location),
                      lk_fmt(check->mem, "CONSTRAINT %s ", lk_quote_ident(check->mem, name)));
    }
    lk_fix_insert(check, finding, lk_alter_span(check, alter_of(check), index).end, " NOT VALID");
    lk_fix_wait(check, finding, name);
    lk_fix_validate(check, finding, name);
}
