#include "nnrec/app/export_command.hpp"

#include <optional>

#include "nnrec/run/kept_files.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/export.hpp"
#include "nnrec/serve/onnx_export.hpp"

#include "app/options/choice.hpp"
#include "app/options/model_options.hpp"

namespace nnrec::app {
namespace {

using Export = void (*)(const serve::Model&, const serve::TrainingFacts&,
                        const std::filesystem::path&);

void export_onnx(const serve::Model& model, const serve::TrainingFacts&,
                 const std::filesystem::path& path) {
  serve::export_onnx(model, path);
}

const Choice<Export> kExports{{"tsv", serve::export_tsv},
                              {"npz", serve::export_npz},
                              {"hdf5", serve::export_hdf5},
                              {"onnx", export_onnx}};

struct ExportOptions {
  std::string run;
  std::string data;
  std::string variant;
  std::string to = "npz";
  std::string output;
  std::int64_t rows = 0;
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
       "numpy.load; hdf5: h5py; onnx: the whole model, for onnxruntime"},
      {"output", &O::output, not_empty("a file, or for tsv a folder"),
       "file, whole or absent; for tsv a folder"},
      {"rows", &O::rows, in_range(0, 1'000'000),
       "of onnx: beside the file FILE.npz with the inputs of so many ratings of the set's test "
       "part, "
       "and the model's ratings, to try a runtime by"},
      threads_option(&O::threads),
  };
  return kTable;
}

std::optional<ExportOptions> parse_options(const std::vector<std::string>& arguments, Log& help) {
  CommandLine line("nnrec_export",
                   "nnrec_export RUN --to npz --output FILE\n\n"
                   "Writes a trained model's parameters for other programs: the rows of users and\n"
                   "titles in the order of their ids, which stand beside them. Or the whole model\n"
                   "as ONNX, whose inputs say what belongs there.");
  ExportOptions options;
  option_table().declare(line, options);
  line.positional("run");
  if (!line.parse(arguments, help)) return std::nullopt;
  Violations violations("nnrec_export");
  option_table().check(options, violations);
  violations.require(options.output != "-",
                     "--output - would be the standard output; give the name of a file, or for tsv "
                     "of a folder");
  violations.require(options.rows == 0 || options.to == "onnx", "--rows is for --to onnx");
  violations.throw_if_any();
  return options;
}

}  // namespace

void export_command(const std::vector<std::string>& arguments, Log& log) {
  Log help(stdout);
  const auto options = parse_options(arguments, help);
  if (!options) return;
  run::require_not_kept("--output", options->output);
  if (options->rows > 0) run::require_not_kept("--rows", options->output + ".npz");
  const math::ThreadTeam team(options->threads);
  auto source = run::find_model(options->run, options->variant, log);
  auto set = run::open_training_set(source, options->data);
  const auto model =
      run::read_present(source, log, [&] { return run::load_model(source, std::move(set)); });
  if (run::is_sampled(source)) {
    log.warn(
        "{}: is one of the models that were sampled{}: it errs more than their mean, which "
        "nnrec_predict gives where the run kept samples",
        source.checkpoint.string(), source.is_chosen ? ", the last" : "");
  }
  meaning_of(options->to, kExports)(model, serve::read_training_facts(model.set, team),
                                    options->output);
  if (options->rows > 0) {
    serve::export_onnx_rows(model, static_cast<std::size_t>(options->rows),
                            options->output + ".npz");
  }
  log.print("{}: {} parameters of {}, {} users, {} items", options->output,
            model.network.layout().parameter_count(), model.variant,
            model.set.catalogue().user_ids.size(), model.set.catalogue().item_ids.size());
}

}  // namespace nnrec::app
