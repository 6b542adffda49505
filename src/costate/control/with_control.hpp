#pragma once

namespace costate {

/// A method with another step-size controller: `with_control(Tsit5{}, IController{})`. It is a method like
/// the one it wraps.
template <class Method, class Controller>
struct WithControl : Method {
  Controller controller;
  constexpr WithControl(const Method& method, const Controller& with) : Method(method), controller(with) {}
};

template <class Method, class Controller>
constexpr WithControl<Method, Controller> with_control(const Method& method, const Controller& controller) {
  return {method, controller};
}

}  // namespace costate
