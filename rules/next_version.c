/*
 * rules/next_version.c
 *     The next free version: see next_version.h.
 */
#include "rules/next_version.h"

#include <ctype.h>

#include "rules/dates.h"

#define DIGITS "0123456789"

char *
lk_version_increment(TALLOC_CTX *mem, const char *version)
{
    char *next = lk_strdup(mem, version);
    size_t at = strlen(next);

    while (at > 0 && next[at - 1] == '9')
        next[--at] = '0';
    if (at > 0 && isdigit((unsigned char)next[at - 1])) {
        next[at - 1]++;
        return next;
    }
    return lk_fmt(mem, "%.*s1%s", (int)at, next, next + at);
}

/* is_date returns whether the first `digits` digits of a version are a point in time. */
static bool
is_date(const char *version, size_t digits)
{
    char text[16];
    struct lk_date date;

    snprintf(text, sizeof(text), "%.*s", (int)digits, version);
    return lk_date_of((struct lk_version){.text = text}, &date);
}

char *
lk_version_now(TALLOC_CTX *mem, const char *model, struct timespec now)
{
    size_t digits = strspn(model, "0123456789");
    char text[32];
    struct tm utc;

    gmtime_r(&now.tv_sec, &utc);
    if (model[digits] == '-') {
        strftime(text, sizeof(text), "%Y-%m-%d-%H%M%S", &utc);
        return lk_strdup(mem, text);
    }
    if (model[digits] != '\0')
        return NULL;
    strftime(text, sizeof(text), "%Y%m%d%H%M%S", &utc);
    if ((digits == 14 || digits == 12 || digits == 8) && is_date(model, digits))
        return lk_strndup(mem, text, digits);
    if (digits == 17 && is_date(model, 14))
        return lk_fmt(mem, "%s%03ld", text, now.tv_nsec / 1000000);
    if (digits == 13 && model[0] == '1')
        return lk_fmt(mem, "%lld", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    if (digits == 10 && model[0] == '1')
        return lk_fmt(mem, "%lld", (long long)now.tv_sec);
    return NULL;
}

char *
lk_next_version(TALLOC_CTX *mem, const char *newest, struct timespec now)
{
    size_t length = strlen(newest);
    char *time = lk_version_now(mem, newest, now);

    if (length == 0 || !isdigit((unsigned char)newest[length - 1]))
        return NULL;
    return time != NULL && strcmp(time, newest) > 0 ? time : lk_version_increment(mem, newest);
}

char *
lk_next_script(TALLOC_CTX *mem, const struct lk_migration *migration, const char *version)
{
    const char *own = migration->name.version.text;
    size_t length = lk_version_length(own, true);
    const char *script = migration->script;

    for (const char *at = script; length > 0 && *at != '\0'; at++) {
        if ((at > script && strchr(DIGITS, at[-1]) != NULL) ||
            lk_version_length(at, true) < length ||
            strncmp(lk_version_new(mem, at, length).text, own, length) != 0)
            continue;
        return lk_fmt(mem, "%.*s%s%s", (int)(at - script), script, version, at + length);
    }
    return NULL;
}
