# Training with the program and libtorch: files, exit codes, killed and continued runs.
if(KILN_TORCH)
  foreach(case files restart stop faults)
    add_test(NAME train.program.${case}
             COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/train/program_test.py ${case} $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
    set_tests_properties(train.program.${case} PROPERTIES TIMEOUT 300)
  endforeach()
  add_test(NAME train.statistics
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/train/statistics_test.py $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
  set_tests_properties(train.statistics PROPERTIES TIMEOUT 300)
endif()
