#pragma once

#include <stdexcept>
#include <string>

namespace costate {

/// What a call says when it refuses its arguments; "none" where it takes them.
template <class Call>
std::string refusal_of(Call&& call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

/// What a call says when a file or its bytes fail it; "none" where they do not.
template <class Call>
std::string complaint_of(Call&& call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace costate
