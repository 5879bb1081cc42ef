# What reads files from anywhere must stand any bytes. Each target is replayed over its corpus here; with KILN_FUZZ (clang) it is a
# libFuzzer program too: bin/yaml_fuzz -max_len=4096 -timeout=5 -rss_limit_mb=2048 NEW tests/fuzz/corpus/yaml
function(kiln_fuzz_program program parts)
  add_executable(${program} ${ARGN})
  target_include_directories(${program} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${program} PRIVATE kiln_flags ${parts} yaml-cpp fmt::fmt Threads::Threads ${CMAKE_DL_LIBS})
endfunction()

# The parts make an archive, of which the program takes what it needs: not the vector kernels, which clang cannot compile.
function(kiln_fuzz_target name)
  set(objects)
  foreach(part ${ARGN})
    list(APPEND objects $<TARGET_OBJECTS:kiln_${part}>)
  endforeach()
  add_library(kiln_${name}_parts STATIC ${objects})
  set_target_properties(kiln_${name}_parts PROPERTIES LINKER_LANGUAGE CXX)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${name}_fuzz.cpp)
  kiln_fuzz_program(${name}_replay kiln_${name}_parts ${source} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/replay.cpp)
  if(KILN_FUZZ)
    kiln_fuzz_program(${name}_fuzz kiln_${name}_parts ${source})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  endif()
  add_test(NAME fuzz.${name} COMMAND ${name}_replay ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300)
endfunction()

kiln_fuzz_target(yaml base)
kiln_fuzz_target(interpolation base)
kiln_fuzz_target(graph base structure kernels operators graph layers)
