#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nnrec/http/server.hpp"

#include "metrics.hpp"
#include "served_model.hpp"

namespace nnrec::app {

/// What the paths of nnrec_serve answer. Lists are those of nnrec_recommend --format json, ratings
/// those of nnrec_predict, to the last digit.
class HttpAnswers final : public http::Handler {
 public:
  /// `current` outlives the object and has a model.
  explicit HttpAnswers(CurrentModel& current) : current_(current) {}
  /// What /metrics says besides; once the server is there.
  void watch(const http::Server& server) { server_ = &server; }

  bool is_quick(const http::Request& request) const override;
  http::Response answer(const http::Request& request, std::size_t worker) override;
  void note(const http::Request& request, unsigned status, double seconds) override;

 private:
  std::string recommend(const http::Request& request, ServedModel& served, std::size_t worker);
  std::string similar(const http::Request& request, ServedModel& served);
  std::string predict(const http::Request& request, ServedModel& served, std::size_t worker);
  http::Response health(const ServedModel& served) const;
  http::Response metrics(const ServedModel& served) const;

  CurrentModel& current_;
  const http::Server* server_ = nullptr;
  Metrics metrics_;
};

}  // namespace nnrec::app
