#include "gatehouse/text/views/making.h"

#include <algorithm>

#include "gatehouse/text/utf8.h"

namespace gatehouse::text::views {

void Making::start(std::size_t most) {
  text_.clear();
  steps_.clear(map_);
  most_ = most;
  source_end_ = 0;
  full_ = false;
  mirrored_ = false;
}

void Making::copy(std::string_view source, std::size_t begin, std::size_t end) {
  if (begin < end) add(begin, end, source.substr(begin, end - begin), 1, 1, true);
}

void Making::put(std::size_t begin, std::size_t end, std::string_view with) {
  put_units(begin, end, with, static_cast<std::uint16_t>(with.size()), static_cast<std::uint16_t>(end - begin));
}

void Making::put_units(std::size_t begin, std::size_t end, std::string_view with, std::uint16_t from,
                       std::uint16_t to) {
  add(begin, end, with, from, to, false);
}

void Making::add(std::size_t begin, std::size_t end, std::string_view with, std::uint16_t from, std::uint16_t to,
                 bool same) {
  if (with.empty() || full_) return;
  if (text_.size() + with.size() > most_) {
    full_ = true;
    with = with.substr(0, most_ - text_.size());
    end = std::min(end, begin + (with.size() + from - 1) / from * to);
    if (with.empty()) return;
  }
  steps_.add(map_, text_.size(), with.size(), begin, from, to, same);
  text_.append(with);
  source_end_ = end;
}

void Making::mirror(std::string_view source, std::size_t begin, std::size_t end) {
  std::string_view rest = source.substr(begin, end - begin);
  if (rest.size() > most_) {
    full_ = true;
    return;
  }
  text_.resize(rest.size());
  std::size_t to = text_.size();
  while (!rest.empty()) {
    const std::size_t size = next_sequence(rest).size;
    to -= size;
    std::copy_n(rest.begin(), size, text_.begin() + static_cast<std::ptrdiff_t>(to));
    rest.remove_prefix(size);
  }
  mirrored_ = true;
  source_end_ = end;
}

}  // namespace gatehouse::text::views
