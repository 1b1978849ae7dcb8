# What is installed: the program with its pages and its completion; and what a driver outside this
# repository is built with: the libraries of this preset, the headers that a driver and its op file
# include, and the packages (CMake's and pkg-config's) that put them together.
include(GNUInstallDirs)
set(bondfuzz_libraries cli export campaign explain format pipeline guide search exec subject core watched watch zoo model litmus sim sched letter
  trace program base)
set(bondfuzz_native_libraries stress subject core watched watch zoo model native trace program base)

install(TARGETS bondfuzz bondfuzz-native RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${bondfuzz_libraries} stress native ARCHIVE DESTINATION lib/bondfuzz)
install(FILES $<TARGET_OBJECTS:sanitizers> DESTINATION lib/bondfuzz RENAME sanitizers.o)
install(DIRECTORY src/kapi/include/ DESTINATION include/bondfuzz FILES_MATCHING PATTERN "*.h")
foreach(folder base trace)
  install(DIRECTORY src/${folder} DESTINATION include/bondfuzz
    FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
endforeach()
install(FILES src/watch/watch.h DESTINATION include/bondfuzz/watch)
install(FILES src/program/descriptor.h DESTINATION include/bondfuzz/program)
install(FILES src/subject/subject.h src/subject/op.h src/subject/outside.h src/subject/kinds.h src/subject/define.h
  src/subject/tables.h DESTINATION include/bondfuzz/subject)
# The bench of a driver outside: under its name in the source, and as subject/device.h, the name that
# drivers were written against before.
foreach(folder subject/bench subject)
  install(FILES src/subject/bench/mm_ops.h src/subject/bench/device.h
    src/subject/bench/driver_file.h src/subject/bench/vfs.h
    src/subject/bench/mm_ops.def src/subject/bench/page_ops.def src/subject/bench/mm_and_page_ops.def
    DESTINATION include/bondfuzz/${folder})
endforeach()
install(FILES cmake/outside.c cmake/tree.cmake DESTINATION lib/cmake/bondfuzz)
# World tree is compiled with each kernel's own headers, so it is installed as source.
file(GLOB_RECURSE tree_sources RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS src/*.h src/*.def
  src/tree/*.c src/tree/*.py src/tree/*.list src/watch/*.list src/tree/bench/*.txt src/tree/bench/*.cmake)
file(STRINGS src/tree/build/sources.list rows REGEX "^[a-z]")
foreach(row ${rows})
  string(REGEX REPLACE "^[a-z]+ +" "src/" file ${row})
  list(APPEND tree_sources ${file})
endforeach()
list(REMOVE_DUPLICATES tree_sources)
foreach(file ${tree_sources})
  get_filename_component(folder ${file} DIRECTORY)
  install(FILES ${file} DESTINATION lib/bondfuzz/${folder})
endforeach()

include(CMakePackageConfigHelpers)
configure_file(cmake/bondfuzz-config.cmake.in bondfuzz-config.cmake @ONLY)
write_basic_package_version_file(bondfuzz-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/bondfuzz-config.cmake
  ${CMAKE_BINARY_DIR}/bondfuzz-config-version.cmake DESTINATION lib/cmake/bondfuzz)

# pkg-config: the same flags and libraries, as one line each.
list(JOIN installed_patient_flags " " pc_flags)
list(TRANSFORM bondfuzz_libraries REPLACE "(.+)" "\${libdir}/lib\\1.a" OUTPUT_VARIABLE pc_libraries)
list(JOIN pc_libraries " " pc_libraries)
list(JOIN link_flags " " pc_link_flags)
string(APPEND pc_link_flags " ${XXHASH} ${BOOST_CONTEXT} ${JANSSON} ${FUZZER_LIBRARY} -lstdc++ -lm -lpthread")
configure_file(cmake/bondfuzz.pc.in bondfuzz.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/bondfuzz.pc DESTINATION lib/pkgconfig)

install(FILES completion/bondfuzz.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME bondfuzz)

# A page a command, from the program's own --help.
find_program(SCDOC scdoc)
if(SCDOC)
  file(GLOB man_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.scd)
  set(man ${CMAKE_BINARY_DIR}/man)
  add_custom_command(OUTPUT ${man}/made DEPENDS bondfuzz man/pages ${man_sources} VERBATIM
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${man}
    COMMAND ${CMAKE_SOURCE_DIR}/man/pages $<TARGET_FILE:bondfuzz> ${CMAKE_SOURCE_DIR}/man ${man}
    COMMAND ${CMAKE_COMMAND} -E touch ${man}/made COMMENT "Writing man pages")
  set(man_of_all ALL) # the same whatever the build: the one of reference makes them
  if(NOT BONDFUZZ_REFERENCE)
    set(man_of_all "")
  endif()
  add_custom_target(man ${man_of_all} DEPENDS ${man}/made)
  install(DIRECTORY ${man}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
else()
  message(STATUS "no scdoc: man pages are left out")
endif()

# All that `cmake --install` copies, and no test: what a first look at a kernel file waits for.
add_custom_target(installed DEPENDS bondfuzz bondfuzz-native ${bondfuzz_libraries} stress native sanitizers)
if(TARGET man)
  add_dependencies(installed man)
endif()

configure_file(cmake/uninstall.cmake.in uninstall.cmake @ONLY)
add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -P ${CMAKE_BINARY_DIR}/uninstall.cmake VERBATIM)
