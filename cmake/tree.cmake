# World tree: programs whose code under test was compiled in the types of a kernel tree.
#
#   bondfuzz_world(NAME TREE dir [HEADERS dir | BUILD dir]
#     [FILES file...]     of the tree, relative to it: instrumented
#     [LIBRARY file...]   of the tree, too, in which no FLAGS are needed: programs over one tree share the object
#     [MODULES file...]   of the tree, as part of a module: instrumented
#     [PATIENTS file...]  ours in the tree's types, tested over it: instrumented
#     [COMMON file...]    patients in which no FLAGS are needed: shared
#     [GLUE file...]      ours in the tree's types, in place of the kernel: not instrumented, shared
#     [HOST file...]      ordinary C of bondfuzz
#     [OPS file...]       ordinary C of a subject: op file, table of subjects
#     [FLAGS option...]   for the compiler, files of the tree and patients
#     [STUBS file]        lines NAME=VALUE: what a stub returns
#     [WRAP name...] [GLOBALIZE name...])
#
# Objects of the tree become one, with the prefix k_ and a table of places: src/tree/build says how.
#
# bondfuzz_add_tree_subject(NAME TREE dir [...] TABLE table.def TREE_HALF file OPS_HALF file [STUBS file]) is
# that over all of src/tree, with one subject: bondfuzz-NAME. SUBJECT is what its programs call it, if
# not NAME. bondfuzz import writes a call of it.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
# Of a wrapper that looks for its interpreter each time, what it finds: it runs for each object.
execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sys; print(sys.executable)" OUTPUT_VARIABLE _bondfuzz_tree_python
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# The scripts that what is built depends on: not those that only a person calls.
function(_bondfuzz_tree_used ret)
  file(GLOB scripts ${_bondfuzz_tree_scripts}/*.py)
  list(FILTER scripts EXCLUDE REGEX "/(bench|derive|devices|fetch|import|kbuild|mutants|price|repair|templates)\\.py$")
  set(${ret} ${scripts} PARENT_SCOPE)
endfunction()

# One file in the tree's types; appends its object to the list OBJECTS of the caller. What is compiled
# without FLAGS is made once for all programs over the same tree.
function(_bondfuzz_tree_object name list role file)
  get_filename_component(id ${file} NAME)
  string(MAKE_C_IDENTIFIER "${id}" id)
  string(SHA256 path "${file}")
  string(SUBSTRING ${path} 0 8 path)
  string(APPEND id _${path}) # two folders may have a file of the same name
  set(flags ${arg_FLAGS})
  if(list MATCHES "LIBRARY|COMMON|GLUE")
    set(flags)
    string(SHA256 where "${_bondfuzz_tree_where}")
    string(SUBSTRING ${where} 0 12 where)
    set(name shared-${where})
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${name}.tree)
  endif()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.tree/${role}_${id}.o)
  list(APPEND objects ${out})
  set(objects ${objects} PARENT_SCOPE)
  if(role MATCHES "tree|module")
    list(APPEND late --late=${out})
    set(late ${late} PARENT_SCOPE)
  endif()
  get_property(is_there DIRECTORY PROPERTY _bondfuzz_tree_objects)
  if(out IN_LIST is_there)
    return()
  endif()
  set_property(DIRECTORY APPEND PROPERTY _bondfuzz_tree_objects ${out})
  set(words)
  if(role STREQUAL "module")
    set(role tree)
    set(words --module)
  endif()
  _bondfuzz_tree_used(scripts)
  add_custom_command(OUTPUT ${out} ${out}.code DEPENDS ${file} ${scripts} DEPFILE ${out}.d VERBATIM
    COMMAND ${_bondfuzz_tree_python} -B ${_bondfuzz_tree_scripts}/compile.py ${_bondfuzz_tree_where} --role ${role} ${words}
      --depfile ${out}.d -o ${out} ${file} -- ${flags}
    COMMENT "Compiling ${file} for ${name}")
endfunction()

function(bondfuzz_world name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TREE;HEADERS;BUILD;STUBS"
    "FILES;LIBRARY;MODULES;PATIENTS;COMMON;GLUE;HOST;OPS;FLAGS;WRAP;GLOBALIZE")
  set(_bondfuzz_tree_where --tree ${arg_TREE})
  foreach(word HEADERS BUILD)
    if(arg_${word})
      string(TOLOWER ${word} option)
      list(APPEND _bondfuzz_tree_where --${option} ${arg_${word}})
    endif()
  endforeach()
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${name}.tree)
  file(MAKE_DIRECTORY ${dir})
  set(objects)
  set(late)
  foreach(pair FILES:tree LIBRARY:tree MODULES:module PATIENTS:patient COMMON:patient GLUE:glue)
    string(REGEX MATCH "^[^:]*" list ${pair})
    string(REGEX MATCH "[^:]*$" role ${pair})
    foreach(file ${arg_${list}})
      set(from ${CMAKE_CURRENT_SOURCE_DIR})
      if(list MATCHES "FILES|LIBRARY|MODULES")
        set(from ${arg_TREE})
      endif()
      get_filename_component(file ${file} ABSOLUTE BASE_DIR ${from})
      _bondfuzz_tree_object(${name} ${list} ${role} ${file})
    endforeach()
  endforeach()
  _bondfuzz_tree_used(scripts)

  # What answers the tree from our side: the stubs are for the rest.
  add_library(${name}_host OBJECT EXCLUDE_FROM_ALL ${arg_HOST})
  _bondfuzz_tree_ordinary(${name}_host host)
  set(ops)
  if(arg_OPS)
    add_library(${name}_ops OBJECT EXCLUDE_FROM_ALL ${arg_OPS})
    _bondfuzz_tree_ordinary(${name}_ops ops)
    set(ops ${name}_ops)
  endif()
  set(host_objects $<TARGET_OBJECTS:${name}_host>)
  if(ops)
    list(APPEND host_objects $<TARGET_OBJECTS:${ops}>)
  endif()

  set(codes ${objects})
  list(TRANSFORM codes APPEND .code)
  list(TRANSFORM codes PREPEND --code= OUTPUT_VARIABLE code_options)
  file(STRINGS ${_bondfuzz_tree_source}/watch/kernel/wrapped.list wraps)
  list(APPEND wraps ${arg_WRAP})
  list(TRANSFORM wraps PREPEND --wrap=)
  set(globals ${arg_GLOBALIZE})
  list(TRANSFORM globals PREPEND --globalize=)
  set(stub_table)
  if(arg_STUBS)
    get_filename_component(stubs ${arg_STUBS} ABSOLUTE) # the command runs in the build folder
    set(stub_table --table ${stubs})
  endif()
  add_custom_command(OUTPUT ${dir}/world.o DEPENDS ${objects} ${scripts} VERBATIM
    COMMAND ${_bondfuzz_tree_python} -B ${_bondfuzz_tree_scripts}/merge.py ${wraps} ${globals} ${late} -o ${dir}/world.o ${objects})
  add_custom_command(OUTPUT ${dir}/sites.c DEPENDS ${dir}/world.o ${scripts} VERBATIM
    COMMAND ${_bondfuzz_tree_python} -B ${_bondfuzz_tree_scripts}/sites.py ${_bondfuzz_tree_where} -o ${dir}/sites.c ${dir}/world.o)
  add_custom_command(OUTPUT ${dir}/stubs.c DEPENDS ${dir}/world.o ${codes} ${host_objects} ${arg_STUBS} ${scripts} VERBATIM
    COMMAND_EXPAND_LISTS
    COMMAND ${_bondfuzz_tree_python} -B ${_bondfuzz_tree_scripts}/stubs.py ${code_options} ${stub_table}
      "--host;$<JOIN:${host_objects},;--host;>" -o ${dir}/stubs.c ${dir}/world.o)

  add_library(${name}_tables OBJECT EXCLUDE_FROM_ALL ${dir}/sites.c ${dir}/stubs.c)
  _bondfuzz_tree_ordinary(${name}_tables tables)
  set_source_files_properties(${dir}/world.o PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  add_executable(${name} EXCLUDE_FROM_ALL ${dir}/world.o ${host_objects} $<TARGET_OBJECTS:${name}_tables>)
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  _bondfuzz_tree_link(${name})
endfunction()

# The files of ours with the role @role that each program of world tree has: sources.list, and a folder.
function(_bondfuzz_tree_sources role ret)
  set(found)
  if(role STREQUAL "glue")
    file(GLOB found CONFIGURE_DEPENDS ${_bondfuzz_tree_source}/tree/kernel/*.c)
  elseif(role STREQUAL "host")
    file(GLOB found CONFIGURE_DEPENDS ${_bondfuzz_tree_source}/tree/host/*.c)
  endif()
  file(STRINGS ${_bondfuzz_tree_scripts}/sources.list lines REGEX "^${role} ")
  foreach(line ${lines})
    string(REGEX REPLACE "^${role} +([^ ]+).*" "${_bondfuzz_tree_source}/\\1" line ${line})
    list(APPEND found ${line})
  endforeach()
  set(${ret} ${found} PARENT_SCOPE)
endfunction()

function(bondfuzz_add_tree_subject name)
  cmake_parse_arguments(PARSE_ARGV 1 own "" "SUBJECT;TABLE;TREE_HALF;OPS_HALF" "")
  if(NOT own_SUBJECT)
    set(own_SUBJECT ${name})
  endif()
  foreach(word TABLE TREE_HALF OPS_HALF)
    if(NOT own_${word})
      message(FATAL_ERROR "bondfuzz_add_tree_subject: ${word} is missing")
    endif()
  endforeach()
  foreach(role patient glue host ops)
    _bondfuzz_tree_sources(${role} ${role})
  endforeach()
  bondfuzz_world(bondfuzz-${name} ${own_UNPARSED_ARGUMENTS} PATIENTS ${own_TREE_HALF} COMMON ${patient} GLUE ${glue} HOST ${host}
    OPS ${ops} ${own_OPS_HALF} ${_bondfuzz_tree_outside})
  get_filename_component(table ${own_TABLE} ABSOLUTE)
  set_source_files_properties(${own_OPS_HALF} ${_bondfuzz_tree_outside} PROPERTIES OBJECT_DEPENDS ${table})
  target_compile_definitions(bondfuzz-${name}_ops PRIVATE BONDFUZZ_OPS="${table}" BONDFUZZ_NAME="${own_SUBJECT}")
  set_target_properties(bondfuzz-${name} PROPERTIES EXCLUDE_FROM_ALL FALSE)
endfunction()
