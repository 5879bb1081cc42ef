# The KIM driver for real: installed into a collection of the build folder, checked by physics (kim_check) and run in LAMMPS.
find_program(KIM_MANAGE kim-api-collections-management)
find_program(LMP lmp)
find_library(KIM_LIBRARY kim-api)
set(KILN_PYTHON /usr/bin/python3)  # Debian's: another one may come first on the PATH
if(NOT KILN_TORCH OR NOT KIM_MANAGE OR NOT LMP OR NOT KIM_LIBRARY)
  message(STATUS "KIM tests are not registered: they need libtorch, kim-api and LAMMPS")
  return()
endif()

file(GLOB kim_check_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/kim/*.cpp)
add_executable(kim_check ${kim_check_sources})
target_include_directories(kim_check SYSTEM PRIVATE /usr/include/kim-api)
target_link_libraries(kim_check PRIVATE kiln_flags kiln ${KIM_LIBRARY} Threads::Threads)

set(KIM_WORK ${CMAKE_BINARY_DIR}/kim-tests)
set(KIM_ENVIRONMENT "KIM_API_CONFIGURATION_FILE=${KIM_WORK}/collection/kim-api.conf;KILN_WORK=${KIM_WORK};OMP_NUM_THREADS=1")
function(add_kim_test name)
  add_test(NAME kim.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  set_tests_properties(kim.${name} PROPERTIES FIXTURES_REQUIRED kim ENVIRONMENT "${KIM_ENVIRONMENT}" TIMEOUT 900)
endfunction()

add_test(NAME kim.install COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/kim/set_up.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR} ${KIM_WORK})
set_tests_properties(kim.install PROPERTIES FIXTURES_SETUP kim TIMEOUT 900)
add_kim_test(check_one_layer $<TARGET_FILE:kim_check> Kiln_test_one_layer Si 5.47)
add_kim_test(check_two_layers $<TARGET_FILE:kim_check> Kiln_test_two_layers Si 5.47)
add_kim_test(check_exact_radial $<TARGET_FILE:kim_check> Kiln_test_exact Si 5.47)
# The checker can fail: Debian's Stillinger-Weber accepts NaN and converts erg wrongly.
add_kim_test(check_can_fail $<TARGET_FILE:kim_check> SW_StillingerWeber_1985_Si__MO_405512056662_005 Si 5.43 nan_is_refused)
add_kim_test(check_can_fail_units $<TARGET_FILE:kim_check> SW_StillingerWeber_1985_Si__MO_405512056662_005 Si 5.43 unit_systems)
set_tests_properties(kim.check_can_fail kim.check_can_fail_units PROPERTIES WILL_FAIL ON)
add_kim_test(lammps ${KILN_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/kim/lammps_test.py -v)
