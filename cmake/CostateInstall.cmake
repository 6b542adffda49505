include(CMakePackageConfigHelpers)
set(destination "${CMAKE_INSTALL_LIBDIR}/cmake/costate")

install(TARGETS costate costate_native EXPORT costateTargets FILE_SET HEADERS FILE_SET rooms)
install(EXPORT costateTargets NAMESPACE costate:: DESTINATION "${destination}")
set(dependencies "")
if(COSTATE_HAS_ZLIB)
  set(dependencies "include(CMakeFindDependencyMacro)\nfind_dependency(ZLIB)\n")
endif()
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/costateConfig.cmake"
     CONTENT "${dependencies}include(\"\${CMAKE_CURRENT_LIST_DIR}/costateTargets.cmake\")\n" @ONLY)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/costateConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/costateConfig.cmake" "${PROJECT_BINARY_DIR}/costateConfigVersion.cmake"
        DESTINATION "${destination}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
