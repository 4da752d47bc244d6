#include "nnrec/base/per_processor.hpp"

#include "adam_update.hpp"

namespace nnrec::nn::optimizers {
namespace {

/// Adam without decay: see AdamUpdate.
class Adam final : public Optimizer {
 public:
  explicit Adam(Settings& settings) : update_(settings) {}

  std::vector<Slot> slots() const override { return AdamUpdate::slots(); }
  void update(const RowsToUpdate& rows, const Step& step) const override {
    update_rows(rows, step);
  }

 private:
  NNREC_PER_PROCESSOR
  void update_rows(const RowsToUpdate& rows, const Step& step) const {
    update_.update(rows, step, 1.0F);
  }

  AdamUpdate update_;
};

}  // namespace

extern const Entry adam{"averages of gradient and square", &make<Adam>};

}  // namespace nnrec::nn::optimizers
