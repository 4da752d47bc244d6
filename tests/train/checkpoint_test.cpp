#include "nnrec/train/checkpoint.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/io/sealed_file.hpp"

#include "support/damage.hpp"
#include "support/expect_error.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;
using testing::TinyTraining;

class Checkpoint : public ::testing::Test {
 protected:
  Checkpoint() {
    comm::SelfCommunicator self;
    const math::ThreadTeam team(1);
    Trainer trainer(self, team, tiny_.input(), *tiny_.rules, {64}, tiny_.initial());
    trainer.train_epoch();
    state_ = trainer.state();
    state_->position = 64;
    state_->epoch_squared_error = WideSum({12345, 6, 7});
    save_checkpoint(path_, *state_,
                    {"complex",
                     "abc",
                     "seed = 5\n",
                     "step 3: x\n",
                     {"/a/b.h5", "../b.h5", "d1"},
                     "commit = 1\n"},
                    features::row_names(tiny_.set));
  }
  TrainState load() const { return load_checkpoint(path_, tiny_.network.layout(), *tiny_.rules); }

  TinyTraining tiny_{"complex"};
  std::filesystem::path path_ = tiny_.folder / "checkpoint.h5";
  std::optional<TrainState> state_;
};

TEST_F(Checkpoint, HoldsTheWholeState) {
  const TrainState loaded = load();
  EXPECT_EQ(loaded.parameters.digest(), state_->parameters.digest());
  EXPECT_EQ(loaded.optimizer_state.digest(), state_->optimizer_state.digest());
  EXPECT_EQ(loaded.seed, 5U);
  EXPECT_EQ(loaded.epoch, 1U);
  EXPECT_EQ(loaded.position, 64U);
  EXPECT_EQ(loaded.step, 5U);
  EXPECT_EQ(loaded.epoch_squared_error, WideSum({12345, 6, 7}));
  const CheckpointInfo info = read_checkpoint_head(path_).info;
  EXPECT_EQ(info.variant, "complex");
  EXPECT_EQ(info.data_digest, "abc");
  EXPECT_EQ(info.options, "seed = 5\n");
  EXPECT_EQ(info.changes, "step 3: x\n");
  EXPECT_EQ(info.origin.path, "/a/b.h5");
  EXPECT_EQ(info.origin.from_run, "../b.h5");
  EXPECT_EQ(info.origin.model_digest, "d1");
  EXPECT_EQ(read_checkpoint_head(path_).model_digest, state_->model().digest());
  EXPECT_EQ(info.build, "commit = 1\n");
}

// Each night's data add some lines.
TEST_F(Checkpoint, HoldsAsManyChangesAsARunHasSeen) {
  CheckpointInfo info = read_checkpoint_head(path_).info;
  for (int step = 0; step < 4000; ++step) info.changes += fmt::format("step {}: seed = 1\n", step);
  info.options = std::string(80'000, 'o');
  save_checkpoint(path_, *state_, info, features::row_names(tiny_.set));
  EXPECT_EQ(read_checkpoint_head(path_).info.changes, info.changes);
  EXPECT_EQ(read_checkpoint_head(path_).info.options, info.options);
  EXPECT_EQ(load().parameters.digest(), state_->parameters.digest());
}

TEST_F(Checkpoint, HoldsWhatSamplingKeeps) {
  comm::SelfCommunicator self;
  const auto sampling = [&] {
    SamplingState kept(self, tiny_.network.layout());
    kept.test.emplace(self, 80);
    return kept;
  };
  state_->sampling = sampling();
  state_->sampling->numbers = {0.5, 0.25, 0.125, 3, 2, 9, 7};
  for (auto* values : {&state_->sampling->precision, &state_->sampling->curvature,
                       &state_->sampling->kept_precision}) {
    for (double& value : *values) value = 0.1 * static_cast<double>(&value - values->data() + 1);
  }
  state_->sampling->snapshot.values(1)[2] = 4.0F;
  std::ranges::fill(state_->sampling->test->sums(), 12345);
  save_checkpoint(path_, *state_, {}, features::row_names(tiny_.set));

  TrainState loaded(tiny_.initial());
  loaded.sampling = sampling();
  load_checkpoint(path_, loaded);
  EXPECT_EQ(loaded.digest(), state_->digest());
  EXPECT_EQ(loaded.sampling->numbers.samples, 7U);
  EXPECT_EQ(std::ranges::count(loaded.sampling->test->sums(), 12345), 80);
  EXPECT_FALSE(load().sampling) << "of who does not ask for it";
  loaded.sampling->test.emplace(self, 81);
  expect_error(ErrorKind::input, HasSubstr("sampling/test does not have 81 numbers"),
               [&] { load_checkpoint(path_, loaded); });
  loaded.sampling = sampling();
  state_->sampling->curvature[2] = std::nan("");
  save_checkpoint(path_, *state_, {}, features::row_names(tiny_.set));
  expect_error(ErrorKind::input, HasSubstr("sampling/curvature holds nan in row 2"),
               [&] { load_checkpoint(path_, loaded); });
}

TEST_F(Checkpoint, HoldsTheGridsOfSums) {
  const std::string without = state_->digest();
  state_->grids = {3, 0, 46, 17};
  EXPECT_NE(state_->digest(), without);
  save_checkpoint(path_, *state_, {}, features::row_names(tiny_.set));
  EXPECT_EQ(load().grids, state_->grids);
  EXPECT_EQ(load().digest(), state_->digest());
  state_->grids = {47};
  save_checkpoint(path_, *state_, {}, features::row_names(tiny_.set));
  expect_error(ErrorKind::input, HasSubstr("grids holds 47, which is not in 0..46"),
               [&] { load(); });
}

TEST_F(Checkpoint, HoldsTheAverageWhichAnswers) {
  TinyTraining averaged("complex", {"adagrad", 0.1, {}, 0.5});
  TrainState state = averaged.initial();
  state.average->values(1)[2] = 4.0F;
  save_checkpoint(path_, state, {}, {});
  EXPECT_EQ(load_checkpoint(path_, averaged.network.layout(), *averaged.rules).digest(),
            state.digest());
  EXPECT_EQ(load_parameters(path_, averaged.network.layout()).digest(), state.average->digest());
  expect_error(ErrorKind::input, HasSubstr("holds an average of its weights: go on with --ema"),
               [&] { load(); });
  save_checkpoint(path_, *state_, {}, {});
  expect_error(ErrorKind::input, HasSubstr("holds no average of its weights: go on without --ema"),
               [&] { load_checkpoint(path_, averaged.network.layout(), *averaged.rules); });
}

TEST_F(Checkpoint, SaysWhatTheRowsOfItsTablesStandFor) {
  const shards::Catalogue& catalogue = tiny_.set.catalogue();
  const SavedRowNames rows = read_row_names(path_);
  EXPECT_EQ(rows.users, catalogue.user_ids);
  EXPECT_EQ(rows.titles, catalogue.titles);
  EXPECT_EQ(rows.words, catalogue.words);
  EXPECT_EQ(rows.genres, catalogue.genres);
  EXPECT_EQ(rows.times.first, tiny_.set.manifest().time_min);
  EXPECT_EQ(rows.times.last, tiny_.set.manifest().time_max);
}

class CheckpointOf : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, CheckpointOf, ::testing::ValuesIn(testing::variant_names()));

TEST_P(CheckpointOf, ComesBackWithTheSameBits) {
  const TinyTraining tiny(GetParam());
  const TrainState state = tiny.initial();
  const auto path = tiny.folder / "round.h5";
  save_checkpoint(path, state, {std::string(GetParam()), "", "", "", ""}, {});
  const TrainState loaded = load_checkpoint(path, tiny.network.layout(), *tiny.rules);
  EXPECT_EQ(loaded.parameters.digest(), state.parameters.digest());
  EXPECT_EQ(loaded.optimizer_state.digest(), state.optimizer_state.digest());
}

TEST_F(Checkpoint, NoDamageOfAThousandBytesAndTwoHundredCutsIsAccepted) {
  testing::expect_damage_refused(path_, [&] { load(); });
  testing::expect_damage_refused(path_, [&] { read_checkpoint_head(path_); }, {100, 50, 5});
}

TEST_F(Checkpoint, OneThatWasSealedAsAWholeIsRead) {
  const std::string sealed = testing::read_file(path_);
  testing::write_file(path_, sealed.substr(0, sealed.size() - 85));
  io::append_seal(path_);
  EXPECT_EQ(load().digest(), state_->digest());
  EXPECT_EQ(read_checkpoint_head(path_).progress.step, 5U);
}

TEST(LargeCheckpoint, ComesBackFromManyBlocksWithTheSameBits) {
  nn::ParameterLayout layout;
  for (const auto& [name, rows, cols] :
       {std::tuple{"user", 70001, 33}, {"bias", 1, 1}, {"title", 3, 7}, {"word", 90011, 17}}) {
    layout.add(name, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols),
               nn::BlockKind::table, nn::InitialValues::embedding);
  }
  const nn::UpdateRules rules(layout, {});
  comm::SelfCommunicator self;
  TrainState state = initial_state(self, layout, rules, 1);
  state.step = 3;
  const testing::TemporaryFolder folder;
  save_checkpoint(folder / "a.h5", state, {"basic", "", "", "", ""}, {});
  EXPECT_GT(std::filesystem::file_size(folder / "a.h5"), 20U << 20);
  EXPECT_EQ(load_checkpoint(folder / "a.h5", layout, rules).digest(), state.digest());
  save_checkpoint(folder / "b.h5", state, {"basic", "", "", "", ""}, {});
  EXPECT_TRUE(testing::read_file(folder / "a.h5") == testing::read_file(folder / "b.h5"));
  testing::expect_damage_refused(
      folder / "a.h5", [&] { load_checkpoint(folder / "a.h5", layout, rules); }, {20, 3, 6});
}

TEST_F(Checkpoint, AnotherModelIsRefusedWithTheBlock) {
  const TinyTraining other("one_layer");
  testing::expect_error(ErrorKind::input, HasSubstr("dense1.weight"),
                        [&] { load_checkpoint(path_, other.network.layout(), *other.rules); });
}

TEST_F(Checkpoint, NumbersThatAreNotFiniteAreRefusedWithBlockAndRow) {
  const auto& block = tiny_.network.layout().blocks()[0];
  for (const auto& [value, text] : {std::pair{std::nanf(""), "nan"}, {HUGE_VALF, "inf"}}) {
    TrainState state = *state_;
    state.parameters.values(0)[2 * block.cols + 1] = value;
    save_checkpoint(path_, state, {"complex", "", "", "", ""}, {});
    testing::expect_error(
        ErrorKind::input,
        HasSubstr(fmt::format("checkpoint.h5: parameters/{} holds {} in row 2", block.name, text)),
        [&] { load(); });
  }
  TrainState state = *state_;
  state.optimizer_state.values(0)[0] = -HUGE_VALF;
  save_checkpoint(path_, state, {"complex", "", "", "", ""}, {});
  testing::expect_error(ErrorKind::input, HasSubstr("holds -inf in row 0"), [&] { load(); });
}

TEST_F(Checkpoint, AMissingOrForeignFileIsRefusedByName) {
  testing::expect_error(ErrorKind::input, HasSubstr("nowhere.h5"), [&] {
    load_checkpoint(tiny_.folder / "nowhere.h5", tiny_.network.layout(), *tiny_.rules);
  });
  const auto shard = tiny_.set.folder() / tiny_.set.manifest().shards[0].file;
  testing::expect_error(ErrorKind::input, HasSubstr("not a checkpoint"),
                        [&] { load_checkpoint(shard, tiny_.network.layout(), *tiny_.rules); });
}

TEST_F(Checkpoint, AFailedSaveLeavesTheOldOne) {
  const std::string before = testing::read_file(path_);
  state_->step = 6;
  testing::expect_error(ErrorKind::io, HasSubstr("missing"), [&] {
    save_checkpoint(tiny_.folder / "missing" / "checkpoint.h5", *state_, {}, {});
  });
  EXPECT_EQ(testing::read_file(path_), before);
}

}  // namespace
}  // namespace nnrec::train
