#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nnrec::import {

enum class HeaderRule { automatic, yes, no };
enum class Encoding { automatic, utf8, latin1 };  ///< automatic: UTF-8, else Latin-1

/// What a user says about the layout of rating files; what is left out is found by looking.
struct LayoutOptions {
  std::string separator;  ///< empty: look
  std::string columns;    ///< "user=..,item=..,rating=..[,time=..]", names or positions from 1
  std::string decimal = ".";
  HeaderRule header = HeaderRule::automatic;
};

/// How the lines of a rating file are cut into fields, and which fields matter.
struct RatingLayout {
  std::string separator;
  char decimal = '.';
  bool quotes = false;  ///< RFC 4180: only in files separated by ',' or ';'
  bool header = false;
  std::size_t user = 0;  ///< field numbers from 0
  std::size_t item = 1;
  std::size_t rating = 2;
  std::optional<std::size_t> time;
  std::size_t fields = 0;  ///< of a line

  bool operator==(const RatingLayout&) const = default;
  /// "tab, header, user=1 item=2 rating=3 time=4", for the report.
  std::string description() const;
};

/// Finds the layout of a file by its first lines. `label` names the file in messages.
/// Throws InputError: no ratings, no such separator (with a guess), no such column.
RatingLayout find_layout(std::string_view head, const LayoutOptions& options,
                         const std::string& label);

/// ',' for messages: "tab", "','".
std::string separator_name(std::string_view separator);

}  // namespace nnrec::import
