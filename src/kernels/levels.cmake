# The vector kernels, compiled once per level of the x86-64 psABI into objects of their own namespace.
file(GLOB level_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/kernels/levels/*.cpp)

function(kiln_level name march bytes)
  set(target kiln_kernels_${name})
  add_library(${target} OBJECT ${level_sources})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${target} PRIVATE kiln_flags)
  target_compile_definitions(${target} PRIVATE KILN_LEVEL=${name} KILN_VECTOR_BYTES=${bytes})
  # -O3 also in debug builds: these are loops over fixed sizes, unusable without unrolling. -ffp-contract: ISO mode would
  # forbid fused multiply-adds.
  target_compile_options(${target} PRIVATE -march=${march} -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math)
  set(KILN_OBJECTS ${KILN_OBJECTS} $<TARGET_OBJECTS:${target}> PARENT_SCOPE)
endfunction()

kiln_level(x86_64 x86-64 16)
kiln_level(v3 x86-64-v3 32)
kiln_level(v4 x86-64-v4 64)
