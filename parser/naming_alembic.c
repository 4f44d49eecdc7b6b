/*
 * parser/naming_alembic.c
 *     Alembic: 1975ea83b712_add_users.py, programs that name the revision they follow.
 *
 * The names are the project's to choose (file_template); what makes a file a migration is the
 * down_revision in it.
 */
#include "parser/base/text.h"
#include "parser/naming.h"

static const char *const programs[] = {".py", NULL};

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    const char *underscore = strchr(path, '_');

    (void)problem;
    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".py") || underscore == NULL ||
        underscore == path)
        return LK_NAME_OTHER;
    ret->kind = LK_KIND_VERSIONED;
    ret->version = (struct lk_version){
        .text = lk_strndup(mem, path, (size_t)(underscore - path)),
        .by_text = true,
    };
    ret->description = lk_description(mem, underscore + 1, path + strlen(path) - strlen(".py"));
    return LK_NAME_VALID;
}

static bool
has_marks(const struct lk_source *source)
{
    return lk_starts_with(source->text, "down_revision") ||
           memmem(source->text, source->size, "\ndown_revision", strlen("\ndown_revision")) != NULL;
}

const struct lk_naming lk_naming_alembic = {
    .name = "alembic",
    .summary = "<revision>_<description>.py",
    .example = "1975ea83b712_%s.py",
    .maker = "`alembic revision -m NAME`",
    .preference = 70,
    .tolerance = 90,
    .runner = LK_RUNNER_TRANSACTION,
    .programs = programs,
    .read = read_name,
    .marks = has_marks,
};
