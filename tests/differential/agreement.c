/*
 * tests/differential/agreement.c
 *     Comparing: see agreement.h.
 *
 * A server parses all of a simple query before it runs any of it. With a division by zero in front
 * a statement that the grammar takes is answered with 22012, another one with the reason for which
 * it is refused, and neither is run.
 */
#include "tests/differential/agreement.h"

#include <regex.h>

#include "parser/base/file.h"
#include "parser/base/text.h"
#include "rules/features.h"

#define DIVISION_BY_ZERO "22012"

/* Why the server alone may take a statement; the patterns are extended regular expressions, any
 * case. */
static const struct {
    int since; /* servers older than this major */
    const char *statement;
    const char *message;
    const char *reason;
} reasons[] = {
#define LK_THEIRS(since, statement, message, reason) {since, statement, message, reason},
#include "tests/differential/reasons.def"
#undef LK_THEIRS
};

static bool
matches(const char *text, const char *pattern)
{
    regex_t regex;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        LK_BUG("bad pattern: %s", pattern);
    bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static void
explain(struct lk_disagreement *it, int major)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(reasons) && it->reason == NULL; i++) {
        if (major >= reasons[i].since || !matches(it->text, reasons[i].statement) ||
            !matches(it->message, reasons[i].message))
            continue;
        it->reason = reasons[i].reason;
        it->since = reasons[i].since;
    }
}

/* asked_of returns what of a source the server is asked about for a statement. */
static struct lk_span
asked_of(const struct lk_script *script, const struct lk_statement *statement)
{
    struct lk_span span = statement->span;
    bool closed =
        statement->region.end > span.end && script->source->text[statement->region.end - 1] == ';';

    /* cut where a semicolon is missing: the statement alone is complete, but not what stands there
     */
    if (statement->error != NULL && !closed && statement->index + 1 < script->statements.count)
        span.end = script->statements.items[statement->index + 1].span.end;
    return span;
}

/* ask has the server parse a text; returns the SQLSTATE, and the message if it is refused. */
static const char *
ask(TALLOC_CTX *mem, PGconn *pg, const char *text, const char **message)
{
    char *query LK_CLEANUP(lk_mem_cleanup) = lk_fmt(NULL, "SELECT 1/0;\n%s", text);
    PGresult *result = PQexec(pg, query);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (sqlstate == NULL)
        LK_BUG("no answer to %s: %s", text, PQerrorMessage(pg));
    sqlstate = lk_strdup(mem, sqlstate);
    *message = lk_strdup(mem, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    return sqlstate;
}

/*
 * newest_of returns what the linter says that this version does not take of a statement; where that
 * is more than one thing, what its parser refuses goes first. NULL: nothing.
 */
static const struct lk_feature *
newest_of(TALLOC_CTX *mem, const struct lk_source *source, const struct lk_statement *statement,
          int major)
{
    struct lk_feature_uses uses = {0};
    const struct lk_feature *newest = NULL;

    lk_features_newer(mem, source, statement, major, &uses);
    lk_vec_foreach(use, &uses.items)
        if (newest == NULL ||
            (newest->kind != LK_FEATURE_SYNTAX && use->feature->kind == LK_FEATURE_SYNTAX))
            newest = use->feature;
    return newest;
}

static void
compare(TALLOC_CTX *mem, struct lk_agreement *agreement, PGconn *pg, struct lk_script *script,
        size_t index)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_tally *tally = lk_vec_last(&agreement->tallies);
    bool ours = lk_script_tree(script, index) != NULL;
    const struct lk_statement *statement = &script->statements.items[index];
    struct lk_span span = asked_of(script, statement);
    char *text = lk_strndup(scratch, script->source->text + span.start, span.end - span.start);
    const char *message;
    const char *sqlstate = ask(scratch, pg, text, &message);
    bool theirs = strcmp(sqlstate, DIVISION_BY_ZERO) == 0;

    const struct lk_feature *newer =
        ours ? newest_of(scratch, script->source, statement, agreement->major) : NULL;
    bool alarm = theirs && newer != NULL && newer->kind == LK_FEATURE_SYNTAX;

    tally->statements++;
    tally->taken += ours && theirs;
    tally->refused += !ours && !theirs;
    tally->ours += ours && !theirs;
    tally->theirs += theirs && !ours;
    tally->alarms += alarm;
    if (ours == theirs && !alarm)
        return;
    struct lk_disagreement *it = lk_vec_add(mem, &agreement->disagreements);
    it->file = script->source->path;
    it->line = lk_source_position(script->source, span.start).line;
    it->ours = ours;
    it->alarm = alarm;
    it->sqlstate = lk_strdup(mem, sqlstate);
    it->message = lk_strdup(mem, alarm ? newer->what : ours ? message : statement->error);
    it->text = lk_strdup(mem, text);
    if (newer != NULL && !alarm) {
        it->reason = newer->what; /* a table's: it stays */
        it->since = newer->major;
    } else if (theirs && !ours) {
        explain(it, agreement->major);
    }
}

static void
compare_file(TALLOC_CTX *mem, struct lk_agreement *agreement, PGconn *pg, const char *from,
             const struct lk_inputs *file)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_error err = {0};
    struct lk_source *source = lk_source_read(scratch, file->folder, &err);

    if (source == NULL)
        LK_BUG("%s", err.message);
    if (source->invalid < source->size)
        return;
    source->path = file->name;
    lk_source_mask(source, &(struct lk_values){0}, false, agreement->major);
    struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, source->size});
    if (agreement->tallies.count == 0 ||
        strcmp(lk_vec_last(&agreement->tallies)->source, from) != 0)
        lk_vec_add(mem, &agreement->tallies)->source = from;
    lk_vec_last(&agreement->tallies)->files++;
    for (size_t i = 0; i < script->statements.count; i++)
        compare(mem, agreement, pg, script, i);
}

/*
 * add_below compares the files of a folder, which belong to `source`; at `depth` 0 each folder in
 * it is a source of its own.
 */
static void
add_below(TALLOC_CTX *mem, struct lk_agreement *agreement, PGconn *pg, const char *source,
          const struct lk_inputs *inputs, unsigned depth)
{
    struct lk_listing listing;
    struct lk_error err = {0};

    if (!lk_directory_list(mem, inputs->folder, &listing, &err))
        LK_BUG("%s", err.message);
    for (size_t i = 0; i < 2 * listing.entries.count; i++) { /* its own files first */
        const struct lk_entry *entry = &listing.entries.items[i % listing.entries.count];
        struct lk_inputs below = {lk_path_join(mem, inputs->name, entry->name),
                                  lk_path_join(mem, inputs->folder, entry->name)};
        if (entry->directory != (i >= listing.entries.count))
            continue;
        if (entry->directory)
            add_below(mem, agreement, pg, depth == 0 ? below.name : source, &below, depth + 1);
        else if (lk_ends_with(entry->name, ".sql"))
            compare_file(mem, agreement, pg, source, &below);
    }
}

void
lk_agreement_add(TALLOC_CTX *mem, struct lk_agreement *agreement, PGconn *pg,
                 const struct lk_inputs *inputs)
{
    add_below(mem, agreement, pg, inputs->name, inputs, 0);
}
