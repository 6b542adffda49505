# The rooms in include order: a room includes only rooms before it. tools/check_includes.py reads this list.
set(COSTATE_ROOMS
    core linalg ad random problems control methods solve sensitivity nn neural data losses optimizers training plot interop
    nlopt ceres ipopt)

# Rooms whose headers a program includes by name: they bring in other people's, which cost more to compile than all of
# <costate/costate.hpp>.
set(COSTATE_ROOMS_BY_NAME interop)

# Rooms that need a library of somebody else: each is a target costate::<room>, built where that is found, and none is in
# <costate/costate.hpp>.
set(COSTATE_OPTIONAL_ROOMS nlopt ceres ipopt)
set(COSTATE_OPTIONAL_PACKAGES NLopt Ceres Ipopt)

# Writes <out_dir>/costate/<room>.hpp, which includes every public header of the room's folder, and
# <out_dir>/costate/costate.hpp, which includes every room that has one. A new method, layer, optimizer or
# sensitivity is therefore one new file and no registry edit. Headers in a folder below the room are private.
# The paths written go to the variable named by `written`.
function(costate_write_room_headers rooms_dir out_dir written)
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE "${rooms_dir}" "${rooms_dir}/*")
  foreach(folder IN LISTS folders)
    if(IS_DIRECTORY "${rooms_dir}/${folder}" AND NOT folder IN_LIST COSTATE_ROOMS)
      message(FATAL_ERROR "src/costate/${folder} has no place in COSTATE_ROOMS (cmake/CostateRooms.cmake)")
    endif()
  endforeach()

  set(paths "")
  set(all "#pragma once\n")
  foreach(room IN LISTS COSTATE_ROOMS)
    file(GLOB headers CONFIGURE_DEPENDS RELATIVE "${rooms_dir}" "${rooms_dir}/${room}/*.hpp")
    if(NOT headers OR room IN_LIST COSTATE_ROOMS_BY_NAME OR room IN_LIST COSTATE_OPTIONAL_ROOMS)
      continue()
    endif()
    list(SORT headers)
    set(text "#pragma once\n")
    foreach(header IN LISTS headers)
      string(APPEND text "#include <costate/${header}>\n")
    endforeach()
    file(CONFIGURE OUTPUT "${out_dir}/costate/${room}.hpp" CONTENT "${text}" @ONLY)
    list(APPEND paths "${out_dir}/costate/${room}.hpp")
    string(APPEND all "#include <costate/${room}.hpp>\n")
  endforeach()
  file(CONFIGURE OUTPUT "${out_dir}/costate/costate.hpp" CONTENT "${all}" @ONLY)
  list(APPEND paths "${out_dir}/costate/costate.hpp")

  file(GLOB stale "${out_dir}/costate/*.hpp")
  list(REMOVE_ITEM stale ${paths})
  if(stale)
    file(REMOVE ${stale})
  endif()
  set(${written} "${paths}" PARENT_SCOPE)
endfunction()
