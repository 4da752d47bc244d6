# Run at every build: what is compiled, and by what. The header changes only when one of these does, and one
# source includes it. ROOT: the project's folder; OUTPUT: the header; the NNREC_BUILD_ values.
cmake_minimum_required(VERSION 3.22) # a script of its own has no policies otherwise

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/src/* ${ROOT}/include/* ${ROOT}/CMakeLists.txt)
list(SORT files)
set(digests)
foreach(path IN LISTS files)
  file(SHA256 ${ROOT}/${path} digest)
  string(APPEND digests "${digest} ${path}\n")
endforeach()
string(SHA256 NNREC_BUILD_SOURCES "${digests}")
string(SUBSTRING ${NNREC_BUILD_SOURCES} 0 16 NNREC_BUILD_SOURCES)

set(NNREC_BUILD_COMMIT unknown)
find_program(git git)
if(git)
  execute_process(COMMAND ${git} -C ${ROOT} rev-parse --show-toplevel --short=12 HEAD
    OUTPUT_VARIABLE answer ERROR_QUIET RESULT_VARIABLE code OUTPUT_STRIP_TRAILING_WHITESPACE)
  # An archive of the sources may lie inside another project's repository.
  if(code EQUAL 0 AND answer MATCHES "^(.*)\n([0-9a-f]+)$" AND CMAKE_MATCH_1 STREQUAL ROOT)
    set(NNREC_BUILD_COMMIT ${CMAKE_MATCH_2})
    execute_process(COMMAND ${git} -C ${ROOT} status --porcelain -- src include CMakeLists.txt
      OUTPUT_VARIABLE changed ERROR_QUIET)
    if(changed)
      string(APPEND NNREC_BUILD_COMMIT " with changes")
    endif()
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_facts.hpp.in ${OUTPUT} @ONLY)
