#include "nnrec/base/per_processor.hpp"

#include "adam_update.hpp"

namespace nnrec::nn::optimizers {
namespace {

/// Adam that beside its step takes rate * decay of each weight away: w = (1 - rate decay) w - step.
/// The decay does not pass through the averages. A row of a table decays in the updates that touch
/// it, and in no others.
/// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2; the
/// decay is scaled by the learning rate too, as is common since.
class AdamW final : public Optimizer {
 public:
  explicit AdamW(Settings& settings)
      : update_(settings), decay_(settings.number("decay", 0.01, {0, 1e6})) {}

  std::vector<Slot> slots() const override { return AdamUpdate::slots(); }
  void update(const RowsToUpdate& rows, const Step& step) const override {
    update_rows(rows, step);
  }

 private:
  NNREC_PER_PROCESSOR
  void update_rows(const RowsToUpdate& rows, const Step& step) const {
    update_.update(rows, step, static_cast<float>(1 - step.rate * decay_));
  }

  AdamUpdate update_;
  double decay_;
};

}  // namespace

extern const Entry adamw{"adam that decays touched weights", &make<AdamW>};

}  // namespace nnrec::nn::optimizers
