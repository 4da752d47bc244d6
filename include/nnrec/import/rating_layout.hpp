#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::importing {

enum class HeaderRule { automatic, yes, no };
enum class Encoding { automatic, utf8, latin1 };  ///< automatic: UTF-8, else Latin-1

/// Whether "..." around a field are no part of it; within them separators are text.
enum class Quoting {
  none,
  one_line,   ///< "" within quotes is a quote mark
  rfc4180,    ///< so, and quotes may hold line ends
  backslash,  ///< so, and \" within quotes is a quote mark, too
};

/// What is known of the layout of rating files before one looks: what the user says, and what the
/// format fixes. What is left out is found by looking.
struct LayoutOptions {
  std::string separator;  ///< empty: look
  std::string columns;    ///< "user=..,item=..,rating=..[,time=..]", names or positions from 1
  std::string decimal = ".";
  std::string time_format;  ///< of TimePattern; empty: seconds, milliseconds, or ISO 8601
  HeaderRule header = HeaderRule::automatic;
  /// The format whose columns without a header are user, item, rating and time, whatever they look
  /// like; empty: none has said so.
  std::string known_order;
  bool ratings_are_checked = false;  ///< against a scale
  std::vector<float> not_rated;      ///< values that stand for no rating
  std::int64_t now = 0;              ///< Unix seconds: no rating is later
};

/// Throws UsageError where the user says any of these, by their options' names without dashes,
/// which a format of this name does not look at.
void require_unsaid(const LayoutOptions& options, std::initializer_list<std::string_view> unread,
                    std::string_view format);

/// How the records of a rating file are cut into fields, and which fields matter.
struct RatingLayout {
  std::string separator;
  char decimal = '.';
  Quoting quoting = Quoting::none;
  bool header = false;
  std::size_t user = 0;  ///< field numbers from 0
  std::size_t item = 1;
  std::size_t rating = 2;
  std::optional<std::size_t> time;
  std::size_t fields = 0;   ///< of a record
  std::string time_format;  ///< of TimePattern, or empty
  /// By what each column was bound, and which are left aside: a sentence each.
  std::vector<std::string> evidence;

  /// "tab, header, user=1 item=2 rating=3 time=4", for the report.
  std::string description() const;
};

/// The start of a text.
struct TextHead {
  std::string_view text;  ///< whole lines
  bool whole = true;      ///< there is no more
};

/// Finds the layout of a text by its first records. A column is bound only by evidence: by what the
/// user or the format says, by its name in the header, or, without a header, by the usual order
/// where the values are like ids, ratings and times. `label` names the file in messages.
/// Throws InputError: no ratings, no such separator (with a guess), no such column, a role that
/// nothing settles (with a line of --columns to complete).
RatingLayout find_layout(const TextHead& head, const LayoutOptions& options,
                         const std::string& label);

/// ',' for messages: "tab", "','".
std::string separator_name(std::string_view separator);

}  // namespace nnrec::importing
