#pragma once

#include <functional>
#include <string>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/communicator.hpp"

namespace nnrec::comm {

/// An error that every rank throws at the same point with the same text: rank 0 alone may print it,
/// and the ranks can still end together. Its kind is that of the error it stands for.
class AgreedError : public Error {
 public:
  using Error::Error;
};

/// Runs `work` on every rank; when it throws on any, throws on all an AgreedError with the kind and
/// message of the lowest failing rank, as "rank N: message" unless all ranks failed with one text.
/// Collective: yes.   Requires: `work` itself calls no collective (a rank that failed early would
/// not come to it).
void agree(Communicator& ranks, const std::function<void()>& work);

/// Throws an AgreedError of `kind` on every rank when the ranks' texts differ, with rank 0's and
/// the first other one: "WHAT differs: rank 0 has ..., rank N has ...".   Collective: yes.
void agree_on_text(Communicator& ranks, ErrorKind kind, const std::string& what,
                   const std::string& text);

}  // namespace nnrec::comm
