# What a driver outside this repository is built with: the libraries of this preset, the headers that
# a driver and its op file include, and the package that puts them together.
include(GNUInstallDirs)
set(bondfuzz_libraries cli exec subject core zoo model sim sched trace program base)

install(TARGETS bondfuzz RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${bondfuzz_libraries} ARCHIVE DESTINATION lib/bondfuzz)
install(FILES $<TARGET_OBJECTS:sanitizers> DESTINATION lib/bondfuzz RENAME sanitizers.o)
install(DIRECTORY src/kapi/include/ DESTINATION include/bondfuzz FILES_MATCHING PATTERN "*.h")
foreach(folder base trace)
  install(DIRECTORY src/${folder} DESTINATION include/bondfuzz
    FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
endforeach()
install(FILES src/program/descriptor.h DESTINATION include/bondfuzz/program)
install(FILES src/subject/subject.h src/subject/op.h src/subject/outside.h src/subject/mm_ops.h
  src/subject/kinds.h src/subject/define.h src/subject/device.h src/subject/mm_ops.def
  src/subject/page_ops.def src/subject/mm_and_page_ops.def DESTINATION include/bondfuzz/subject)
install(FILES cmake/outside.c DESTINATION lib/cmake/bondfuzz)

include(CMakePackageConfigHelpers)
configure_file(cmake/bondfuzz-config.cmake.in bondfuzz-config.cmake @ONLY)
write_basic_package_version_file(bondfuzz-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/bondfuzz-config.cmake
  ${CMAKE_BINARY_DIR}/bondfuzz-config-version.cmake DESTINATION lib/cmake/bondfuzz)
