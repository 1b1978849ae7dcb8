# At each build: what git calls this tree, in OUT; written only when it is another one. A tree without git
# (a release's archive) has none.
execute_process(COMMAND git -c safe.directory=* describe --always --dirty --tags
  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(text "#define BONDFUZZ_REVISION \"${revision}\"\n")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
