#pragma once

#include <costate/methods/explicit_tableau.hpp>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace costate {

namespace detail {

inline constexpr int max_tree_order = 10;

/// Rooted trees with at most n vertices, OEIS A000081 summed.
inline constexpr std::array<std::size_t, max_tree_order + 1> trees_up_to = {0,  1,  2,   4,   8,   17,
                                                                            37, 85, 200, 486, 1205};

/// A rooted tree as the Butcher product left ∘ right: `right` hung on the root of `left`.
struct RootedTree {
  int order;
  std::size_t left, right;
  std::size_t multiplicity;  ///< how many children of the root equal `right`
  double density;            ///< γ(u ∘ v) = |u ∘ v| · γ(u)/|u| · γ(v)
  double symmetry;           ///< σ(u ∘ v) = σ(u) σ(v) · multiplicity
};

/// Every rooted tree once, by order: a product is kept where `right` is not before the last child hung on
/// `left`.
constexpr std::array<RootedTree, trees_up_to[max_tree_order]> make_rooted_trees() {
  std::array<RootedTree, trees_up_to[max_tree_order]> trees{};
  trees[0] = {1, 0, 0, 0, 1.0, 1.0};
  std::size_t size = 1;
  for (int order = 2; order <= max_tree_order; ++order) {
    for (int k = 1; k < order; ++k) {
      for (std::size_t u = trees_up_to[order - k - 1]; u < trees_up_to[order - k]; ++u) {
        for (std::size_t v = trees_up_to[k - 1]; v < trees_up_to[k]; ++v) {
          const RootedTree& left = trees[u];
          if (left.order > 1 && v < left.right) continue;
          const std::size_t multiplicity = left.order > 1 && v == left.right ? left.multiplicity + 1 : 1;
          trees[size++] = {order,
                           u,
                           v,
                           multiplicity,
                           order * (left.density / left.order) * trees[v].density,
                           left.symmetry * trees[v].symmetry * static_cast<double>(multiplicity)};
        }
      }
    }
  }
  return trees;
}

inline constexpr std::array<RootedTree, trees_up_to[max_tree_order]> rooted_trees = make_rooted_trees();

constexpr double absolute(double x) {
  return x < 0.0 ? -x : x;
}

/// Calls visit(tree, Φ(t)) for every tree t up to `order`, Φ: [rows], from the first `rows` stages.
///
///     Φᵢ(•) = 1,   Φᵢ(u ∘ v) = Φᵢ(u) Σⱼ aᵢⱼ Φⱼ(v)
template <std::size_t N, class Visit>
constexpr void for_each_elementary_weight(const std::array<std::array<double, N>, N>& a, std::size_t rows,
                                          int order, Visit visit) {
  if (order < 1 || order > max_tree_order) {
    throw std::invalid_argument("order conditions: want 1 <= order <= " + std::to_string(max_tree_order) +
                                ", got " + std::to_string(order));
  }
  std::array<std::array<double, N>, trees_up_to[max_tree_order - 1]> weight{}, product{};
  for (std::size_t t = 0; t < trees_up_to[static_cast<std::size_t>(order)]; ++t) {
    const RootedTree& tree = rooted_trees[t];
    std::array<double, N> phi{};
    for (std::size_t i = 0; i < rows; ++i) {
      phi[i] = tree.order == 1 ? 1.0 : weight[tree.left][i] * product[tree.right][i];
    }
    visit(tree, phi);
    if (tree.order == order) continue;
    weight[t] = phi;
    // Plain pointers: clang counts every call of an operator[] against its limit on constant evaluation.
    const double* value = phi.data();
    for (std::size_t i = 1; i < rows; ++i) {
      const double* row = a[i].data();
      double sum = 0.0;
      for (std::size_t j = 0; j < i; ++j) sum += row[j] * value[j];
      product[t][i] = sum;
    }
  }
}

template <std::size_t N, std::size_t Stages>
constexpr double order_residual(const std::array<std::array<double, N>, N>& a,
                                const std::array<double, Stages>& b, int order) {
  double worst = 0.0;
  for_each_elementary_weight(a, Stages, order, [&](const RootedTree& tree, const std::array<double, N>& phi) {
    double residual = -1.0 / tree.density;
    const double *weight = b.data(), *value = phi.data();
    for (std::size_t i = 0; i < Stages; ++i) residual += weight[i] * value[i];
    if (absolute(residual) > worst) worst = absolute(residual);
  });
  return worst;
}

}  // namespace detail

/// How far a table is from satisfying the conditions of `order` ≤ 10: the largest residual over all rooted
/// trees.
///
///     max over |t| ≤ order of |Σᵢ bᵢ Φᵢ(t) − 1/γ(t)|
///
/// Hairer, Nørsett & Wanner I (1993), §II.2, Theorem 2.13.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double order_residual(const ExplicitTableau<Stages, Extra, Degree>& tableau, int order) {
  return detail::order_residual(tableau.a, tableau.b, order);
}

/// The same of the embedded weights b̂ = b − e.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double embedded_order_residual(const ExplicitTableau<Stages, Extra, Degree>& tableau, int order) {
  std::array<double, Stages> b = tableau.b;
  for (std::size_t i = 0; i < Stages; ++i) b[i] -= tableau.e[i];
  return detail::order_residual(tableau.a, b, order);
}

/// The same of the second embedded weights b − second_e.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double second_embedded_order_residual(const ExplicitTableau<Stages, Extra, Degree>& tableau,
                                                int order) {
  std::array<double, Stages> b = tableau.b;
  for (std::size_t i = 0; i < Stages; ++i) b[i] -= tableau.second_e[i];
  return detail::order_residual(tableau.a, b, order);
}

/// The same of dense output, power by power of θ.
///
///     Σⱼ bⱼ(θ) Φⱼ(t) = θ^|t| / γ(t)  for all θ,   bⱼ(θ) = Σ_q rⱼ_q θ^(q+1)
///
/// Hairer, Nørsett & Wanner I (1993), §II.6.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double dense_order_residual(const ExplicitTableau<Stages, Extra, Degree>& tableau, int order) {
  double worst = 0.0;
  detail::for_each_elementary_weight(
      tableau.a, Stages + Extra, order,
      [&](const detail::RootedTree& tree, const std::array<double, Stages + Extra>& phi) {
        std::array<double, Degree> residuals{};
        if (static_cast<std::size_t>(tree.order) <= Degree) {
          residuals[static_cast<std::size_t>(tree.order) - 1] = -1.0 / tree.density;
        }
        double* residual = residuals.data();
        for (std::size_t j = 0; j < Stages + Extra; ++j) {
          const double* row = tableau.r[j].data();
          const double value = phi[j];
          for (std::size_t q = 0; q < Degree; ++q) residual[q] += row[q] * value;
        }
        for (double x : residuals) {
          if (detail::absolute(x) > worst) worst = detail::absolute(x);
        }
      });
  return worst;
}

/// max |Σⱼ aᵢⱼ − cᵢ| over all stages: whether u' = 1 is followed at every stage.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double row_sum_residual(const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  double worst = 0.0;
  for (std::size_t i = 0; i < Stages + Extra; ++i) {
    double residual = -tableau.c[i];
    for (std::size_t j = 0; j < Stages + Extra; ++j) residual += tableau.a[i][j];
    if (detail::absolute(residual) > worst) worst = detail::absolute(residual);
  }
  return worst;
}

/// max |bⱼ(1) − bⱼ|: whether dense output ends where the step ends.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double end_point_residual(const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  double worst = 0.0;
  for (std::size_t j = 0; j < Stages + Extra; ++j) {
    double residual = j < Stages ? -tableau.b[j] : 0.0;
    for (std::size_t q = 0; q < Degree; ++q) residual += tableau.r[j][q];
    if (detail::absolute(residual) > worst) worst = detail::absolute(residual);
  }
  return worst;
}

/// Whether the table has the shape that its fields promise: `a` strictly lower triangular, `fsal` exactly
/// where the last stage is f(u(t + h), t + h), and error weights exactly where an order is given for them,
/// the second estimate's below that of the first.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr bool is_well_formed(const ExplicitTableau<Stages, Extra, Degree>& tableau) {
  for (std::size_t i = 0; i < Stages + Extra; ++i) {
    for (std::size_t j = i; j < Stages + Extra; ++j) {
      if (tableau.a[i][j] != 0.0) return false;
    }
  }
  bool has_e = false, has_second_e = false;
  for (double e : tableau.e) has_e = has_e || e != 0.0;
  for (double e : tableau.second_e) has_second_e = has_second_e || e != 0.0;
  if (has_e != (tableau.embedded_order > 0) || has_second_e != (tableau.second_embedded_order > 0))
    return false;
  if (has_second_e && tableau.second_embedded_order >= tableau.embedded_order) return false;
  bool last_is_new = tableau.c[Stages - 1] == 1.0 && tableau.b[Stages - 1] == 0.0;
  for (std::size_t j = 0; j < Stages; ++j) {
    last_is_new = last_is_new && tableau.a[Stages - 1][j] == tableau.b[j];
  }
  return tableau.fsal == last_is_new;
}

/// Σ over |t| = order of (Σᵢ bᵢ Φᵢ(t) − 1/γ(t))² / σ(t)²; at order p + 1 the square of the principal error
/// norm. Hairer, Nørsett & Wanner I (1993), §II.3.
template <std::size_t Stages, std::size_t Extra, std::size_t Degree>
constexpr double squared_error_norm(const ExplicitTableau<Stages, Extra, Degree>& tableau, int order) {
  double sum = 0.0;
  detail::for_each_elementary_weight(
      tableau.a, Stages, order,
      [&](const detail::RootedTree& tree, const std::array<double, Stages + Extra>& phi) {
        if (tree.order != order) return;
        double residual = -1.0 / tree.density;
        for (std::size_t i = 0; i < Stages; ++i) residual += tableau.b[i] * phi[i];
        sum += (residual / tree.symmetry) * (residual / tree.symmetry);
      });
  return sum;
}

}  // namespace costate
