# A plugin for real: Kiln is installed, the example and some broken ones are built against it, loaded, trained and run.
add_test(NAME plugin
         COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/plugin/plugin_test.py ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}
                 $<IF:$<BOOL:${KILN_TORCH}>,torch,native>)
set_tests_properties(plugin PROPERTIES TIMEOUT 600)
