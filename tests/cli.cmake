# The program as a user meets it: exit codes, JSON, files. Also says that the manual's pages are what --help prints.
add_test(NAME cli.help_pages COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/help_pages.sh $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR}/docs/cli)
foreach(case version usage validate layers model_files evaluation export_files export_kim export_global readme pipes endless_files
             warnings raw_names)
  add_test(NAME cli.${case}
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/program_test.py ${case} $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
  set_tests_properties(cli.${case} PROPERTIES TIMEOUT 300)
endforeach()
function(kiln_cli_tests file)
  foreach(case ${ARGN})
    add_test(NAME cli.${file}.${case}
             COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/${file}_test.py ${case} $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
    set_tests_properties(cli.${file}.${case} PROPERTIES TIMEOUT 300)
  endforeach()
endfunction()
kiln_cli_tests(run native outputs arrays exposed library)
kiln_cli_tests(given_arrays faults gl17)
kiln_cli_tests(staged energies faults)
kiln_cli_tests(weights good names damaged not_finite model_files foreign)
kiln_cli_tests(listing types arbitrary library picture dangling)
kiln_cli_tests(completion bash zsh fish usage)
if(KILN_TORCH)
  kiln_cli_tests(run engines rows edges seeds free)
  kiln_cli_tests(given_arrays comments gl17_torch gl17_targets given_shapes)
  kiln_cli_tests(staged energies_torch)
  kiln_cli_tests(scenarios GL1 GL19 GL20 GL21)
  kiln_cli_tests(compat numbers rows)
  kiln_cli_tests(weights round_trip)
  add_test(NAME cli.calls
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/calls_test.py $<TARGET_FILE:kiln_program>)
  add_test(NAME cli.export_graph
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/export_graph_test.py $<TARGET_FILE:kiln_program>)
  add_test(NAME cli.foreign
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/foreign_test.py $<TARGET_FILE:kiln_program>)
  set_tests_properties(cli.foreign PROPERTIES TIMEOUT 900)
  add_test(NAME cli.torch
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/cli/program_test.py torch $<TARGET_FILE:kiln_program> ${CMAKE_SOURCE_DIR})
  set_tests_properties(cli.torch PROPERTIES TIMEOUT 300)
endif()
