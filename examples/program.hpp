#pragma once

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

namespace examples {

/// The main of an example: `program [--short] [folder of its pictures]`.
inline int run_program(int count, char** arguments, int (*run)(bool is_short, const std::string& folder)) {
  bool is_short = false;
  std::string folder = "pictures";
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--short") == 0)
      is_short = true;
    else
      folder = arguments[i];
  }
  try {
    return run(is_short, folder);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", arguments[0], error.what());
    return 1;
  }
}

}  // namespace examples
