#include <costate/data/file.hpp>
#include <costate/data/npy.hpp>
#include <costate/data/npz.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>

#include "contracts/refusal.hpp"

namespace costate {
namespace {

const std::string folder = "tests/data/reference/";  // made by NumPy, see make_reference.py there

template <class T>
void expect_counting(const Tensor<T>& tensor, std::vector<std::size_t> shape, double step,
                     const std::string& what) {
  EXPECT_EQ(tensor.shape, shape) << what;
  std::size_t size = 1;
  for (const auto length : shape) size *= length;
  ASSERT_EQ(tensor.values.size(), size) << what;
  for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(tensor.values[i], T(step * double(i))) << what << " " << i;
}

TEST(Npy, ReadsWhatNumPyWrites) {
  struct Case {
    const char* name;
    std::vector<std::size_t> shape;
    double step;
  };
  for (const auto& [name, shape, step] : {Case{"c_order", {2, 3}, 0.5},
                                          {"fortran_order", {2, 3, 4}, 0.5},
                                          {"big_endian", {2, 3}, 0.5},
                                          {"big_endian_int", {5}, 1},
                                          {"half", {4}, 0.5},
                                          {"int8", {4}, 1},
                                          {"uint16", {4}, 1},
                                          {"int64", {2, 2}, 1},
                                          {"bool", {2}, 1},
                                          {"scalar", {}, 1},
                                          {"empty", {0, 3}, 1},
                                          {"version2", {3}, 0.5},
                                          {"version3", {3}, 0.5}})
    expect_counting(read_npy(folder + name + ".npy"), shape, step, name);
  expect_counting(read_npy<float>(folder + "fortran_order.npy"), {2, 3, 4}, 0.5, "as float");
  expect_counting(read_npy<float>(folder + "int64.npy"), {2, 2}, 1, "as float");
}

TEST(Npy, WritesTheBytesThatNumPyWrites) {
  const std::string path = folder + "c_order.npy";
  EXPECT_EQ(to_npy(read_npy(path)), read_file(path));
  EXPECT_EQ(to_npy(read_npy(folder + "scalar.npy")), read_file(folder + "scalar.npy"));
  EXPECT_EQ(to_npy(read_npy(folder + "empty.npy")), read_file(folder + "empty.npy"));
}

TEST(Npy, KeepsEveryBit) {
  Tensor<double> tensor{{3, 1, 2},
                        {-0.0, 5e-324, std::bit_cast<double>(0x7FF4000000000123u), 1.0 / 3,
                         -std::numeric_limits<double>::infinity(), 1.7976931348623157e308}};
  const auto back = parse_npy(to_npy(tensor));
  EXPECT_EQ(back.shape, tensor.shape);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back.values[i]), std::bit_cast<std::uint64_t>(tensor.values[i]));
  const auto single = parse_npy<float>(to_npy(Tensor<float>{{1}, {0.1f}}));
  EXPECT_EQ(single.values[0], 0.1f);
  EXPECT_EQ(parse_npy(to_npy(single)).values[0], double(0.1f)) << "float32 is widened exactly";
}

/// A file of that header's text and that many bytes of zeros.
std::string file_of(const std::string& header, std::size_t bytes) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += char(header.size());
  file += '\0';
  return file + header + std::string(bytes, '\0');
}

TEST(Npy, HalfsHaveTheirValues) {
  std::string file = file_of("{'descr': '<f2', 'fortran_order': False, 'shape': (6,)}", 0);
  for (const unsigned bits : {0x3C00u, 0xC000u, 0x0001u, 0x7BFFu, 0x7C00u, 0x8000u}) {
    file += char(bits & 0xFF);
    file += char(bits >> 8);
  }
  const auto values = parse_npy(file).values;
  EXPECT_EQ(values, (std::vector<double>{1, -2, 0x1p-24, 65504, std::numeric_limits<double>::infinity(), 0}));
  EXPECT_TRUE(std::signbit(values[5]));
}

TEST(Npy, SaysWhatIsWrongWithAFile) {
  const auto said = [](const std::string& bytes) { return complaint_of([&] { parse_npy(bytes, "f.npy"); }); };
  EXPECT_EQ(said("PK"), "costate: 'f.npy': want a .npy file, got other bytes");
  const std::string good = read_file(folder + "c_order.npy");
  EXPECT_EQ(said(good.substr(0, 9)), "costate: 'f.npy': npy header: cut short");
  EXPECT_EQ(said(good.substr(0, 100)), "costate: 'f.npy': npy header: cut short");
  EXPECT_EQ(said(good.substr(0, 150)),
            "costate: 'f.npy': want all numbers of the shape [2, 3] of type float64, got 22 bytes");
  EXPECT_EQ(said(good + "x"),
            "costate: 'f.npy': want all numbers of the shape [2, 3] of type float64, got 49 bytes");
  EXPECT_EQ(said(read_file(folder + "object.npy")),
            "costate: 'f.npy': npy header: want numbers (f2, f4, f8, i1 … u8, b1), got ''|O', "
            "'fortran_order': False, "
            "'shape': (…'");
  EXPECT_EQ(said(file_of("{'descr': '<f8', 'fortran_order': False, }", 0)),
            "costate: 'f.npy': npy header: want descr, fortran_order and shape, got '{'descr': '<f8', "
            "'fortran_order': False,…'");
  EXPECT_EQ(complaint_of([] { read_npy<float>(folder + "c_order.npy"); }),
            "costate: '" + folder +
                "c_order.npy': want float32, got float64: read it as double, and round where that "
                "is meant");
}

TEST(Npy, NoSizeIsBelievedBeforeItsBytesAreThere) {
  for (const char* shape :
       {"(1000000000000,)", "(4294967296, 4294967296)", "(9223372036854775807, 2, 3)",
        "(18446744073709551615,)", "(0, 4294967296, 4294967296)", "(184467440737095516160,)"}) {
    const std::string header = std::string("{'descr': '<f8', 'fortran_order': True, 'shape': ") + shape + "}";
    EXPECT_NE(complaint_of([&] { parse_npy(file_of(header, 8)); }), "none") << shape;
  }
}

TEST(Npy, WholeNumbersThatWouldBeRoundedAreRefused) {
  std::string file = file_of("{'descr': '<u8', 'fortran_order': False, 'shape': (1,)}", 8);
  file.back() = '\x80';
  EXPECT_EQ(parse_npy(file).values[0], 0x1p63);
  file[file.size() - 8] = 1;
  EXPECT_EQ(complaint_of([&] { parse_npy(file); }),
            "costate: 'npy bytes': want whole numbers that a float of 64 bits holds exactly, got "
            "9223372036854775809 of "
            "type uint64");
  for (std::size_t i = 0; i < 8; ++i) file[file.size() - 1 - i] = '\xFF';
  EXPECT_NE(complaint_of([&] { parse_npy(file); }), "none") << "2^64 − 1";
}

TEST(Npz, ReadsWhatNumPyWrites) {
  std::vector<std::string> names{"stored.npz"};
  const bool has_zlib =
      complaint_of([] { read_npz(folder + "deflated.npz"); }).find("without zlib") == std::string::npos;
  if (has_zlib) names.push_back("deflated.npz");
  for (const auto& name : names) {
    const auto file = read_npz(folder + name);
    ASSERT_EQ(file.tensors.size(), 2u);
    expect_counting(file["a"], {2, 3}, 0.5, name);
    expect_counting(file["inner/b"], {3}, 0.5, name);
    EXPECT_EQ(refusal_of([&] { file["c"]; }), "TensorFile: tensor: want one of 'a', 'inner/b', got 'c'");
    const NpzOptions options{.deflate = name != "stored.npz"};
    const auto back = parse_npz(to_npz(TensorFile<double>{file.tensors, {{"note", "text"}}}, options));
    EXPECT_EQ(back["a"].values, file["a"].values);
    EXPECT_EQ(back.metadata.at(0).second, "text");
  }
}

TEST(Npz, SaysWhatIsWrongWithAFile) {
  const auto said = [](const std::string& bytes) { return complaint_of([&] { parse_npz(bytes, "f.npz"); }); };
  std::string good = to_npz(TensorFile<double>{{{"a", {{2}, {1, 2}}}}});
  EXPECT_EQ(said(good.substr(0, 40)),
            "costate: 'f.npz': want a zip archive (.npz), got other bytes or one that is cut short");
  std::string damaged = good;
  damaged[good.find("NUMPY") + 140] ^= 1;
  EXPECT_EQ(said(damaged), "costate: 'f.npz': zip archive: member 'a.npy' is damaged");
  EXPECT_EQ(
      complaint_of([&] { parse_npz<float>(good, "f.npz"); }),
      "costate: 'f.npz/a.npy': want float32, got float64: read it as double, and round where that is meant");
  EXPECT_EQ(refusal_of([] {
              to_npz(TensorFile<double>{{{"a", {{1}, {1}}}, {"a", {{1}, {1}}}}});
            }),
            "to_npz: names: want each once, got 'a.npy' twice");
  EXPECT_EQ(refusal_of([] {
              to_npz(TensorFile<double>{{{"a", {{2}, {1}}}}});
            }),
            "to_npy: tensor: want as many numbers as the shape [2] has, got 1");
}

TEST(Npz, ASizeThatWasChangedIsNoReasonToAskForMemory) {
  std::string file = to_npz(TensorFile<double>{{{"a", {{2}, {1, 2}}}}});
  const std::size_t entry = file.find("PK\x01\x02");
  file[entry + 10] = 8;                                            // deflated
  for (std::size_t i = 24; i < 28; ++i) file[entry + i] = '\xF0';  // 4 GB
  EXPECT_NE(complaint_of([&] { parse_npz(file); }), "none");
}

TEST(Tensor, MatricesAndBack) {
  const Matrix<double> matrix{{1, 2, 3}, {4, 5, 6}};
  const auto tensor = to_tensor(matrix);
  EXPECT_EQ(tensor.values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(to_matrix(tensor)(1, 0), 4);
  EXPECT_EQ(to_matrix(Tensor<double>{{2}, {7, 8}})(1, 0), 8);
  EXPECT_EQ(refusal_of([] {
              to_matrix(Tensor<double>{{}, {7}});
            }),
            "to_matrix: tensor: want 1 or 2 dimensions, got 0");
}

}  // namespace
}  // namespace costate
