#include "nnrec/comm/launch.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/self_communicator.hpp"

namespace nnrec::comm {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

// E01
TEST(Launch, SeparateRanksUnderSlurmAreRefused) {
  const auto environment = environment_of({{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "2"}});
  EXPECT_THAT([&] { check_launch(1, environment); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("task 2 of 4"), HasSubstr("1 rank"),
                                              HasSubstr("--mpi=pmix"), HasSubstr("mpirun"))));
}

// srun's first task has all that a batch script has, and its step beside.
TEST(Launch, TheFirstOfSeparateTasksIsRefusedToo) {
  for (const char* name : {"SLURM_STEP_ID", "SLURM_STEPID"}) {
    const auto environment = environment_of(
        {{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "0"}, {name, "3"}, {"SLURM_STEP_NUM_TASKS", "2"}});
    EXPECT_THAT([&] { check_launch(1, environment); },
                ThrowsMessage<UsageError>(HasSubstr("task 0 of 2 (SLURM_STEP_NUM_TASKS)")));
    EXPECT_THROW(check_launcher(environment), UsageError);
  }
}

// What a script, or a shell of salloc's, starts by itself is one process, and so is srun -n 1.
TEST(Launch, OneProcessOfAJobOfManyTasksGoesBy) {
  std::map<std::string, std::string> job{{"SLURM_NTASKS", "2"}, {"SLURM_PROCID", "0"}};
  EXPECT_NO_THROW(check_launch(1, environment_of(job)));
  EXPECT_NO_THROW(check_launcher(environment_of(job)));
  EXPECT_FALSE(is_alone_in_step(environment_of(job)));
  job["SLURM_STEP_ID"] = job["SLURM_STEPID"] = "4294967290";
  job["SLURM_STEP_NUM_TASKS"] = "2";
  EXPECT_NO_THROW(check_launch(1, environment_of(job))) << "an interactive step";
  EXPECT_NO_THROW(check_launcher(environment_of(job)));
  EXPECT_TRUE(is_alone_in_step(environment_of(job)));
  job["SLURM_STEP_ID"] = job["SLURM_STEPID"] = "0";
  EXPECT_THROW(check_launch(1, environment_of(job)), UsageError);
  job["SLURM_STEP_NUM_TASKS"] = "1";
  EXPECT_NO_THROW(check_launch(1, environment_of(job))) << "srun -n 1";
  EXPECT_TRUE(is_alone_in_step(environment_of(job)));
  job["PMIX_RANK"] = "0";
  EXPECT_FALSE(is_alone_in_step(environment_of(job))) << "PMIx leads it";
}

TEST(Launch, OneProcessIsAllowedWhereItIsMeant) {
  const std::map<std::string, std::string> slurm{{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "1"}};
  auto with = [&](const char* name, const char* value) {
    auto values = slurm;
    values[name] = value;
    return environment_of(values);
  };
  EXPECT_NO_THROW(check_launch(1, with("NNREC_SINGLE_PROCESS", "1")));
  EXPECT_NO_THROW(check_launch(1, with("OMPI_COMM_WORLD_SIZE", "1")));
  EXPECT_NO_THROW(check_launch(1, with("SLURM_NTASKS", "1")));
  EXPECT_THROW(check_launch(1, with("NNREC_SINGLE_PROCESS", "0")), UsageError);
}

TEST(Launch, OtherLaunchesPass) {
  EXPECT_NO_THROW(check_launch(4, environment_of({{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "2"}})));
  EXPECT_NO_THROW(check_launch(1, environment_of({{"SLURM_NTASKS", "4"}})));
  EXPECT_NO_THROW(check_launch(1, environment_of({})));
  EXPECT_NO_THROW(check_launch(3, environment_of({{"OMPI_COMM_WORLD_SIZE", "3"}})));
  EXPECT_NO_THROW(check_launch(3, environment_of({{"PMI_SIZE", "3"}})));
}

TEST(Launch, EveryLaunchersCountIsComparedWithMpis) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE",
                           "JSM_NAMESPACE_SIZE", "FLUX_JOB_SIZE"}) {
    EXPECT_THAT(
        [&] {
          check_launch(1, environment_of({{name, "2"}}));
        },
        ThrowsMessage<UsageError>(
            AllOf(HasSubstr(std::string(name) + " says 2"), HasSubstr("MPI says 1 rank"),
                  HasSubstr("the mpirun of the MPI that nnrec was built with"))))
        << name;
    EXPECT_THROW(check_launch(4, environment_of({{name, "2"}})), UsageError) << name;
    EXPECT_THROW(check_launch(2, environment_of({{name, "many"}})), UsageError) << name;
    EXPECT_NO_THROW(check_launch(1, environment_of({{name, "2"}, {"NNREC_SINGLE_PROCESS", "1"}})));
  }
}

// A launcher within another's task: what the outer one left in the environment is not of this job.
TEST(Launch, OneLauncherThatAgreesIsEnough) {
  EXPECT_NO_THROW(
      check_launch(2, environment_of({{"OMPI_COMM_WORLD_SIZE", "2"}, {"PMI_SIZE", "8"}})));
  EXPECT_NO_THROW(check_launch(
      2, environment_of(
             {{"OMPI_COMM_WORLD_SIZE", "2"}, {"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}})));
  EXPECT_THROW(check_launch(1, environment_of({{"OMPI_COMM_WORLD_SIZE", "2"}, {"PMI_SIZE", "8"}})),
               UsageError);
}

// srun --het-group counts the tasks of one component, MPI those of all.
TEST(Launch, MoreRanksThanTasksOfOneComponentPass) {
  const std::map<std::string, std::string> task{{"SLURM_NTASKS", "2"}, {"SLURM_PROCID", "1"}};
  EXPECT_NO_THROW(check_launch(6, environment_of(task)));
}

TEST(Launch, TasksWithoutAWayToEachOtherAreRefusedBeforeMpiStarts) {
  std::map<std::string, std::string> task{{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "2"}};
  EXPECT_THROW(check_launcher(environment_of(task)), UsageError);
  for (const char* name : {"PMIX_RANK", "PMI_RANK", "OMPI_COMM_WORLD_SIZE"}) {
    auto led = task;
    led[name] = "4";
    EXPECT_NO_THROW(check_launcher(environment_of(led))) << name;
  }
  EXPECT_NO_THROW(check_launcher(environment_of({})));
}

TEST(Launch, ThreadsThatHaveCoresGiveNoWarning) {
  EXPECT_EQ(thread_warning({{"a", 8, {0, 1, 2, 3}}, {"a", 8, {4, 5, 6, 7}}}, 4), "");
  EXPECT_EQ(thread_warning({{"a", 2, {0, 1}}, {"a", 2, {0, 1}}}, 1), "");
  EXPECT_EQ(thread_warning({{"a", 1, {0}}, {"b", 1, {0}}}, 1), "");
  EXPECT_EQ(thread_warning({{"a", 4, {}}}, 99), "");
}

TEST(Launch, BoundRanksAreToldTheLaunchOption) {
  const std::string one = "1 core allowed, 8 threads asked (1 rank x 8) on a: ";
  const std::string advice = "launch with --bind-to none or --map-by slot:PE=8";
  EXPECT_THAT(thread_warning({{"a", 16, {3}}}, 8), AllOf(HasSubstr(one), HasSubstr(advice)));
  EXPECT_THAT(thread_warning({{"a", 16, {0}}, {"a", 16, {1}}}, 8), HasSubstr(advice));
}

TEST(Launch, RanksThatShareCoresAreCountedTogether) {
  EXPECT_THAT(thread_warning({{"a", 4, {0, 1}}, {"a", 4, {0, 1}}}, 2),
              HasSubstr("2 cores allowed, 4 threads asked (2 ranks x 2) on a"));
  EXPECT_THAT(thread_warning({{"a", 4, {0, 1, 2, 3}}, {"a", 4, {0, 1}}}, 3),
              HasSubstr("4 cores allowed, 6 threads asked (2 ranks x 3)"));
}

TEST(Launch, ThreadsThatOpenMpBindsToTheSameCoresAreWarnedOf) {
  const RankCores bound{"a", 8, {0, 1, 2, 3, 4, 5, 6, 7}, "OMP_PROC_BIND"};
  EXPECT_EQ(thread_warning({bound}, 8), "");
  EXPECT_THAT(thread_warning({bound, bound}, 4),
              AllOf(HasSubstr("OMP_PROC_BIND binds the threads of 2 ranks on a to the same cores"),
                    HasSubstr("--map-by slot:PE=4")));
  EXPECT_EQ(thread_warning({bound, bound}, 1), "") << "the first thread of each is released";
  // Each has cores of its own, by the launcher or by OMP_PLACES.
  EXPECT_EQ(thread_warning({{"a", 8, {0, 1}, "OMP_PLACES"}, {"a", 8, {2, 3}, "OMP_PLACES"}}, 2),
            "");
  EXPECT_EQ(thread_warning({bound, {"b", 8, {0, 1, 2, 3, 4, 5, 6, 7}, "OMP_PROC_BIND"}}, 8), "");
}

TEST(Launch, WhatBindsThreadsIsNamed) {
  EXPECT_EQ(binding_variable(environment_of({})), "");
  for (const char* value : {"true", "spread", "close,spread", "PRIMARY"})
    EXPECT_EQ(binding_variable(environment_of({{"OMP_PROC_BIND", value}})), "OMP_PROC_BIND");
  EXPECT_EQ(binding_variable(environment_of({{"OMP_PLACES", "cores"}})), "OMP_PLACES");
  EXPECT_EQ(binding_variable(environment_of({{"OMP_PROC_BIND", "bogus"}})), "");
  EXPECT_EQ(binding_variable(environment_of({{"GOMP_CPU_AFFINITY", "0-3"}})), "GOMP_CPU_AFFINITY");
  EXPECT_EQ(binding_variable(environment_of({{"OMP_PROC_BIND", "FALSE"}, {"OMP_PLACES", "cores"}})),
            "");
}

TEST(Launch, AFullHostIsToldToUseFewer) {
  EXPECT_THAT(thread_warning({{"a", 2, {0, 1}}}, 8), HasSubstr("use fewer threads or ranks"));
}

TEST(Launch, RanksOfANodeShareTheCoresThatTheyMayUse) {
  const RankCores all{"a", 8, {0, 1, 2, 3, 4, 5, 6, 7}};
  const auto shares = [](const std::vector<RankCores>& ranks) {
    std::vector<int> found;
    for (std::size_t rank = 0; rank < ranks.size(); ++rank)
      found.push_back(share_of_cores(ranks, rank));
    return found;
  };
  EXPECT_THAT(shares({all}), ElementsAre(8));
  EXPECT_THAT(shares({all, all, all}), Each(2));
  EXPECT_THAT(shares(std::vector<RankCores>(8, all)), Each(1));
  EXPECT_THAT(shares(std::vector<RankCores>(9, all)), Each(1));
  // Bound ranks keep their own; those of another node take nothing away.
  EXPECT_THAT(shares({{"a", 8, {0, 1, 2}}, {"a", 8, {3, 4, 5}}, {"b", 8, {0, 1, 2, 3}}}),
              ElementsAre(3, 3, 4));
  EXPECT_THAT(shares({{"a", 4, {0, 1, 2, 3}}, {"a", 4, {3}}}), ElementsAre(3, 1));
  // Six sixths of a core are one.
  EXPECT_THAT(shares(std::vector<RankCores>(6, {"a", 6, {0, 1, 2, 3, 4, 5}})), Each(1));
  EXPECT_THAT(shares({{"a", 4, {}}}), ElementsAre(1));
}

TEST(Launch, CoresOfThisProcessAreKnown) {
  const RankCores cores = current_rank_cores();
  EXPECT_FALSE(cores.node.empty());
  EXPECT_GE(cores.node_cores, 1);
  EXPECT_FALSE(cores.allowed.empty());
  SelfCommunicator self;
  EXPECT_EQ(thread_warning(self, 1), "");
  EXPECT_NE(thread_warning(self, 100'000), "");
}

TEST(Launch, SeveralProcessesOfAProgramWithoutRanksAreRefused) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE",
                           "JSM_NAMESPACE_SIZE", "FLUX_JOB_SIZE"}) {
    EXPECT_THAT(
        [&] {
          check_one_process(environment_of({{name, "2"}}));
        },
        ThrowsMessage<UsageError>(AllOf(HasSubstr(std::string(name) + " says 2 processes"),
                                        HasSubstr("without mpirun or srun"),
                                        HasSubstr("srun -n 1"))))
        << name;
    EXPECT_NO_THROW(check_one_process(environment_of({{name, "1"}}))) << name;
    EXPECT_NO_THROW(
        check_one_process(environment_of({{name, "2"}, {"NNREC_SINGLE_PROCESS", "1"}})));
  }
  EXPECT_THAT(
      [&] {
        check_one_process(environment_of({{"SLURM_NTASKS", "4"},
                                          {"SLURM_PROCID", "2"},
                                          {"SLURM_STEP_ID", "0"},
                                          {"SLURM_STEP_NUM_TASKS", "4"}}));
      },
      ThrowsMessage<UsageError>(HasSubstr("SLURM_STEP_NUM_TASKS says 4")));
}

TEST(Launch, OfSeveralProcessesTheFirstSpeaks) {
  for (const auto& [count, number] :
       {std::pair("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
        std::pair("PMI_SIZE", "PMI_RANK"), std::pair("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
        std::pair("JSM_NAMESPACE_SIZE", "JSM_NAMESPACE_RANK"),
        std::pair("FLUX_JOB_SIZE", "FLUX_TASK_RANK")}) {
    EXPECT_TRUE(is_first_process(environment_of({{count, "2"}, {number, "0"}}))) << count;
    EXPECT_FALSE(is_first_process(environment_of({{count, "2"}, {number, "1"}}))) << count;
    EXPECT_TRUE(is_first_process(environment_of({{count, "1"}, {"SLURM_PROCID", "3"}}))) << count;
  }
  const std::map<std::string, std::string> step{{"SLURM_STEP_ID", "0"},
                                                {"SLURM_STEP_NUM_TASKS", "4"}};
  for (const char* task : {"0", "2"}) {
    auto of_task = step;
    of_task["SLURM_PROCID"] = task;
    EXPECT_EQ(is_first_process(environment_of(of_task)), task == std::string("0"));
  }
  EXPECT_TRUE(is_first_process(environment_of({{"SLURM_PROCID", "2"}}))) << "no step of several";
  EXPECT_TRUE(is_first_process(environment_of({})));
}

// Whatever tasks the job has: the script itself is one process, and so is srun -n 1 within it.
TEST(Launch, OneProcessOfAJobOfManyTasksPasses) {
  const std::map<std::string, std::string> script{{"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}};
  const auto with = [&](std::map<std::string, std::string> more) {
    more.insert(script.begin(), script.end());
    return environment_of(std::move(more));
  };
  EXPECT_NO_THROW(check_one_process(environment_of({})));
  EXPECT_NO_THROW(check_one_process(with({})));
  EXPECT_NO_THROW(check_one_process(with({{"SLURM_STEP_NUM_TASKS", "8"}}))) << "no step";
  EXPECT_NO_THROW(
      check_one_process(with({{"SLURM_STEP_ID", "4294967294"}, {"SLURM_STEP_NUM_TASKS", "8"}})))
      << "the step of the script";
  EXPECT_NO_THROW(check_one_process(with({{"SLURM_STEP_ID", "3"}, {"SLURM_STEP_NUM_TASKS", "1"}})));
  EXPECT_NO_THROW(check_one_process(with({{"OMPI_COMM_WORLD_SIZE", "1"}, {"PMI_SIZE", "8"}})))
      << "mpirun -np 1 within a task";
  EXPECT_THROW(
      check_one_process(with(
          {{"OMPI_COMM_WORLD_SIZE", "2"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}})),
      UsageError)
      << "mpirun in an interactive shell";
}

}  // namespace
}  // namespace nnrec::comm
