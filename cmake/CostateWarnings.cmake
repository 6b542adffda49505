# Warnings for our own code. They are errors for developers; `cmake --compile-no-warning-as-error` lets them pass.
function(costate_warnings target)
  if(NOT COSTATE_DEVELOPER OR NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    return()
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow)
  set_target_properties(${target} PROPERTIES COMPILE_WARNING_AS_ERROR ON)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # These come from the optimizer, change with inlining, and g++ 12 has known false ones: shown, never fatal.
    target_compile_options(${target} PRIVATE -Wno-error=array-bounds -Wno-error=maybe-uninitialized
                                             -Wno-error=restrict -Wno-error=stringop-overflow)
    # With -O3 g++ 12 takes every "text" + std::string for overlapping copies (GCC bug 105329).
    target_compile_options(${target} PRIVATE "$<$<CONFIG:Release>:-Wno-restrict>")
  endif()
endfunction()
