/*
 * parser/naming_write.c
 *     Names and files as their runners want them: see naming_write.h.
 */
#include "parser/naming_write.h"

#include <time.h>

#include "parser/atlas_file.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/marker.h"

#define LABEL_MAX 60 /* letters: names of files have an end, too */

static const char digits[] = "0123456789";

/* ---- outside a transaction ---- */

bool
lk_naming_has_off(const struct lk_naming *naming)
{
    return naming->off != NULL ||
           (naming->markers != NULL && lk_marker_option(naming->markers) != NULL);
}

bool
lk_naming_switch_off(TALLOC_CTX *mem, const struct lk_migration *migration,
                     const struct lk_source *source, struct lk_switch *ret)
{
    const struct lk_naming *naming = migration->folder->naming;

    *ret = (struct lk_switch){0};
    const char *option =
        naming != NULL && naming->markers != NULL ? lk_marker_option(naming->markers) : NULL;
    if (option != NULL) {
        ret->text = lk_fmt(mem, " %s", option);
        return lk_marker_up_end(source, naming->markers, &ret->at);
    }
    if (naming == NULL || naming->off == NULL)
        return false;
    ret->beside =
        naming->beside != NULL ? lk_naming_beside_path(mem, naming, migration->script) : NULL;
    bool on_top = lk_atlas_top(source->text) > 0; /* there is an empty line already */
    ret->text = lk_fmt(mem, "%.*s\n",
                       (int)(strlen(naming->off) - (on_top && lk_ends_with(naming->off, "\n"))),
                       naming->off);
    return true;
}

/* ---- names ---- */

/* Where the number stands in a name that changes from one version to the next. */
struct number {
    size_t at;
    size_t length;
};

/* component_of returns where the part of a path starts that bears the version. */
static const char *
component_of(const struct lk_naming *naming, const char *script)
{
    const char *slash = strchr(script, '/');

    if (slash == NULL || (!naming->subfolders && naming->homes == NULL))
        return script;
    return lk_path_base(script);
}

/*
 * number_of finds the last number of the version at the start of a name, which has `parts`; a date
 * with dashes in it counts as one.
 */
static bool
number_of(const char *name, size_t parts, struct number *ret)
{
    static const struct {
        size_t behind, width;
    } groups[] = {{0, 4}, {4, 2}, {7, 2}, {10, 6}}; /* 2024-01-31-120000 */
    size_t at = strcspn(name, digits);

    if (at > 1 || name[at] == '\0') /* a prefix is one letter */
        return false;
    for (size_t i = 1; i < parts; i++) {
        at += strspn(name + at, digits);
        if (strspn(name + at, "._") != 1 || strspn(name + at + 1, digits) == 0)
            return false;
        at++;
    }
    size_t length = strspn(name + at, digits);
    for (size_t group = 1; parts == 1 && group < LK_ARRAY_SIZE(groups); group++)
        if (length == groups[group].behind && name[at + length] == '-' &&
            strspn(name + at + length + 1, digits) == groups[group].width)
            length += 1 + groups[group].width;
    *ret = (struct number){at, length};
    return true;
}

/* later_date adds a second, a minute or a day to a date of 14, 12 or 8 digits; false: it is none.
 */
static bool
later_date(char *number, size_t length)
{
    char text[32] = {0};
    struct tm date = {0};
    const char *format = length == 14 ? "%Y%m%d%H%M%S" : length == 12 ? "%Y%m%d%H%M" : "%Y%m%d";

    if (length != 14 && length != 12 && length != 8)
        return false;
    memcpy(text, number, length);
    const char *end = strptime(text, format, &date);
    if (end == NULL || *end != '\0' || date.tm_year < 90 || date.tm_year > 199)
        return false;
    time_t next = timegm(&date) + (length == 14 ? 1 : length == 12 ? 60 : 24 * 60 * 60);
    gmtime_r(&next, &date);
    snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02d", date.tm_year + 1900, date.tm_mon + 1,
             date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
    memcpy(number, text, length);
    return true;
}

/* next_number returns the number that follows, as wide as that one if it fits; dashes stay. */
static char *
next_number(TALLOC_CTX *mem, const char *text, size_t length)
{
    struct lk_buf number = lk_buf_init(mem);
    struct lk_buf shaped = lk_buf_init(mem);

    for (size_t i = 0; i < length; i++)
        if (text[i] != '-')
            lk_buf_addc(&number, text[i]);
    if (!later_date(number.data, number.len)) {
        size_t at = number.len;
        while (at > 0 && number.data[at - 1] == '9')
            number.data[--at] = '0';
        if (at > 0)
            number.data[at - 1]++;
        else
            return lk_fmt(mem, "1%s", number.data);
    }
    for (size_t i = 0, k = 0; i < length; i++)
        lk_buf_addc(&shaped, text[i] == '-' ? '-' : number.data[k++]);
    return shaped.data;
}

static size_t
parts_of(const struct lk_migration *migration)
{
    return migration->name.version.by_text ? 1 : lk_version_parts(migration->name.version);
}

/* clean returns a label as names of files have it. */
static char *
clean(TALLOC_CTX *mem, const char *label, char separator)
{
    struct lk_buf words = lk_buf_init(mem);

    for (; *label != '\0' && words.len < LABEL_MAX; label++) {
        char c = *label >= 'A' && *label <= 'Z' ? (char)(*label - 'A' + 'a') : *label;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            lk_buf_addc(&words, c);
        else if (words.len > 0 && words.data[words.len - 1] != separator)
            lk_buf_addc(&words, separator);
    }
    if (words.len > 0 && words.data[words.len - 1] == separator)
        words.data[--words.len] = '\0';
    return words.data;
}

/* ending_of returns where the ending of a name starts: ".up.sql", "/up.sql", ".sql". */
static const char *
ending_of(const char *name)
{
    static const char *const endings[] = {".up.sql", ".down.sql", ".sql"};
    const char *slash = strchr(name, '/');
    size_t length = strlen(name);

    if (slash != NULL)
        return slash;
    for (size_t i = 0; i < LK_ARRAY_SIZE(endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcasecmp(name + length - ending, endings[i]) == 0)
            return name + length - ending;
    }
    return name + length;
}

static int
compare_paths(const void *a, const void *b)
{
    return lk_path_compare(*(const char *const *)a, *(const char *const *)b);
}

/* bears returns whether something of the changelog has a name now. */
static bool
bears(const struct lk_changelog *changelog, const struct lk_folder *folder, const char *script)
{
    lk_vec_foreach(other, &changelog->migrations)
        if (other->folder == folder && strcmp(other->script, script) == 0)
            return true;
    lk_vec_foreach(stray, &changelog->strays)
        if (stray->folder == folder && strcmp(stray->script, script) == 0)
            return true;
    return false;
}

bool
lk_naming_is_taken(const struct lk_changelog *changelog, const struct lk_folder *folder,
                   const char *script)
{
    char *path LK_CLEANUP(lk_mem_cleanup) = NULL;

    if (bsearch(&script, folder->files.paths.items, folder->files.paths.count, sizeof(script),
                compare_paths) != NULL)
        return bears(changelog, folder, script);
    path = lk_path_join(NULL, folder->path, script);
    return lk_file_exists(path);
}

/* unranked returns a version as the name says it, without its place in the order. */
static struct lk_version
unranked(struct lk_version version)
{
    version.rank = 0;
    return version;
}

/*
 * next_of returns the versioned migration that comes behind this one in its folder, or NULL; for
 * one that is not of the changelog, `migration` has the place of another one in front of it.
 */
static const struct lk_migration *
next_of(const struct lk_changelog *changelog, const struct lk_migration *migration)
{
    for (size_t i = migration->ordinal; i < changelog->migrations.count; i++) {
        const struct lk_migration *other = &changelog->migrations.items[i];
        if (other->folder == migration->folder && other->name.kind == LK_KIND_VERSIONED &&
            lk_version_compare(unranked(other->name.version), unranked(migration->name.version)) >
                0)
            return other;
    }
    return NULL;
}

/* is_free returns whether a name would be that of the next migration behind `migration`. */
static bool
is_free(TALLOC_CTX *mem, const struct lk_changelog *changelog, const struct lk_migration *migration,
        const char *script)
{
    const struct lk_folder *folder = migration->folder;
    const struct lk_migration *next = next_of(changelog, migration);
    const char *problem = NULL;
    struct lk_name name = {0};

    if (folder->naming->read(mem, script, &name, &problem) != LK_NAME_VALID ||
        name.kind != LK_KIND_VERSIONED ||
        lk_version_compare(name.version, unranked(migration->name.version)) <= 0)
        return false;
    return (next == NULL || lk_version_compare(unranked(next->name.version), name.version) > 0) &&
           !lk_naming_is_taken(changelog, folder, script);
}

/* script_behind returns the name of a migration right behind another one; NULL: none is free. */
static char *
script_behind(TALLOC_CTX *mem, const struct lk_changelog *changelog,
              const struct lk_migration *migration, const char *label)
{
    struct number number;
    const char *name = component_of(migration->folder->naming, migration->script);
    const char *ending = ending_of(name);

    if (!number_of(name, parts_of(migration), &number))
        return NULL;
    const char *rest = name + number.at + number.length;
    size_t gap = strspn(rest, "_-. ");
    if (gap == 0 || rest + gap >= ending)
        return NULL;
    char *words = clean(mem, label, strchr(rest, '_') == NULL && rest[0] == '-' ? '-' : '_');
    char *script = lk_fmt(mem, "%.*s%s%.*s%s%s", (int)(name + number.at - migration->script),
                          migration->script, next_number(mem, name + number.at, number.length),
                          (int)gap, rest, words, ending);
    return is_free(mem, changelog, migration, script) ? script : NULL;
}

char *
lk_naming_next(TALLOC_CTX *mem, const struct lk_changelog *changelog,
               const struct lk_migration *migration, const char *label, bool front)
{
    const struct lk_naming *naming = migration->folder->naming;
    const struct lk_migration *next;

    if (naming == NULL || naming->programs != NULL || naming->chained ||
        migration->name.kind != LK_KIND_VERSIONED || migration->folder->files.paths.count == 0 ||
        (naming->order != NULL && naming->order != lk_order_by_name))
        return NULL;
    char *script = script_behind(mem, changelog, migration, label);
    while (!front && (next = next_of(changelog, migration)) != NULL && next->made) {
        char *later = script_behind(mem, changelog, next, label);
        if (later != NULL)
            script = later;
        migration = next;
    }
    return script;
}

char *
lk_naming_renumber(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                   const struct lk_migration *migration, const struct lk_migration *before)
{
    const struct lk_naming *naming = migration->folder->naming;
    struct number number, former;
    const char *problem = NULL;
    struct lk_name ret;

    if (naming == NULL || naming->programs != NULL || naming->chained || naming->order != NULL ||
        migration->folder != before->folder || parts_of(migration) != parts_of(before) ||
        (strchr(migration->script, '/') != NULL && !naming->subfolders))
        return NULL;
    const char *name = component_of(naming, migration->script);
    const char *first = component_of(naming, before->script);
    if (!number_of(name, parts_of(migration), &number) ||
        !number_of(first, parts_of(before), &former))
        return NULL;
    char *script = lk_fmt(mem, "%.*s%s%s", (int)(name + number.at - migration->script),
                          migration->script, next_number(mem, first + former.at, former.length),
                          name + number.at + number.length);
    bool valid = naming->read(mem, script, &ret, &problem) == LK_NAME_VALID &&
                 lk_version_follows(before->name.version, ret.version);
    return valid && !lk_naming_is_taken(changelog, migration->folder, script) ? script : NULL;
}

char *
lk_naming_undo(TALLOC_CTX *mem, const struct lk_migration *undo, const char *script)
{
    static const struct {
        const char *up, *down;
    } endings[] = {
        {".up.sql", ".down.sql"}, {"/up.sql", "/down.sql"},  {".sql", ".down.sql"},
        {".sql", "_down.sql"},    {".sql", ".rollback.sql"}, {".sql", "_rollback.sql"},
        {".sql", ".undo.sql"},    {".sql", "_undo.sql"},     {".sql", ".revert.sql"},
    };
    const struct lk_naming *naming = undo->folder->naming;
    const char *base = component_of(naming, script);
    const char *problem = NULL;
    struct lk_name name = {0};

    if (base[0] == 'V' && component_of(naming, undo->script)[0] == 'U')
        return lk_fmt(mem, "%.*sU%s", (int)(base - script), script, base + 1);
    for (size_t i = 0; i < LK_ARRAY_SIZE(endings); i++) {
        if (!lk_ends_with(undo->script, endings[i].down) || !lk_ends_with(script, endings[i].up))
            continue;
        char *made = lk_fmt(mem, "%.*s%s", (int)(strlen(script) - strlen(endings[i].up)), script,
                            endings[i].down);
        return naming->read(mem, made, &name, &problem) == LK_NAME_VALID ? made : NULL;
    }
    return NULL;
}

/* ---- files ---- */

bool
lk_naming_down_inside(const struct lk_naming *naming)
{
    return naming->markers != NULL && lk_marker_line(naming->markers, LK_MARKER_DOWN) != NULL;
}

/* add_part adds the line that a part starts with, and the part. */
static void
add_part(struct lk_buf *text, const struct lk_naming *naming, unsigned says, const char *option,
         const char *part)
{
    const struct lk_marker *line =
        naming->markers != NULL ? lk_marker_line(naming->markers, says) : NULL;

    if (line != NULL) {
        lk_buf_add(text, lk_marker_text(text->mem, naming->markers, line));
        if (option != NULL)
            lk_buf_addf(text, " %s", option);
        lk_buf_addc(text, '\n');
    }
    lk_buf_add(text, part);
}

char *
lk_naming_compose(TALLOC_CTX *mem, const struct lk_naming *naming, bool off, const char *up,
                  const char *down)
{
    struct lk_buf text = lk_buf_init(mem);
    const struct lk_markers *markers = naming->markers;
    const char *option = off && markers != NULL ? lk_marker_option(markers) : NULL;
    bool line = off && naming->off != NULL && naming->beside == NULL;

    if (line)
        lk_buf_addf(&text, "%s\n", naming->off);
    add_part(&text, naming, LK_MARKER_UP, option, up);
    if (down == NULL || !lk_naming_down_inside(naming))
        return text.data;
    lk_buf_addc(&text, '\n');
    add_part(&text, naming, LK_MARKER_DOWN, option,
             line && markers->local ? lk_fmt(mem, "%s\n%s", naming->off, down) : down);
    return text.data;
}
