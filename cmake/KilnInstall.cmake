# cmake --install: the program, libkiln.a with its headers for find_package(Kiln), libkiln_torch, the KIM driver's sources.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(KILN_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Kiln)
set_target_properties(kiln PROPERTIES EXPORT_NAME kiln)
set_target_properties(kiln_plugin PROPERTIES EXPORT_NAME plugin)
install(TARGETS kiln kiln_plugin EXPORT KilnTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/kiln DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY src/base src/operators src/graph DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/kiln/plugin FILES_MATCHING PATTERN "*.h")
install(FILES src/layers/declare.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/kiln/plugin/layers)
install(EXPORT KilnTargets NAMESPACE Kiln:: DESTINATION ${KILN_CMAKE_DIR})
configure_package_config_file(cmake/KilnConfig.cmake.in ${CMAKE_BINARY_DIR}/KilnConfig.cmake INSTALL_DESTINATION ${KILN_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/KilnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/KilnConfig.cmake ${CMAKE_BINARY_DIR}/KilnConfigVersion.cmake DESTINATION ${KILN_CMAKE_DIR})

if(TARGET kiln_program)
  install(TARGETS kiln_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET kiln_torch)
  install(TARGETS kiln_torch LIBRARY DESTINATION lib)  # where the program looks: ../lib, whatever the distribution
endif()
install(DIRECTORY src/kim/ DESTINATION share/kiln/kim-driver FILES_MATCHING PATTERN "*.cpp" PATTERN "*.h" PATTERN "CMakeLists.txt")
install(FILES LICENSE DESTINATION share/kiln)
