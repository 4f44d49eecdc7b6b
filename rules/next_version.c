/*
 * rules/next_version.c
 *     The next free version: see next_version.h.
 */
#include "rules/next_version.h"

#include <inttypes.h>

#include "rules/dates.h"

#define DIGITS "0123456789"

/* add_one returns the digits of the number plus one: one digit more where that carries over. */
static char *
add_one(TALLOC_CTX *mem, const char *digits, size_t length)
{
    char *ret = lk_fmt(mem, "0%.*s", (int)length, digits);
    size_t at = length;

    while (ret[at] == '9')
        ret[at--] = '0';
    ret[at]++;
    return ret[0] == '0' ? ret + 1 : ret;
}

/* now_like returns the time of now, written as the timestamp `text`, or NULL where it is none. */
static char *
now_like(TALLOC_CTX *mem, const char *text)
{
    struct lk_date date;
    struct timespec now;
    struct tm parts;
    char day[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    if (strlen(text) == 13 && text[0] == '1')
        return lk_fmt(mem, "%" PRId64 "%03d", (int64_t)now.tv_sec, (int)(now.tv_nsec / 1000000));
    if (strlen(text) == 10 && text[0] == '1')
        return lk_fmt(mem, "%" PRId64, (int64_t)now.tv_sec);
    if (!lk_date_of((struct lk_version){.text = text}, &date))
        return NULL;
    strftime(day, sizeof(day), "%Y%m%d%H%M%S", &parts);
    return lk_strndup(mem, day, strlen(text)); /* to the second, the minute or the day */
}

char *
lk_next_version(TALLOC_CTX *mem, const char *highest)
{
    const char *number = lk_strndup(mem, highest, lk_version_length(highest, true));
    const char *dot = strrchr(number, '.');
    const char *last = dot != NULL ? dot + 1 : number;

    if (number[0] == '\0')
        return NULL;
    char *next =
        lk_fmt(mem, "%.*s%s", (int)(last - number), number, add_one(mem, last, strlen(last)));
    char *now = now_like(mem, number);
    return now != NULL && strcmp(now, next) > 0 ? now : next;
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
