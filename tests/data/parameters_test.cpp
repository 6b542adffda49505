#include <costate/data/file.hpp>
#include <costate/data/network_description.hpp>
#include <costate/data/npy.hpp>
#include <costate/data/npz.hpp>
#include <costate/data/parameters.hpp>
#include <costate/data/safetensors.hpp>
#include <costate/nn/chain.hpp>
#include <costate/nn/split.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <gtest/gtest.h>

#include "contracts/refusal.hpp"

namespace costate {
namespace {

const Chain net{[](auto x) { return x * x; }, Dense<2, 4, activation::tanh>{}, Dense{4, 3}};

template <class T>
Vector<T> odd_numbers(std::size_t count) {
  Vector<T> p(count);
  for (std::size_t i = 0; i < count; ++i) p[i] = T(std::sin(double(i + 1)) / 3);
  p[0] = -T(0);
  p[1] = std::numeric_limits<T>::denorm_min();
  return p;
}

template <class T>
void expect_exact_bits(const std::string& path) {
  const auto p = odd_numbers<T>(net.parameter_count());
  save_parameters(path, net, p);
  const auto back = load_parameters<T>(path, net);
  ASSERT_EQ(back.size(), p.size());
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  for (std::size_t i = 0; i < p.size(); ++i)
    EXPECT_EQ(std::bit_cast<Bits>(back[i]), std::bit_cast<Bits>(p[i])) << path;
  if (sizeof(T) == 4) {
    EXPECT_EQ(load_parameters<double>(path, net)[5], double(p[5]));
  } else {
    EXPECT_NE(complaint_of([&] { load_parameters<float>(path, net); }).find("want float32, got float64"),
              std::string::npos);
  }
  std::remove(path.c_str());
}

TEST(Parameters, KeepEveryBitInEveryFormat) {
  for (const char* name :
       {"costate_parameters.safetensors", "costate_parameters.npz", "costate_parameters.npy"}) {
    expect_exact_bits<double>(testing::TempDir() + name);
    expect_exact_bits<float>(testing::TempDir() + name);
  }
}

TEST(Parameters, WithoutANetworkAreOneArray) {
  for (const char* name :
       {"costate_parameters.safetensors", "costate_parameters.npz", "costate_parameters.npy"}) {
    const std::string path = testing::TempDir() + name;
    const Vector rates{0.8, -0.0, 1e-310};
    save_parameters(path, rates);
    const auto back = load_parameters(path);
    ASSERT_EQ(back.size(), 3u) << path;
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_EQ(std::bit_cast<std::uint64_t>(back[i]), std::bit_cast<std::uint64_t>(rates[i])) << path;
    save_parameters(path, Vector{1.5f});
    EXPECT_EQ(load_parameters<float>(path)[0], 1.5f);
    std::remove(path.c_str());
  }
}

TEST(Parameters, OfANetworkAreRefusedWhereNoneIsGiven) {
  const std::string path = testing::TempDir() + "costate_parameters.safetensors";
  save_parameters(path, net, odd_numbers<double>(net.parameter_count()));
  EXPECT_NE(complaint_of([&] {
              load_parameters(path);
            }).find("want one array, 'parameters', where no network is given, got 'layers.1.weight'"),
            std::string::npos)
      << complaint_of([&] { load_parameters(path); });
  write_npy(testing::TempDir() + "costate_table.npy", Tensor<double>{{1, 2}, {1, 2}});
  EXPECT_NE(complaint_of([] {
              load_parameters(testing::TempDir() + "costate_table.npy");
            }).find("want a shape of one number, got [1, 2]"),
            std::string::npos);
  std::remove(path.c_str());
  std::remove((testing::TempDir() + "costate_table.npy").c_str());
}

/// The network and its outputs were computed by NumPy: tests/data/reference/make_reference.py.
TEST(Parameters, OfAnotherToolGiveItsOutputs) {
  const Chain other{Dense<2, 3, activation::tanh>{}, Dense<3, 1>{}};
  const auto outputs = read_npz("tests/data/reference/network_output.npz");
  const auto x = to_matrix(outputs["x"]), y = to_matrix(outputs["y"]);
  for (const char* name : {"network.safetensors", "network.npz"}) {
    const auto p = load_parameters<double>(std::string("tests/data/reference/") + name, other);
    for (std::size_t i = 0; i < x.rows(); ++i)
      EXPECT_NEAR(other(Vector{x(i, 0), x(i, 1)}, p)[0], y(i, 0), 1e-15) << name;
  }
}

TEST(Parameters, AreStoredAsMatricesOfOutputsByInputs) {
  const std::string path = testing::TempDir() + "costate_parameters.safetensors";
  const auto p = odd_numbers<double>(net.parameter_count());
  save_parameters(path, net, p);
  const auto file = read_safetensors(path);
  const auto& weight = file["layers.1.weight"];
  EXPECT_EQ(weight.shape, (std::vector<std::size_t>{4, 2}));
  EXPECT_EQ(weight.values[1 * 2 + 1], p[4 + 1]) << "row 1, column 1 is number 1 of the second column";
  EXPECT_EQ(file["layers.1.bias"].values[0], p[8]);
  EXPECT_EQ(file.metadata.at(0).first, "costate.network");
  EXPECT_EQ(parse_description(file.metadata.at(0).second), describe(net));
  std::remove(path.c_str());
}

TEST(Parameters, OfAnotherNetworkAreRefusedWithBothDescriptions) {
  const std::string path = testing::TempDir() + "costate_other.safetensors";
  save_parameters(path, net, net.initial_parameters<double>(1));
  const std::string start = "costate: '" + path + "': ";
  EXPECT_EQ(complaint_of([&] { load_parameters(path, Chain{Dense<2, 5>{}}); }),
            start +
                "want parameters of Chain{Dense{2, 5}}, got those of Chain{function, Dense{2, 4, tanh}, "
                "Dense{4, 3}}");
  const auto same_sizes = Chain{[](auto x) { return x; }, Dense<2, 4, activation::relu>{}, Dense<4, 3>{}};
  EXPECT_EQ(
      complaint_of([&] { load_parameters(path, same_sizes); }),
      start +
          "want parameters of Chain{function, Dense{2, 4, relu}, Dense{4, 3}}, got those of Chain{function, "
          "Dense{2, 4, tanh}, Dense{4, 3}}");

  auto file = read_safetensors(path);
  file.metadata.clear();
  write_safetensors(path, file);
  EXPECT_EQ(load_parameters(path, same_sizes).size(), net.parameter_count())
      << "a file without a description";
  EXPECT_EQ(complaint_of([&] { load_parameters(path, Dense<2, 4>{}); }),
            start +
                "want an array 'weight' for Dense{2, 4}, got 'layers.1.weight', 'layers.1.bias', "
                "'layers.2.weight', 'layers.2.bias'");
  EXPECT_EQ(
      complaint_of([&] {
        load_parameters(path, Chain{activation::tanh, Dense<2, 3>{}});
      }),
      start + "array 'layers.1.weight': want the shape [3, 2] for Chain{tanh, Dense{2, 3}}, got [4, 2]");
  EXPECT_NE(complaint_of([&] {
              load_parameters(path, Chain{activation::tanh, Dense<2, 4>{}});
            }).find("want the 2 arrays"),
            std::string::npos);
  std::remove(path.c_str());

  const std::string flat = testing::TempDir() + "costate_other.npy";
  save_parameters(flat, net, net.initial_parameters<double>(1));
  EXPECT_EQ(complaint_of([&] { load_parameters(flat, Dense<2, 4>{}); }),
            "costate: '" + flat + "': want the shape [12] of the parameters of Dense{2, 4}, got [27]");
  std::remove(flat.c_str());
}

TEST(Parameters, WrongArgumentsAreRefused) {
  EXPECT_EQ(refusal_of([] { save_parameters("a.bin", net, net.initial_parameters<double>(1)); }),
            "save_parameters: path: want an ending .safetensors, .npz or .npy, got 'a.bin'");
  EXPECT_EQ(refusal_of([] { load_parameters("a.txt", net); }),
            "load_parameters: path: want an ending .safetensors, .npz or .npy, got 'a.txt'");
  EXPECT_EQ(refusal_of([] {
              save_parameters("a.npy", net, Vector{1.0, 2.0});
            }),
            "save_parameters: parameters p: want 27 numbers, got 2");
}

TEST(Parameters, HaveNamedViewsThatPrintAsATable) {
  Vector<double> p(net.parameter_count());
  p[0] = 3;
  p[7] = 4;
  p[26] = 12;
  const auto table = parameter_table(net, p);
  EXPECT_EQ(table["layers.1.weight"].norm(), 5);
  EXPECT_EQ(table["layers.2.bias"].values.data(), p.data() + 24);
  EXPECT_EQ(to_string(table),
            "name              shape  offset  norm\n"
            "layers.1.weight  [4, 2]       0     5\n"
            "layers.1.bias       [4]       8     0\n"
            "layers.2.weight  [3, 4]      12     0\n"
            "layers.2.bias       [3]      24    12\n"
            "all                [27]            13\n");
  EXPECT_EQ(refusal_of([&] { table["weight"]; }),
            "ParameterTable: part: want one of 'layers.1.weight', 'layers.1.bias', 'layers.2.weight', "
            "'layers.2.bias', "
            "got 'weight'");
}

TEST(NetworkDescription, IsJson) {
  const std::string text = to_json(describe(Chain{activation::tanh, Dense<2, 1>{}}));
  EXPECT_EQ(
      text,
      R"({"kind":"Chain","layers":[{"activation":"tanh","kind":"Elementwise"},{"activation":"identity","inputs":2,)"
      R"("kind":"Dense","outputs":1,"parameters":[{"name":"weight","shape":[1,2]},{"name":"bias","shape":[1]}]}]})");
  for (const LayerDescription& description :
       {describe(net), describe(Dense<3, 1>{}), describe(Dense<1, 1, activation::gelu>{})})
    EXPECT_EQ(parse_description(to_json(description)), description);
}

TEST(NetworkDescription, SaysWhatIsWrong) {
  const auto said = [](const std::string& text) {
    return complaint_of([&] { parse_description(text, "f"); });
  };
  EXPECT_EQ(said("{"), "costate: 'f': description is no JSON: '{'");
  EXPECT_EQ(said("[]"), "costate: 'f': description: want a layer, an object with its kind");
  EXPECT_EQ(said("{}"), "costate: 'f': description: want a text for 'kind'");
  EXPECT_EQ(said(R"({"kind":"Dense","inputs":-1})"),
            "costate: 'f': description: want a number of values for 'inputs'");
  EXPECT_EQ(said(R"({"kind":"Dense","rate":0.5})"),
            "costate: 'f': description: want kind, inputs, outputs, activation, and lists of layers and "
            "parameters, got "
            "'rate'");
  std::string nested = R"({"kind":"a"})";
  for (int i = 0; i < 100; ++i) nested = R"({"kind":"Chain","layers":[)" + nested + "]}";
  EXPECT_EQ(said(nested), "costate: 'f': description: want layers nested at most 64 deep");
  EXPECT_NE(said(std::string(1000000, '[')), "none");
}

}  // namespace
}  // namespace costate
