# Tests under mpirun. More ranks than cores is the normal case here: ranks are not bound to cores and
# give their core away while they wait.

get_filename_component(mpi_programs ${MPIEXEC_EXECUTABLE} DIRECTORY)
find_program(NNREC_MPIRUN mpirun HINTS ${mpi_programs} REQUIRED NO_DEFAULT_PATH)
set(launchers ${PROJECT_BINARY_DIR}/launchers)
set(MPIEXEC_EXECUTABLE ${launchers}/mpirun)
configure_file(support/mpirun.in ${MPIEXEC_EXECUTABLE} @ONLY
               FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(NNREC_TEST_ENVIRONMENT
  OMPI_MCA_mpi_yield_when_idle=1
  # Containers run tests as root, which mpirun refuses by default.
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
if(NNREC_SANITIZE MATCHES "address")
  list(APPEND NNREC_TEST_ENVIRONMENT
    LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/support/lsan.supp:print_suppressions=0
    ASAN_OPTIONS=fast_unwind_on_malloc=0)
endif()

# nnrec_add_mpi_test(NAME name RANKS n COMMAND program argument...
#                    [EXPECT_EXIT code EXPECT_COUNT lines EXPECT_TEXT text] [ENVIRONMENT A=1...] [TIMEOUT seconds])
# With EXPECT_EXIT, the exit code must be `code` and `lines` lines of output (or "some") must contain `text`.
# RANKS 0 starts the program without mpirun.
function(nnrec_add_mpi_test)
  cmake_parse_arguments(ARG "" "NAME;RANKS;EXPECT_EXIT;EXPECT_COUNT;EXPECT_TEXT;TIMEOUT"
                        "COMMAND;ENVIRONMENT" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(NNREC_SANITIZE)
    math(EXPR ARG_TIMEOUT "3 * ${ARG_TIMEOUT}")
  endif()
  list(GET ARG_COMMAND 0 program)
  list(REMOVE_AT ARG_COMMAND 0)
  if(TARGET ${program})
    set(program $<TARGET_FILE:${program}>)
  endif()
  set(wrapper)
  if(DEFINED ARG_EXPECT_EXIT)
    set(wrapper ${PROJECT_SOURCE_DIR}/tests/support/expect_exit.sh
                ${ARG_EXPECT_EXIT} ${ARG_EXPECT_COUNT} ${ARG_EXPECT_TEXT})
  endif()
  set(launcher)
  set(processors 1)
  if(ARG_RANKS GREATER 0)
    set(launcher ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${ARG_RANKS}
                 --oversubscribe --bind-to none)
    set(processors ${ARG_RANKS})
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${wrapper} ${launcher} ${program} ${ARG_COMMAND})
  set_tests_properties(${ARG_NAME} PROPERTIES
    TIMEOUT ${ARG_TIMEOUT} PROCESSORS ${processors} LABELS mpi
    ENVIRONMENT "${NNREC_TEST_ENVIRONMENT};${ARG_ENVIRONMENT}")
endfunction()
