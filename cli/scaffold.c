/*
 * cli/scaffold.c
 *     The next migration of a folder: see scaffold.h.
 */
#include "cli/scaffold.h"

#include <ctype.h>
#include <strings.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/marker.h"
#include "rules/next_version.h"

/* ---- names in their parts ---- */

/* A script's name: prefix, version, separator, description, suffix. */
struct shape {
    const char *prefix, *version, *separator, *description, *suffix;
};

/* suffix_of returns where the ending of a script starts, which can be a file in a folder. */
static const char *
suffix_of(const char *script)
{
    static const char *const endings[] = {"/up.sql", "/down.sql", "/migration.sql",
                                          ".up.sql", ".down.sql", ".sql"};
    size_t length = strlen(script);

    for (size_t i = 0; i < LK_ARRAY_SIZE(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcasecmp(script + length - ending, endings[i]) == 0)
            return script + length - ending;
    }
    return script + length;
}

/* version_size returns how long the version at `at` is, as it is written. */
static size_t
version_size(const char *at, const char *version)
{
    size_t length = strlen(version);

    if (lk_version_length(version, true) < length) /* a whole name: the number in front of it */
        return strspn(at, "0123456789");
    for (size_t i = 0; i < length; i++)
        if (at[i] != version[i] && !(at[i] == '_' && version[i] == '.'))
            return strspn(at, "0123456789-"); /* written with dashes */
    return length;
}

/* take_apart reads a script whose version is known; false where that is no number. */
static bool
take_apart(TALLOC_CTX *mem, const char *script, const char *version, struct shape *ret)
{
    const char *suffix = suffix_of(script), *at = suffix;

    while (at > script && at[-1] != '/')
        at--;
    while (at < suffix && !isdigit((unsigned char)*at))
        at++;
    size_t length = at < suffix ? version_size(at, version) : 0;
    if (length == 0 || at + length > suffix)
        return false;
    const char *separator = at + length;
    const char *description = separator + strspn(separator, "_-. ");
    if (description > suffix)
        description = suffix;
    *ret = (struct shape){
        .prefix = lk_strndup(mem, script, (size_t)(at - script)),
        .version = lk_strndup(mem, at, length),
        .separator = lk_strndup(mem, separator, (size_t)(description - separator)),
        .description = lk_strndup(mem, description, (size_t)(suffix - description)),
        .suffix = lk_strdup(mem, suffix),
    };
    return true;
}

static char *
put_together(TALLOC_CTX *mem, const struct shape *shape)
{
    return lk_fmt(mem, "%s%s%s%s%s", shape->prefix, shape->version, shape->separator,
                  shape->description, shape->suffix);
}

/* ---- versions ---- */

/* first_version returns the version of the first migration, in the form of an example's. */
static char *
first_version(TALLOC_CTX *mem, const char *example, struct timespec now)
{
    char *time = lk_version_now(mem, example, now);

    return time != NULL ? time : lk_fmt(mem, "%0*d", (int)strlen(example), 1);
}

/* ---- the folder's habit ---- */

/* newest_of returns the migration of a kind with the highest version, or NULL. */
static const struct lk_migration *
newest_of(const struct lk_changelog *changelog, enum lk_migration_kind kind)
{
    const struct lk_migration *newest = NULL;

    for (size_t i = 0; changelog != NULL && i < changelog->migrations.count; i++) {
        const struct lk_migration *migration = &changelog->migrations.items[i];
        if (migration->name.kind == kind && migration->name.version.text != NULL &&
            (newest == NULL ||
             lk_version_compare(migration->name.version, newest->name.version) > 0))
            newest = migration;
    }
    return newest;
}

/* is_taken returns whether some file of the folder, of any kind, has a version already. */
static bool
is_taken(TALLOC_CTX *mem, const struct lk_changelog *changelog, const char *version)
{
    struct lk_version wanted = lk_version_new(mem, version, strlen(version));

    for (size_t i = 0; changelog != NULL && i < changelog->migrations.count; i++) {
        struct lk_version other = changelog->migrations.items[i].name.version;
        other.by_text = false;
        if (other.text != NULL && lk_version_compare(other, wanted) == 0)
            return true;
    }
    return false;
}

/* shape_of_next returns the parts of the new name but for its description, of which it is a model.
 */
static bool
shape_of_next(TALLOC_CTX *mem, const struct lk_changelog *changelog, const struct lk_naming *naming,
              struct timespec now, struct shape *ret)
{
    const struct lk_migration *newest = newest_of(changelog, LK_KIND_VERSIONED);

    if (newest != NULL) {
        if (!take_apart(mem, newest->script, newest->name.version.text, ret))
            return false;
        ret->version = lk_next_version(mem, ret->version, now);
        if (ret->separator[0] == '\0')
            ret->separator = naming->replaces ? "__" : "_"; /* Flyway's */
    } else {
        const char *problem; /* its %s is a description, too */
        struct lk_name name;
        if (naming->read(mem, naming->example, &name, &problem) != LK_NAME_VALID ||
            !take_apart(mem, naming->example, name.version.text, ret))
            return false;
        ret->version = first_version(mem, ret->version, now);
    }
    while (is_taken(mem, changelog, ret->version))
        ret->version = lk_version_increment(mem, ret->version);
    return true;
}

/* ---- descriptions ---- */

static bool
check_name(const char *name, struct lk_error *err)
{
    bool said = false;

    for (const char *at = name; *at != '\0'; at++) {
        bool letter = isalnum((unsigned char)*at) || (unsigned char)*at >= 0x80;
        said |= letter;
        if (letter || strchr("_- ", *at) != NULL)
            continue;
        lk_fail(err, LK_ERR_USAGE, "a name holds letters, digits, '_', '-' and blanks");
        return lk_error_hint(err, "Say what the migration does, as in \"add users\".");
    }
    if (said)
        return true;
    lk_fail(err, LK_ERR_USAGE, "the name of the migration is missing");
    return lk_error_hint(err, "Say what the migration does, as in `lockkeeper new \"add users\"`.");
}

/* describe writes a name as the folder's other ones are: blanks are '_' or '-'. */
static char *
describe(TALLOC_CTX *mem, const char *name, const char *model)
{
    bool dashes = strchr(model, '-') != NULL && strchr(model, '_') == NULL;
    char *text = lk_strdup(mem, name);

    for (char *at = text; *at != '\0'; at++)
        if (*at == ' ')
            *at = dashes ? '-' : '_';
    return text;
}

/* ---- the way back ---- */

/* down_of returns the name of the file that takes the new one back; NULL: there are none here. */
static char *
down_of(TALLOC_CTX *mem, const struct lk_changelog *changelog, const struct lk_naming *naming,
        const struct shape *up)
{
    const struct lk_migration *undo = newest_of(changelog, LK_KIND_UNDO);
    struct shape down, forth;

    if (undo == NULL && (naming->paired || strcmp(up->suffix, "/up.sql") == 0)) {
        down = *up;
        down.suffix = up->suffix[0] == '/' ? "/down.sql" : ".down.sql";
        return put_together(mem, &down);
    }
    if (undo == NULL || !take_apart(mem, undo->script, undo->name.version.text, &down))
        return NULL;
    const char *tail = "";
    lk_vec_foreach(other, &changelog->migrations)
        if (other->name.kind == LK_KIND_VERSIONED &&
            lk_version_compare(other->name.version, undo->name.version) == 0 &&
            take_apart(mem, other->script, other->name.version.text, &forth) &&
            lk_starts_with(down.description, forth.description))
            tail = down.description + strlen(forth.description);
    down.version = up->version;
    down.description = lk_fmt(mem, "%s%s", up->description, tail);
    return put_together(mem, &down);
}

/* line_of returns the line that starts a part, or NULL. */
static char *
line_of(TALLOC_CTX *mem, const struct lk_markers *markers, unsigned says)
{
    if (markers->proofs != NULL && markers->proofs[0] != NULL && markers->proofs[1] != NULL)
        return lk_strdup(mem, markers->proofs[says == LK_MARKER_DOWN]);
    for (const struct lk_marker *line = markers->lines; line->words != NULL; line++) {
        if (!(line->says & says))
            continue;
        char *text = lk_fmt(mem, "%s%s%s", markers->comment,
                            strchr(markers->gap, ' ') != NULL ? " " : "", line->words);
        for (char *at = text; (at = strchr(at, '~')) != NULL;)
            *at = ' ';
        return text;
    }
    return NULL;
}

/* text_of returns what stands in a new migration: its parts, and what it is about. */
static char *
text_of(TALLOC_CTX *mem, const struct lk_naming *naming, const char *name)
{
    struct lk_buf text = lk_buf_init(mem);
    char *up = naming->markers != NULL ? line_of(mem, naming->markers, LK_MARKER_UP) : NULL;
    char *down = naming->markers != NULL ? line_of(mem, naming->markers, LK_MARKER_DOWN) : NULL;

    if (up != NULL)
        lk_buf_addf(&text, "%s\n", up);
    lk_buf_addf(&text, "-- %s\n\n", name);
    if (down != NULL)
        lk_buf_addf(&text, "%s\n", down);
    return text.data;
}

/* ---- all of it ---- */

/* check_naming refuses conventions in which a migration is more than its files. */
static bool
check_naming(const struct lk_naming *naming, struct lk_error *err)
{
    bool listed = naming->order != NULL && naming->order != lk_order_by_name;

    if (!naming->chained && !listed && naming->programs == NULL)
        return true;
    lk_fail(err, LK_ERR_USAGE, "new migrations of %s are made by its own tool", naming->name);
    return lk_error_hint(err, "It keeps more than the files, and would not know of this one: %s.",
                         naming->maker);
}

static bool
cannot_name(const struct lk_naming *naming, const char *script, struct lk_error *err)
{
    lk_fail(err, LK_ERR_USAGE, "%s would be no name of a %s migration", script, naming->name);
    return lk_error_hint(err, "Names look like %s.", naming->summary);
}

/* check_order refuses a version that would not be the newest: 10 comes before 9 as text. */
static bool
check_order(const struct lk_changelog *changelog, const struct lk_naming *naming,
            const char *script, struct lk_version version, struct lk_error *err)
{
    const struct lk_migration *newest = newest_of(changelog, LK_KIND_VERSIONED);

    if (newest == NULL)
        return true;
    struct lk_version other = newest->name.version;
    other.rank = 0;
    if (lk_version_compare(version, other) > 0)
        return true;
    lk_fail(err, LK_ERR_USAGE, "%s would come before %s: %s goes by the names as text", script,
            newest->script, naming->name);
    return lk_error_hint(err, "Name the file by hand, with as many digits as sort behind.");
}

bool
lk_scaffold_next(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                 const struct lk_naming *naming, const char *name, struct timespec now,
                 struct lk_scaffold *ret, struct lk_error *err)
{
    struct shape shape;
    struct lk_name read = {.kind = LK_KIND_DRAFT};
    const char *problem = NULL;

    *ret = (struct lk_scaffold){0};
    if (!check_name(name, err) || !check_naming(naming, err))
        return false;
    if (!shape_of_next(mem, changelog, naming, now, &shape))
        return cannot_name(naming, name, err);
    shape.description = describe(mem, name, shape.description);
    char *script = put_together(mem, &shape);
    if (naming->read(mem, script, &read, &problem) != LK_NAME_VALID ||
        read.kind != LK_KIND_VERSIONED)
        return cannot_name(naming, script, err);
    if (!check_order(changelog, naming, script, read.version, err))
        return false;
    *lk_vec_add(mem, &ret->files) = (struct lk_scaffold_file){script, text_of(mem, naming, name)};
    char *down = down_of(mem, changelog, naming, &shape);
    if (down != NULL)
        *lk_vec_add(mem, &ret->files) =
            (struct lk_scaffold_file){down, lk_fmt(mem, "-- takes back: %s\n\n", name)};
    return true;
}
