#pragma once

#include <stdexcept>
#include <string>
#include <sundials/sundials_context.h>
#include <sundials/sundials_version.h>

namespace peers {

inline void require_success(int flag, const char* what) {
  if (flag < 0) throw std::runtime_error(std::string(what) + " failed with flag " + std::to_string(flag));
}

inline SUNContext make_context() {
  SUNContext context = nullptr;
#if SUNDIALS_VERSION_MAJOR >= 7
  require_success(SUNContext_Create(SUN_COMM_NULL, &context), "SUNContext_Create");
#else
  require_success(SUNContext_Create(nullptr, &context), "SUNContext_Create");
#endif
  return context;
}

}  // namespace peers
