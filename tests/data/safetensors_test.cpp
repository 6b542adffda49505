#include <costate/data/file.hpp>
#include <costate/data/safetensors.hpp>

#include <gtest/gtest.h>

#include "contracts/refusal.hpp"

namespace costate {
namespace {

const std::string folder = "tests/data/reference/";  // made by safetensors, see make_reference.py there

TEST(Safetensors, ReadsWhatItsPackageWrites) {
  const auto file = read_safetensors(folder + "types.safetensors");
  EXPECT_EQ(file.tensors.size(), 13u);
  for (const auto& [name, tensor] : file.tensors) {
    const double step = name.find("float") != std::string::npos ? 0.5 : 1;
    EXPECT_EQ(tensor.shape, name == "bool" ? std::vector<std::size_t>{2} : (std::vector<std::size_t>{2, 3}))
        << name;
    for (std::size_t i = 0; i < tensor.values.size(); ++i)
      EXPECT_EQ(tensor.values[i], step * double(i)) << name;
  }
  EXPECT_EQ(file["bfloat16"].values.size(), 6u);
  EXPECT_EQ(file["float64"].values.size(), 6u);
  EXPECT_EQ(file.metadata.at(0), (std::pair<std::string, std::string>{"made by", "safetensors"}));
  EXPECT_EQ(complaint_of([] { read_safetensors<float>(folder + "types.safetensors"); }),
            "costate: '" + folder +
                "types.safetensors/float64': want float32, got float64: read it as double, and "
                "round where that is meant");
}

TEST(Safetensors, WhatIsWrittenIsReadBack) {
  const TensorFile<float> file{
      {{"z", {{2, 2}, {1, 2, 3, 0.1f}}}, {"größe", {{}, {5}}}, {"none", {{0, 7}, {}}}},
      {{"note", "\"quoted\"\n"}}};
  const std::string bytes = to_safetensors(file);
  EXPECT_EQ((static_cast<unsigned char>(bytes[0]) + 256u * static_cast<unsigned char>(bytes[1])) % 8, 0u);
  const auto back = parse_safetensors<float>(bytes);
  EXPECT_EQ(back.tensors.size(), 3u);
  for (const auto& [name, tensor] : file.tensors) {
    EXPECT_EQ(back[name].shape, tensor.shape);
    EXPECT_EQ(back[name].values, tensor.values);
  }
  EXPECT_EQ(back.metadata, file.metadata);
  EXPECT_EQ(parse_safetensors<double>(bytes)["z"].values[3], double(0.1f));
  EXPECT_EQ(refusal_of([] {
              to_safetensors(TensorFile<double>{{{"a", {{}, {1}}}, {"a", {{}, {1}}}}});
            }),
            "to_safetensors: names: want each once, and not __metadata__, got 'a'");
}

std::string file_of(const std::string& header, std::size_t bytes) {
  std::string length(8, '\0');
  length[0] = char(header.size() & 0xFF);
  length[1] = char(header.size() >> 8);
  return length + header + std::string(bytes, '\0');
}

TEST(Safetensors, SaysWhatIsWrongWithAFile) {
  const auto said = [](const std::string& header, std::size_t bytes = 8) {
    return complaint_of([&] { parse_safetensors(file_of(header, bytes), "f"); });
  };
  EXPECT_EQ(complaint_of([] { parse_safetensors("abc", "f"); }),
            "costate: 'f': want a .safetensors file, got one that is cut short");
  EXPECT_EQ(complaint_of([] { parse_safetensors("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}", "f"); }),
            "costate: 'f': want a .safetensors file, got other bytes or one that is cut short");
  EXPECT_EQ(said("{\"a\":"), "costate: 'f': its header is no JSON: '{\"a\":'");
  EXPECT_EQ(said("[]"), "costate: 'f': its header: want a JSON object");
  EXPECT_EQ(said(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})"), "none");
  EXPECT_EQ(said(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 9),
            "costate: 'f': want 8 bytes of numbers, got 9");
  EXPECT_EQ(said(R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}})"),
            "costate: 'f': tensor 'a': its data_offsets do not fit its shape");
  EXPECT_EQ(said(R"({"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}})"),
            "costate: 'f': tensor 'a': want a dtype of F16, BF16, F32, F64, I8 … U64, BOOL, got 'F8_E4M3'");
  EXPECT_EQ(said(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"),
            "costate: 'f': tensor 'a': want its numbers at byte 0, after those before it, got 4");
  EXPECT_EQ(said(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})"),
            "costate: 'f': tensor 'a': want a shape and two data_offsets");
  EXPECT_EQ(said(R"({"a":{"dtype":"U8","shape":[4503599627370496,4503599627370496],"data_offsets":[0,8]}})"),
            "costate: 'f': tensor 'a': its data_offsets do not fit its shape");
  EXPECT_EQ(said(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{}})"),
            "costate: 'f': its header has the key 'a' twice");
  EXPECT_EQ(said(R"({"__metadata__":{"a":1}})", 0), "costate: 'f': its __metadata__: want a text for 'a'");
}

}  // namespace
}  // namespace costate
