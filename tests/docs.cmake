# The documentation: its YAML runs, its links and command lines lead somewhere, generated pages are up to date.
add_test(NAME docs.layer_pages COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/docs/layer_pages.sh $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR}/docs/layers)
foreach(case yaml links commands codes faults)
  add_test(NAME docs.${case}
           COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/docs/docs_test.py ${case} $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
  set_tests_properties(docs.${case} PROPERTIES TIMEOUT 120)
endforeach()
add_test(NAME docs.runs
         COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/docs/runs_test.py $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR}
                 $<$<BOOL:${KILN_TORCH}>:torch>)
set_tests_properties(docs.runs PROPERTIES TIMEOUT 600)
