# The SQL grammar of tree-sitter: generated C from an npm package that scripts/setup installs.

pkg_check_modules(TREE_SITTER REQUIRED IMPORTED_TARGET tree-sitter)
set(lk_sitter_sql ${PROJECT_SOURCE_DIR}/build/deps/npm/node_modules/@derekstride/tree-sitter-sql)
if(NOT EXISTS ${lk_sitter_sql}/src/parser.c)
    message(FATAL_ERROR "tree-sitter-sql not found: run scripts/setup first")
endif()

set(lk_highlights ${PROJECT_BINARY_DIR}/generated/highlights.c)
add_custom_command(OUTPUT ${lk_highlights}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${lk_highlights} -DNAME=lk_highlights_scm
            -DINPUT=${lk_sitter_sql}/queries/highlights.scm
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
    DEPENDS ${lk_sitter_sql}/queries/highlights.scm ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
    COMMENT "Embedding the highlight query")

# Not our code: neither our warnings nor optimisation across files, which takes minutes here.
add_library(tree_sitter_sql STATIC ${lk_sitter_sql}/src/parser.c ${lk_sitter_sql}/src/scanner.c
    ${lk_highlights})
target_include_directories(tree_sitter_sql PRIVATE ${lk_sitter_sql}/src)
target_compile_options(tree_sitter_sql PRIVATE -w -O1)
set_target_properties(tree_sitter_sql PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
target_link_libraries(tree_sitter_sql PUBLIC PkgConfig::TREE_SITTER)
