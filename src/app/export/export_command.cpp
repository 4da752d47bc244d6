#include "nnrec/app/export_command.hpp"

#include <optional>

#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/export.hpp"

#include "app/options/choice.hpp"
#include "app/options/model_options.hpp"

namespace nnrec::app {
namespace {

using Export = void (*)(const serve::Model&, const serve::TrainingFacts&,
                        const std::filesystem::path&);

const Choice<Export> kExports{
    {"tsv", serve::export_tsv}, {"npz", serve::export_npz}, {"hdf5", serve::export_hdf5}};

struct ExportOptions {
  std::string run;
  std::string data;
  std::string variant;
  std::string to = "npz";
  std::string output;
  int threads = 0;
};

const OptionTable<ExportOptions>& option_table() {
  using O = ExportOptions;
  static const OptionTable<ExportOptions> kTable{
      run_option(&O::run),
      data_option(&O::data),
      variant_option(&O::variant),
      {"to", &O::to, word_of(kExports),
       "tsv: a folder of vectors and metadata, for TensorBoard's projector and pandas; npz: "
       "numpy.load; hdf5: h5py"},
      {"output", &O::output, not_empty("a file, or for tsv a folder"),
       "file, whole or absent; for tsv a folder"},
      threads_option(&O::threads),
  };
  return kTable;
}

std::optional<ExportOptions> parse_options(const std::vector<std::string>& arguments, Log& log) {
  CommandLine line("nnrec_export",
                   "nnrec_export RUN --to npz --output FILE\n\n"
                   "Writes a trained model's parameters for other programs: the rows of users and\n"
                   "titles in the order of their ids, which stand beside them.");
  ExportOptions options;
  option_table().declare(line, options);
  line.positional("run");
  if (!line.parse(arguments, log)) return std::nullopt;
  Violations violations("nnrec_export");
  option_table().check(options, violations);
  violations.throw_if_any();
  return options;
}

}  // namespace

void export_command(const std::vector<std::string>& arguments, Log& log) {
  const auto options = parse_options(arguments, log);
  if (!options) return;
  const math::ThreadTeam team(options->threads);
  const auto source = run::find_model(options->run, options->variant, log);
  const auto model = run::load_model(source, run::open_training_set(source, options->data));
  meaning_of(options->to, kExports)(model, serve::read_training_facts(model.set, team),
                                    options->output);
  log.print("{}: {} parameters of {}, {} users, {} items", options->output,
            model.network.layout().parameter_count(), model.variant,
            model.set.catalogue().user_ids.size(), model.set.catalogue().item_ids.size());
}

}  // namespace nnrec::app
