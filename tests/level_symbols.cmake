# No code of a vector level may leak into what other machines run.
foreach(level x86_64 v3 v4)
  add_test(NAME level_symbols_${level}
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/level_symbols.sh ${CMAKE_NM} ${level} $<TARGET_OBJECTS:kiln_kernels_${level}>
           COMMAND_EXPAND_LISTS)
endforeach()
