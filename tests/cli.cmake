# The program as a user meets it: exit codes, JSON, files. Also says that the manual's pages are what --help prints.
add_test(NAME cli.help_pages COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/help_pages.sh $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR}/docs/cli)
foreach(case version usage validate layers model_files evaluation export_files export_kim readme pipes)
  add_test(NAME cli.${case}
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/program_test.py ${case} $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
  set_tests_properties(cli.${case} PROPERTIES TIMEOUT 300)
endforeach()
if(KILN_TORCH)
  add_test(NAME cli.torch
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/program_test.py torch $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
  set_tests_properties(cli.torch PROPERTIES TIMEOUT 300)
endif()
