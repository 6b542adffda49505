#pragma once

#include <costate/core/math.hpp>

#include <cstddef>

namespace costate::nist {

// Nonlinear regression problems of the Statistical Reference Datasets (StRD) of the National Institute of
// Standards and Technology, www.itl.nist.gov/div898/strd/nls/nls_main.shtml: data, the two starts (`far` is
// Start 1), and the certified estimates with their standard deviations, to 11 digits, which were computed
// there in extended precision.

struct Misra1a {
  static constexpr const char* name = "Misra1a";
  static constexpr std::size_t parameters = 2;
  static constexpr double far[] = {500.0, 0.0001};
  static constexpr double near[] = {250.0, 0.0005};
  static constexpr double certified[] = {2.3894212918E+02, 5.5015643181E-04};
  static constexpr double deviation[] = {2.7070075241E+00, 7.2668688436E-06};
  static constexpr double sum_of_squares = 1.2455138894E-01;
  static constexpr double response[] = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                                        44.82, 50.76, 55.05, 61.01, 66.4,  75.47, 81.78};
  static constexpr double predictor[] = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                                         378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};
  template <class B>
  static auto model(const B& b, double x) {
    return b[0] * (1.0 - exp(-b[1] * x));
  }
};

struct BoxBOD {
  static constexpr const char* name = "BoxBOD";
  static constexpr std::size_t parameters = 2;
  static constexpr double far[] = {1.0, 1.0};
  static constexpr double near[] = {100.0, 0.75};
  static constexpr double certified[] = {2.1380940889E+02, 5.4723748542E-01};
  static constexpr double deviation[] = {1.2354515176E+01, 1.0455993237E-01};
  static constexpr double sum_of_squares = 1.1680088766E+03;
  static constexpr double response[] = {109.0, 149.0, 149.0, 191.0, 213.0, 224.0};
  static constexpr double predictor[] = {1.0, 2.0, 3.0, 5.0, 7.0, 10.0};
  template <class B>
  static auto model(const B& b, double x) {
    return b[0] * (1.0 - exp(-b[1] * x));
  }
};

struct Rat43 {
  static constexpr const char* name = "Rat43";
  static constexpr std::size_t parameters = 4;
  static constexpr double far[] = {100.0, 10.0, 1.0, 1.0};
  static constexpr double near[] = {700.0, 5.0, 0.75, 1.3};
  static constexpr double certified[] = {6.9964151270E+02, 5.2771253025E+00, 7.5962938329E-01,
                                         1.2792483859E+00};
  static constexpr double deviation[] = {1.6302297817E+01, 2.0828735829E+00, 1.9566123451E-01,
                                         6.8761936385E-01};
  static constexpr double sum_of_squares = 8.7864049080E+03;
  static constexpr double response[] = {16.08,  33.83,  65.8,   97.2,   191.55, 326.2,  386.87, 520.53,
                                        590.03, 651.92, 724.93, 699.56, 689.96, 637.56, 717.41};
  static constexpr double predictor[] = {1.0, 2.0,  3.0,  4.0,  5.0,  6.0,  7.0, 8.0,
                                         9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0};
  template <class B>
  static auto model(const B& b, double x) {
    return b[0] / pow(1.0 + exp(b[1] - b[2] * x), 1.0 / b[3]);
  }
};

struct Eckerle4 {
  static constexpr const char* name = "Eckerle4";
  static constexpr std::size_t parameters = 3;
  static constexpr double far[] = {1.0, 10.0, 500.0};
  static constexpr double near[] = {1.5, 5.0, 450.0};
  static constexpr double certified[] = {1.5543827178E+00, 4.0888321754E+00, 4.5154121844E+02};
  static constexpr double deviation[] = {1.5408051163E-02, 4.6803020753E-02, 4.6800518816E-02};
  static constexpr double sum_of_squares = 1.4635887487E-03;
  static constexpr double response[] = {
      0.0001575, 0.0001699, 0.000235,  0.0003102, 0.0004917, 0.000871,  0.0017418, 0.00464,   0.0065895,
      0.0097302, 0.0149002, 0.023731,  0.0401683, 0.0712559, 0.1264458, 0.2073413, 0.2902366, 0.3445623,
      0.3698049, 0.3668534, 0.3106727, 0.2078154, 0.1164354, 0.0616764, 0.03372,   0.0194023, 0.0117831,
      0.0074357, 0.0022732, 0.00088,   0.0004579, 0.0002345, 0.0001586, 0.0001143, 7.1e-05};
  static constexpr double predictor[] = {400.0, 405.0, 410.0, 415.0, 420.0, 425.0, 430.0, 435.0, 436.5,
                                         438.0, 439.5, 441.0, 442.5, 444.0, 445.5, 447.0, 448.5, 450.0,
                                         451.5, 453.0, 454.5, 456.0, 457.5, 459.0, 460.5, 462.0, 463.5,
                                         465.0, 470.0, 475.0, 480.0, 485.0, 490.0, 495.0, 500.0};
  template <class B>
  static auto model(const B& b, double x) {
    const auto z = (x - b[2]) / b[1];
    return b[0] / b[1] * exp(-0.5 * z * z);
  }
};

struct MGH09 {
  static constexpr const char* name = "MGH09";
  static constexpr std::size_t parameters = 4;
  static constexpr double far[] = {25.0, 39.0, 41.5, 39.0};
  static constexpr double near[] = {0.25, 0.39, 0.415, 0.39};
  static constexpr double certified[] = {1.9280693458E-01, 1.9128232873E-01, 1.2305650693E-01,
                                         1.3606233068E-01};
  static constexpr double deviation[] = {1.1435312227E-02, 1.9633220911E-01, 8.0842031232E-02,
                                         9.0025542308E-02};
  static constexpr double sum_of_squares = 3.0750560385E-04;
  static constexpr double response[] = {0.1957, 0.1947, 0.1735, 0.16,   0.0844, 0.0627,
                                        0.0456, 0.0342, 0.0323, 0.0235, 0.0246};
  static constexpr double predictor[] = {4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625};
  template <class B>
  static auto model(const B& b, double x) {
    return b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3]);
  }
};

struct MGH10 {
  static constexpr const char* name = "MGH10";
  static constexpr std::size_t parameters = 3;
  static constexpr double far[] = {2.0, 400000.0, 25000.0};
  static constexpr double near[] = {0.02, 4000.0, 250.0};
  static constexpr double certified[] = {5.6096364710E-03, 6.1813463463E+03, 3.4522363462E+02};
  static constexpr double deviation[] = {1.5687892471E-04, 2.3309021107E+01, 7.8486103508E-01};
  static constexpr double sum_of_squares = 8.7945855171E+01;
  static constexpr double response[] = {34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0,
                                        11540.0, 9744.0,  8261.0,  7030.0,  6005.0,  5147.0,
                                        4427.0,  3820.0,  3307.0,  2872.0};
  static constexpr double predictor[] = {50.0, 55.0, 60.0,  65.0,  70.0,  75.0,  80.0,  85.0,
                                         90.0, 95.0, 100.0, 105.0, 110.0, 115.0, 120.0, 125.0};
  template <class B>
  static auto model(const B& b, double x) {
    return b[0] * exp(b[1] / (x + b[2]));
  }
};

struct Lanczos3 {
  static constexpr const char* name = "Lanczos3";
  static constexpr std::size_t parameters = 6;
  static constexpr double far[] = {1.2, 0.3, 5.6, 5.5, 6.5, 7.6};
  static constexpr double near[] = {0.5, 0.7, 3.6, 4.2, 4.0, 6.3};
  static constexpr double certified[] = {8.6816414977E-02, 9.5498101505E-01, 8.4400777463E-01,
                                         2.9515951832E+00, 1.5825685901E+00, 4.9863565084E+00};
  static constexpr double deviation[] = {1.7197908859E-02, 9.7041624475E-02, 4.1488663282E-02,
                                         1.0766312506E-01, 5.8371576281E-02, 3.4436403035E-02};
  static constexpr double sum_of_squares = 1.6117193594E-08;
  static constexpr double response[] = {2.5134, 2.0443, 1.6684, 1.3664, 1.1232, 0.9269, 0.7679, 0.6389,
                                        0.5338, 0.4479, 0.3776, 0.3197, 0.272,  0.2325, 0.1997, 0.1723,
                                        0.1493, 0.1301, 0.1138, 0.1,    0.0883, 0.0783, 0.0698, 0.0624};
  static constexpr double predictor[] = {0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55,
                                         0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15};
  template <class B>
  static auto model(const B& b, double x) {
    return b[0] * exp(-b[1] * x) + b[2] * exp(-b[3] * x) + b[4] * exp(-b[5] * x);
  }
};

struct Thurber {
  static constexpr const char* name = "Thurber";
  static constexpr std::size_t parameters = 7;
  static constexpr double far[] = {1000.0, 1000.0, 400.0, 40.0, 0.7, 0.3, 0.03};
  static constexpr double near[] = {1300.0, 1500.0, 500.0, 75.0, 1.0, 0.4, 0.05};
  static constexpr double certified[] = {1.2881396800E+03, 1.4910792535E+03, 5.8323836877E+02,
                                         7.5416644291E+01, 9.6629502864E-01, 3.9797285797E-01,
                                         4.9727297349E-02};
  static constexpr double deviation[] = {4.6647963344E+00, 3.9571156086E+01, 2.8698696102E+01,
                                         5.5675370270E+00, 3.1333340687E-02, 1.4984928198E-02,
                                         6.5842344623E-03};
  static constexpr double sum_of_squares = 5.6427082397E+03;
  static constexpr double response[] = {
      80.574,   84.248,   87.264,   87.195,   89.076,   89.608,   89.868,   90.101,   92.405,   95.854,
      100.696,  101.06,   401.672,  390.724,  567.534,  635.316,  733.054,  759.087,  894.206,  990.785,
      1090.109, 1080.914, 1122.643, 1178.351, 1260.531, 1273.514, 1288.339, 1327.543, 1353.863, 1414.509,
      1425.208, 1421.384, 1442.962, 1464.35,  1468.705, 1447.894, 1457.628};
  static constexpr double predictor[] = {
      -3.067, -2.981, -2.921, -2.912, -2.84,  -2.797, -2.702, -2.699, -2.633, -2.481, -2.363, -2.322, -1.501,
      -1.46,  -1.274, -1.212, -1.1,   -1.046, -0.915, -0.714, -0.566, -0.545, -0.4,   -0.309, -0.109, -0.103,
      0.01,   0.119,  0.377,  0.79,   0.963,  1.006,  1.115,  1.572,  1.841,  2.047,  2.2};
  template <class B>
  static auto model(const B& b, double x) {
    return (b[0] + x * (b[1] + x * (b[2] + x * b[3]))) / (1.0 + x * (b[4] + x * (b[5] + x * b[6])));
  }
};

}  // namespace costate::nist
