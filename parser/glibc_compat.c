/*
 * parser/glibc_compat.c
 *     The C23 number parser that Debian's newer libpg_query archives refer to.
 *
 * Those archives are compiled against glibc 2.38, whose headers turn strtoul() into
 * __isoc23_strtoul(): the same function, which also takes a 0b prefix that libpg_query never
 * passes. On older systems the symbol is missing.
 */
#include <stdlib.h>

#if !defined(__GLIBC__) || __GLIBC__ < 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ < 38)

unsigned long __isoc23_strtoul(const char *text, char **end, int base);

unsigned long
__isoc23_strtoul(const char *text, char **end, int base)
{
    return strtoul(text, end, base);
}

#endif
