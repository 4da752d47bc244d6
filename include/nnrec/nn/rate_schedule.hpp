#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nnrec::nn {

/// How far training is: updates made, and epochs with the fraction of the current one.
struct TrainingTime {
  std::uint64_t updates = 0;
  double epochs = 0;
};

/// Over how many updates or epochs, one of the two, the rate rises to its full size; both 0: none.
struct WarmUp {
  double updates = 0;
  double epochs = 0;
};
/// `none`, or a number with a unit like 500steps or 0.5epochs. Throws UsageError.
WarmUp parse_warm_up(std::string_view text);

/// What the learning rate is multiplied by in an update, as a function of how far training is: a
/// shape over the epochs times a warm-up. The same bits with every libm.
///   constant                     1
///   step:every=E,factor=F        F^k after k times E epochs
///   linear:over=E,end=F          from 1 to F in E epochs, then F
///   cosine:over=E,end=F          the same as half a cosine wave: slow, fast, slow
///   warm-up                      min(1, updates / N), or of epochs: a part more with each update
class RateSchedule {
 public:
  /// constant, no warm-up.
  RateSchedule() = default;
  /// `shape`: NAME or NAME:setting=value,...; `over` is `epochs` where it is not given. Throws
  /// UsageError.
  RateSchedule(std::string_view shape, const WarmUp& warm_up, double epochs);

  /// Of the update that leads from `before` to `after`.
  double factor(const TrainingTime& before, const TrainingTime& after) const;
  /// The shape with every setting spelled out.
  const std::string& text() const noexcept { return text_; }

 private:
  enum class Shape { constant, step, linear, cosine };
  double shape_at(double epochs) const;

  Shape shape_ = Shape::constant;
  double epochs_ = 1;  ///< `every` or `over`
  double factor_ = 1;  ///< `factor` or `end`
  std::string text_ = "constant";
  WarmUp warm_up_;
};

/// cos(pi x) for x in 0..1, within 4e-16, from IEEE 754 operations only.
double cosine_of_half_turns(double x);

}  // namespace nnrec::nn
