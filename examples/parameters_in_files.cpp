// The parameters of a network in a file that NumPy, PyTorch and others read, and back.
//
//     parameters_in_files [--short] [folder]
#include <costate/costate.hpp>

#include <cstdio>
#include <string>

using namespace costate;

int main(int count, char** arguments) {
  std::string folder = ".";
  for (int i = 1; i < count; ++i)
    if (std::string(arguments[i]) != "--short") folder = arguments[i];

  // [save]
  const Chain net{Dense<2, 8, activation::tanh>{}, Dense<8, 2>{}};
  const auto p = net.initial_parameters<double>(1);
  print(parameter_table(net, p));
  save_parameters(folder + "/spiral.safetensors", net, p);
  const auto again = load_parameters<double>(folder + "/spiral.safetensors", net);
  // [/save]

  bool same = again.size() == p.size();
  for (std::size_t i = 0; same && i < p.size(); ++i) same = again[i] == p[i];
  std::printf("read back: %s\n", same ? "the same bits" : "DIFFERENT");

  const Chain other{Dense<2, 9, activation::tanh>{}, Dense<9, 2>{}};
  bool refused = false;
  try {
    load_parameters<double>(folder + "/spiral.safetensors", other);
  } catch (const std::runtime_error& error) {
    refused = true;
    std::printf("%s\n", error.what());
  }

  // [tensors]
  const TimeSeries series = time_series({0.0, 1.0, 2.0}, {"x", "y"}, Matrix<double>{{1, 2, 3}, {4, 5, 6}});
  write_npz(folder + "/series.npz",
            TensorFile<double>{{{"t", {{series.size()}, series.t}}, {"values", to_tensor(series.values)}}});
  const Matrix<double> values = to_matrix(read_npz(folder + "/series.npz")["values"]);
  // [/tensors]
  std::remove((folder + "/spiral.safetensors").c_str());
  std::remove((folder + "/series.npz").c_str());
  return same && refused && values(1, 2) == 6 ? 0 : 1;
}
