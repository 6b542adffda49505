#include <costate/core/errors.hpp>
#include <costate/ipopt/detail/constrained_run.hpp>
#include <costate/training/progress_bar.hpp>

#include <IpCompoundVector.hpp>
#include <IpIpoptApplication.hpp>
#include <IpIpoptCalculatedQuantities.hpp>
#include <IpIpoptData.hpp>
#include <IpOrigIpoptNLP.hpp>
#include <IpTNLPAdapter.hpp>
#include <algorithm>
#include <limits>
#include <sstream>

namespace costate::detail {
namespace {

using Index = ::Ipopt::Index;
using Number = ::Ipopt::Number;

struct Ending {
  StopReason reason;
  const char* words;
};

Ending ending_of(::Ipopt::ApplicationReturnStatus status) {
  switch (status) {
    case ::Ipopt::Solve_Succeeded:
      return {StopReason::converged, "Ipopt found a solution"};
    case ::Ipopt::Solved_To_Acceptable_Level:
      return {StopReason::converged, "Ipopt found a solution to its acceptable tolerance only"};
    case ::Ipopt::Feasible_Point_Found:
      return {StopReason::converged, "Ipopt found a point that meets as many equalities as parameters"};
    case ::Ipopt::Infeasible_Problem_Detected:
      return {StopReason::stalled, "Ipopt came to a point of local infeasibility"};
    case ::Ipopt::Search_Direction_Becomes_Too_Small:
      return {StopReason::stalled, "Ipopt's search direction became too small"};
    case ::Ipopt::Diverging_Iterates:
      return {StopReason::stalled, "Ipopt's iterates diverge: the problem may be unbounded"};
    case ::Ipopt::Maximum_Iterations_Exceeded:
      return {StopReason::max_iterations, "Ipopt reached the iteration limit"};
    case ::Ipopt::Maximum_CpuTime_Exceeded:
      return {StopReason::halted, "Ipopt reached its max_cpu_time"};
    case ::Ipopt::Restoration_Failed:
      return {StopReason::stalled, "Ipopt's restoration of feasibility failed"};
    case ::Ipopt::Error_In_Step_Computation:
      return {StopReason::stalled, "Ipopt could not compute a step"};
    case ::Ipopt::Invalid_Number_Detected:
      return {StopReason::not_finite,
              "Ipopt met a number that is not finite, from which it could not go back"};
    default:
      return {StopReason::stalled, "Ipopt failed"};
  }
}

/// The problem in Ipopt's terms.
template <class T>
class Program final : public ::Ipopt::TNLP {
 public:
  Program(ConstrainedRun<T>& run, ProgressBar& bar) : multipliers(run.sides.count()), run_(run), bar_(bar) {}

  bool get_nlp_info(Index& n, Index& m, Index& jacobian, Index& hessian, IndexStyleEnum& style) override {
    n = static_cast<Index>(run_.current.x.size());
    m = static_cast<Index>(run_.sides.count());
    jacobian = n * m;
    hessian = 0;
    style = C_STYLE;
    return true;
  }
  bool get_bounds_info(Index n, Number* x_l, Number* x_u, Index m, Number* g_l, Number* g_u) override {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::fill_n(x_l, n, -infinity);
    std::fill_n(x_u, n, infinity);
    std::copy(run_.bounds.lower.begin(), run_.bounds.lower.end(), x_l);
    std::copy(run_.bounds.upper.begin(), run_.bounds.upper.end(), x_u);
    for (Index i = 0; i < m; ++i) {
      g_l[i] = run_.sides.lower(static_cast<std::size_t>(i));
      g_u[i] = run_.sides.upper(static_cast<std::size_t>(i));
    }
    return true;
  }
  bool get_starting_point(Index, bool, Number* x, bool, Number*, Number*, Index, bool, Number*) override {
    std::copy(run_.current.x.begin(), run_.current.x.end(), x);
    return true;
  }
  bool eval_f(Index n, const Number* x, bool, Number& loss) override {
    const bool inside = evaluate(n, x, true, false);
    if (inside) loss = static_cast<Number>(run_.points.point().loss);
    return inside;
  }
  bool eval_grad_f(Index n, const Number* x, bool, Number* gradient) override {
    const bool inside = evaluate(n, x, true, false);
    if (inside) std::copy_n(run_.points.point().gradient.begin(), n, gradient);
    return inside;
  }
  bool eval_g(Index n, const Number* x, bool, Index m, Number* g) override {
    const bool inside = evaluate(n, x, false, true);
    if (inside && m > 0) std::copy_n(run_.points.point().constraints.residuals.begin(), m, g);
    return inside;
  }
  bool eval_jac_g(Index n, const Number* x, bool, Index m, Index entries, Index* row, Index* column,
                  Number* values) override {
    if (values == nullptr) {
      for (Index k = 0; k < entries; ++k) {
        row[k] = k % m;
        column[k] = k / m;
      }
      return true;
    }
    const bool inside = evaluate(n, x, false, true);
    if (inside) std::copy_n(run_.points.point().constraints.jacobian.begin(), entries, values);
    return inside;
  }
  bool intermediate_callback(::Ipopt::AlgorithmMode mode, Index iteration, Number, Number,
                             Number dual_infeasibility, Number, Number, Number, Number, Number, Index,
                             const ::Ipopt::IpoptData* data,
                             ::Ipopt::IpoptCalculatedQuantities* quantities) override {
    std::vector<Number> x(run_.current.x.size());
    find_iterate(mode == ::Ipopt::RegularMode, *data, *quantities, x);
    return run_.iterated(static_cast<std::size_t>(iteration), x, dual_infeasibility, bar_);
  }
  void finalize_solution(::Ipopt::SolverReturn, Index n, const Number* x, const Number*, const Number*,
                         Index m, const Number*, const Number* lambda, Number, const ::Ipopt::IpoptData*,
                         ::Ipopt::IpoptCalculatedQuantities*) override {
    if (evaluate(n, x, true, true)) run_.current = run_.points.point();
    for (Index i = 0; i < m; ++i) multipliers[static_cast<std::size_t>(i)] = static_cast<T>(lambda[i]);
  }

  std::vector<T> multipliers;

 private:
  bool evaluate(Index n, const Number* x, bool loss, bool constraints) {
    return run_.points.evaluate(std::span<const Number>(x, static_cast<std::size_t>(n)), loss, constraints);
  }

  /// While it restores feasibility Ipopt works on another problem, whose first variables are ours.
  void find_iterate(bool regular, const ::Ipopt::IpoptData& data,
                    ::Ipopt::IpoptCalculatedQuantities& quantities, std::vector<Number>& x) {
    if (regular) {
      auto* problem = dynamic_cast<::Ipopt::OrigIpoptNLP*>(::Ipopt::GetRawPtr(quantities.GetIpoptNLP()));
      if (problem != nullptr) {
        adapter_ = dynamic_cast<::Ipopt::TNLPAdapter*>(::Ipopt::GetRawPtr(problem->nlp()));
        scaling_ = ::Ipopt::GetRawPtr(problem->NLP_scaling());
      }
    }
    ::Ipopt::SmartPtr<const ::Ipopt::Vector> scaled = data.curr()->x();
    if (!regular) {
      const auto* parts = dynamic_cast<const ::Ipopt::CompoundVector*>(::Ipopt::GetRawPtr(scaled));
      scaled = parts != nullptr ? parts->GetComp(0) : nullptr;
    }
    if (adapter_ != nullptr && ::Ipopt::IsValid(scaled))
      adapter_->ResortX(*scaling_->unapply_vector_scaling_x(scaled), x.data());
    else
      std::copy(run_.current.x.begin(), run_.current.x.end(), x.begin());
  }

  ConstrainedRun<T>& run_;
  ProgressBar& bar_;
  // Ipopt's: both own this program, which must not own them
  ::Ipopt::TNLPAdapter* adapter_ = nullptr;
  ::Ipopt::NLPScalingObject* scaling_ = nullptr;
};

/// Throws std::invalid_argument for settings that Ipopt does not take.
::Ipopt::SmartPtr<::Ipopt::IpoptApplication> make_application(const IpoptOptions& options,
                                                              std::size_t max_iterations) {
  ::Ipopt::SmartPtr<::Ipopt::IpoptApplication> application = new ::Ipopt::IpoptApplication(false);
  const auto list = application->Options();
  list->SetIntegerValue("print_level", 0);
  list->SetStringValue("sb", "yes");
  list->SetStringValue("hessian_approximation", "limited-memory");
  list->SetNumericValue("tol", options.tolerance);
  list->SetNumericValue("constr_viol_tol", options.constraint_tolerance);
  list->SetNumericValue("acceptable_constr_viol_tol", options.constraint_tolerance);
  list->SetNumericValue("bound_relax_factor", 0);  // the bounds of train hold at every evaluation
  list->SetIntegerValue("max_iter", static_cast<Index>(std::min<std::size_t>(
                                        max_iterations, std::numeric_limits<Index>::max())));
  std::istringstream settings(options.settings);
  if (application->Initialize(settings) != ::Ipopt::Solve_Succeeded)
    reject("IpoptOptions.settings", "lines of a name and a value of Ipopt's options", options.settings);
  return application;
}

void check_no_file(const TrainOptions& options) {
  if (options.epochs)
    reject("TrainOptions.epochs", "it unset where the loss takes no batches",
           static_cast<double>(*options.epochs));
  if (!options.checkpoint.empty() || options.resume)
    reject("TrainOptions.checkpoint", "it unset: Ipopt keeps its state to itself",
           options.checkpoint.empty() ? "resume = true" : options.checkpoint);
}

}  // namespace

template <class T>
ConstrainedResult<T> run_ipopt(const ConstrainedObjective<T>& objective, std::span<const T> start,
                               const IpoptOptions& ipopt, const TrainOptions& options,
                               function_ref<bool(const TrainPoint<T>&)> callback) {
  check(options, start.size());
  check_no_file(options);
  const Box<T> box(options, "Ipopt", true, start);
  ConstrainedRun<T> run(objective, start, ipopt, options, box.bounds(), callback);
  const auto application = make_application(ipopt, run.result.max_iterations);
  if (!run.begin()) return run.finish({});
  ProgressBar bar(run.result.max_iterations, options.progress);
  auto* program = new Program<T>(run, bar);
  const ::Ipopt::SmartPtr<::Ipopt::TNLP> owner = program;
  const Ending ending = ending_of(application->OptimizeTNLP(owner));
  run.end(ending.reason, ending.words);
  return run.finish(program->multipliers);
}

template ConstrainedResult<float> run_ipopt(const ConstrainedObjective<float>&, std::span<const float>,
                                            const IpoptOptions&, const TrainOptions&,
                                            function_ref<bool(const TrainPoint<float>&)>);
template ConstrainedResult<double> run_ipopt(const ConstrainedObjective<double>&, std::span<const double>,
                                             const IpoptOptions&, const TrainOptions&,
                                             function_ref<bool(const TrainPoint<double>&)>);

}  // namespace costate::detail
