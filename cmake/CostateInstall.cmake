include(CMakePackageConfigHelpers)
set(destination "${CMAKE_INSTALL_LIBDIR}/cmake/costate")

install(TARGETS costate costate_native EXPORT costateTargets FILE_SET HEADERS FILE_SET rooms)
# find_package(costate COMPONENTS nlopt) looks for NLopt too; without a component nothing of others is looked for.
set(optional "")
set(modules "")
if(TARGET costate_ipopt)
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/FindIpopt.cmake" DESTINATION "${destination}")
  set(modules "list(APPEND CMAKE_MODULE_PATH \"\${CMAKE_CURRENT_LIST_DIR}\")\n")
endif()
foreach(room package IN ZIP_LISTS COSTATE_OPTIONAL_ROOMS COSTATE_OPTIONAL_PACKAGES)
  if(TARGET costate_${room})
    install(TARGETS costate_${room} EXPORT costate${package}Targets FILE_SET HEADERS)
    install(EXPORT costate${package}Targets NAMESPACE costate:: DESTINATION "${destination}")
    string(APPEND optional "if(\"${room}\" IN_LIST costate_FIND_COMPONENTS)\n  find_dependency(${package})\n"
           "  include(\"\${CMAKE_CURRENT_LIST_DIR}/costate${package}Targets.cmake\")\n"
           "  set(costate_${room}_FOUND TRUE)\nendif()\n")
  endif()
endforeach()
string(APPEND optional "foreach(component IN LISTS costate_FIND_COMPONENTS)\n"
       "  if(costate_FIND_REQUIRED_\${component} AND NOT costate_\${component}_FOUND)\n"
       "    set(costate_FOUND FALSE)\n    set(costate_NOT_FOUND_MESSAGE \"costate was built without \${component}\")\n"
       "  endif()\nendforeach()\n")
install(EXPORT costateTargets NAMESPACE costate:: DESTINATION "${destination}")
set(dependencies "include(CMakeFindDependencyMacro)\n")
if(COSTATE_HAS_ZLIB)
  string(APPEND dependencies "find_dependency(ZLIB)\n")
endif()
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/costateConfig.cmake"
     CONTENT "${dependencies}${modules}include(\"\${CMAKE_CURRENT_LIST_DIR}/costateTargets.cmake\")\n${optional}" @ONLY)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/costateConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/costateConfig.cmake" "${PROJECT_BINARY_DIR}/costateConfigVersion.cmake"
        DESTINATION "${destination}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
