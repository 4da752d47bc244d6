#include "nnrec/app/serve_command.hpp"

#include <chrono>
#include <optional>

#include "nnrec/http/server.hpp"
#include "nnrec/math/thread_team.hpp"

#include "http_answers.hpp"
#include "model_watch.hpp"
#include "serve_options.hpp"

namespace nnrec::app {
namespace {

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

http::ServerOptions server_options(const ServeOptions& options, std::size_t workers) {
  http::ServerOptions server;
  server.address = options.address;
  server.port = static_cast<std::uint16_t>(options.port);
  server.workers = workers;
  server.most_waiting = static_cast<std::size_t>(options.queue);
  server.most_connections = static_cast<std::size_t>(options.connections);
  server.most_body_bytes = static_cast<std::size_t>(options.body_bytes);
  server.request_time = milliseconds(options.request_seconds);
  server.idle_time = milliseconds(options.idle_seconds);
  return server;
}

}  // namespace

void serve_command(const std::vector<std::string>& arguments, Log& help, Log& log,
                   const std::function<bool()>& stop_is_asked) {
  const auto options = parse_serve_options(arguments, help);
  if (!options) return;
  const auto workers = static_cast<std::size_t>(math::ThreadTeam(options->threads).size());
  const ServedPlace place{options->run, options->data, options->variant, workers};
  std::string seen = files_seen(place.run);  // before it is loaded: what comes later is newer
  CurrentModel current;
  current.set(std::make_shared<ServedModel>(run::find_model(place.run, place.variant, log), place,
                                            nullptr, log));
  HttpAnswers answers(current);
  http::Server server(server_options(*options, workers), answers);
  answers.watch(server);
  log.print("listening on http://{}:{}, {} requests at a time", options->address, server.port(),
            workers);
  {
    std::optional<ModelWatch> watch;
    if (options->watch_seconds > 0)
      watch.emplace(place, options->watch_seconds, std::move(seen), current, log);
    server.run(stop_is_asked);
  }
  log.line("ended: every request under way was answered");
}

}  // namespace nnrec::app
