# Every torch target that resolves without Python, against Python torch; with libtorch also as TorchScript.
add_executable(resolve_targets ${CMAKE_CURRENT_SOURCE_DIR}/arbitrary/resolve_targets.cpp)
target_include_directories(resolve_targets PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
target_link_libraries(resolve_targets PRIVATE kiln_flags kiln nlohmann_json::nlohmann_json fmt::fmt)
set(script_targets "")
if(KILN_TORCH)
  find_package(Torch REQUIRED)
  add_executable(script_targets ${CMAKE_CURRENT_SOURCE_DIR}/arbitrary/script_targets.cpp
                                ${CMAKE_SOURCE_DIR}/src/engines/torch/library/torch_names.cpp)
  target_include_directories(script_targets PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(script_targets PRIVATE kiln_flags torch)
  set(script_targets $<TARGET_FILE:script_targets>)
endif()
add_test(NAME arbitrary.targets
         COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/arbitrary/arbitrary_test.py $<TARGET_FILE:resolve_targets> ${script_targets})
add_test(NAME arbitrary.dtypes
         COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/arbitrary/dtypes_test.py $<TARGET_FILE:resolve_targets>)
set_tests_properties(arbitrary.targets arbitrary.dtypes PROPERTIES TIMEOUT 300 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
if(KILN_TORCH)
  add_test(NAME arbitrary.graph
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/arbitrary/graph_test.py $<TARGET_FILE:kiln_program> $<TARGET_FILE:resolve_targets>)
  set_tests_properties(arbitrary.graph PROPERTIES TIMEOUT 300 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endif()
