# The Ipopt library, which brings no CMake files of its own: the target Ipopt::ipopt.
include(FindPackageHandleStandardArgs)
find_path(IPOPT_INCLUDE_DIR IpIpoptApplication.hpp PATH_SUFFIXES coin-or coin)
find_library(IPOPT_LIBRARY ipopt)
mark_as_advanced(IPOPT_INCLUDE_DIR IPOPT_LIBRARY)
find_package_handle_standard_args(Ipopt REQUIRED_VARS IPOPT_LIBRARY IPOPT_INCLUDE_DIR)
if(Ipopt_FOUND AND NOT TARGET Ipopt::ipopt)
  add_library(Ipopt::ipopt UNKNOWN IMPORTED)
  # headers before 3.13 want to be told which headers of C there are
  set_target_properties(Ipopt::ipopt PROPERTIES
    IMPORTED_LOCATION "${IPOPT_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${IPOPT_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS HAVE_CSTDDEF)
endif()
