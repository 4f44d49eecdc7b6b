# Finds libpg_query 17 or newer and defines the target pg_query.
#
# scripts/setup unpacks Debian's packages of both majors into build/deps; a system library of a
# new enough version is taken where those are not there.

set(lk_majors 18 17)
if(NOT LK_GRAMMAR STREQUAL "newest")
    set(lk_majors ${LK_GRAMMAR})
endif()

foreach(major IN LISTS lk_majors)
    set(prefix ${PROJECT_SOURCE_DIR}/build/deps/pg_query-${major})
    if(EXISTS ${prefix}/version)
        file(GLOB_RECURSE archive ${prefix}/usr/lib/libpg_query.a)
        file(STRINGS ${prefix}/version lk_pg_query_version)
        add_library(pg_query STATIC IMPORTED)
        set_target_properties(pg_query PROPERTIES IMPORTED_LOCATION ${archive})
        set(lk_pg_query_include ${prefix}/usr/include)
        # Newer glibc's and libbsd's symbols, which Debian's newer archives refer to.
        add_library(lk_glibc_compat STATIC ${PROJECT_SOURCE_DIR}/parser/glibc_compat.c)
        find_library(lk_bsd bsd REQUIRED)
        find_library(lk_md md REQUIRED) # which libbsd needs itself, where it is linked statically
        target_link_libraries(pg_query INTERFACE lk_glibc_compat ${lk_bsd} ${lk_md} m pthread)
        message(STATUS "libpg_query ${lk_pg_query_version} from ${archive}")
        break()
    endif()
endforeach()

if(NOT TARGET pg_query)
    find_path(lk_pg_query_include pg_query/pg_query_internal.h)
    find_library(lk_pg_query_library pg_query)
    if(lk_pg_query_include AND lk_pg_query_library)
        file(STRINGS ${lk_pg_query_include}/pg_query.h lk_version_line REGEX "PG_MAJORVERSION")
        string(REGEX MATCH "[0-9]+" lk_system_major "${lk_version_line}")
        if(lk_system_major IN_LIST lk_majors)
            add_library(pg_query UNKNOWN IMPORTED)
            set_target_properties(pg_query PROPERTIES IMPORTED_LOCATION ${lk_pg_query_library})
            message(STATUS "libpg_query ${lk_system_major} of the system")
        endif()
    endif()
endif()

if(NOT TARGET pg_query)
    message(FATAL_ERROR "libpg_query ${lk_majors} not found: run scripts/setup first")
endif()
# The node headers are found as "nodes/parsenodes.h", only by targets that link pg_query.
set_target_properties(pg_query PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES
    "${lk_pg_query_include};${lk_pg_query_include}/pg_query/postgres;${lk_pg_query_include}/pg_query"
    INTERFACE_INCLUDE_DIRECTORIES
    "${lk_pg_query_include};${lk_pg_query_include}/pg_query/postgres;${lk_pg_query_include}/pg_query")
