# nnrec_sanitized_tests: the test program over floors that are compiled once more, under the address and the
# undefined-behaviour sanitizer. tests/sanitizers.sh builds and runs it; the presets asan and tsan instrument the tests
# and the programs, too, and take three times as long to build.
get_property(floors GLOBAL PROPERTY nnrec_floor_sources)
get_property(floor_libraries GLOBAL PROPERTY nnrec_floor_libraries)
list(APPEND floor_libraries fmt::fmt ${test_libraries})
list(REMOVE_DUPLICATES floor_libraries)
add_library(nnrec_sanitized_floors OBJECT EXCLUDE_FROM_ALL ${floors})
add_dependencies(nnrec_sanitized_floors nnrec_build_facts)
target_include_directories(nnrec_sanitized_floors PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
  ${PROJECT_BINARY_DIR}/generated ${PROJECT_BINARY_DIR}/generated/base)
target_link_libraries(nnrec_sanitized_floors PRIVATE nnrec_flags ${floor_libraries})
target_compile_definitions(nnrec_sanitized_floors PRIVATE EIGEN_DONT_PARALLELIZE EIGEN_NO_DEBUG)
# What would crash by itself, or is found by the address sanitizer, is not asked for twice: a third of the wait.
target_compile_options(nnrec_sanitized_floors PRIVATE -O1 -g1 -fsanitize=address,undefined
  -fno-sanitize=null,vptr,object-size ${NNREC_SANITIZER_OPTIONS})
target_precompile_headers(nnrec_sanitized_floors PRIVATE ${NNREC_PRECOMPILED})
# Option tables and Boost's templates compute nothing: without the second sanitizer they compile in half the time.
set(without_arithmetic ${floors})
list(FILTER without_arithmetic INCLUDE REGEX "/src/(app|http)/")
set_source_files_properties(${without_arithmetic} PROPERTIES COMPILE_OPTIONS -fno-sanitize=undefined)

# The floors' objects first: of an inline function that the tests have, too, the linker takes the first.
add_executable(nnrec_sanitized_tests EXCLUDE_FROM_ALL $<TARGET_OBJECTS:nnrec_sanitized_floors>
                                                      $<TARGET_OBJECTS:nnrec_test_objects>)
target_link_options(nnrec_sanitized_tests PRIVATE -fsanitize=address,undefined)
target_link_libraries(nnrec_sanitized_tests PRIVATE ${floor_libraries})
