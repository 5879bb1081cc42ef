# Training on the public data sets: only where they are.
if(KILN_DATA)
  add_executable(kiln_train_public_test public_data/baseline_test.cpp)
  target_include_directories(kiln_train_public_test PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_definitions(kiln_train_public_test PRIVATE KILN_PUBLIC_DATA="${KILN_DATA}")
  target_link_libraries(kiln_train_public_test PRIVATE kiln_flags kiln GTest::gtest GTest::gtest_main)
  gtest_discover_tests(kiln_train_public_test TEST_PREFIX train.public. PROPERTIES LABELS public-data DISCOVERY_TIMEOUT 60)
endif()
