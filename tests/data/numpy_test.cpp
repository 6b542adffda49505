#include <costate/data/file.hpp>
#include <costate/data/npy.hpp>
#include <costate/data/npz.hpp>
#include <costate/data/parameters.hpp>
#include <costate/data/safetensors.hpp>
#include <costate/nn/chain.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>

#ifndef COSTATE_TEST_PYTHON
#define COSTATE_TEST_PYTHON "python3"
#endif

namespace costate {
namespace {

namespace fs = std::filesystem;

const Chain net{Dense<2, 5, activation::tanh>{}, Dense<5, 3>{}};

/// The status of a command, and what it prints.
std::pair<int, std::string> run(const std::string& command) {
  std::string output;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  return {pclose(pipe), output};
}

bool has_zlib() {
  try {
    to_npz(TensorFile<double>{}, {.deflate = true});
    to_npz(TensorFile<double>{{{"a", {{}, {1}}}}}, {.deflate = true});
  } catch (const std::invalid_argument&) {
    return false;
  }
  return true;
}

/// What is written here NumPy and the safetensors package read as the same network, and the other way round.
TEST(NumPy, AndSafetensorsAgreeWithUs) {
  const std::string python = COSTATE_TEST_PYTHON;
  if (const auto [status, said] = run(python + " -c 'import numpy'"); status != 0)
    GTEST_SKIP() << python << " cannot import numpy: " << said;
  const fs::path folder = fs::temp_directory_path() / "costate_numpy_test";
  fs::remove_all(folder);
  fs::create_directory(folder);
  const auto path = [&](const char* name) { return (folder / name).string(); };

  auto p = net.initial_parameters<double>(7);
  for (std::size_t i = 0; i < p.size(); ++i) p[i] += 0.1 * std::sin(double(i));  // biases too
  Matrix<double> x(2, 6);
  for (std::size_t k = 0; k < x.size(); ++k) x.data()[k] = std::cos(double(3 * k));
  for (const char* name : {"network.safetensors", "network.npz", "network.npy"})
    save_parameters(path(name), net, p);
  write_npy(path("x.npy"), to_tensor(Matrix<double>(transpose(x))));
  write_npy(path("y.npy"), to_tensor(Matrix<double>(transpose(net(x, p)))));
  write_npy(path("float.npy"), Tensor<float>{{2}, {1.5f, 0.1f}});
  if (has_zlib()) write_npz(path("deflated.npz"), read_npz(path("network.npz")), {.deflate = true});

  const auto [status, said] = run(python + " -B tests/data/numpy_check.py " + folder.string());
  ASSERT_EQ(status, 0) << said;
  std::vector<const char*> written{"back_network.npz", "back_network.npy"};
  if (has_zlib()) written.push_back("back_deflated.npz");
  if (said.find("skipped") == std::string::npos) written.push_back("back_network.safetensors");
  for (const char* name : written) {
    const auto back = load_parameters<double>(path(name), net);
    ASSERT_EQ(back.size(), p.size()) << name;
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_EQ(back[i], p[i]) << name << ", number " << i;
  }
  fs::remove_all(folder);
  if (said.find("skipped") != std::string::npos)
    GTEST_SKIP() << "NumPy's files agree; " << said
                 << "The files in tests/data/reference were made by safetensors.";
}

}  // namespace
}  // namespace costate
