#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common.h"

namespace gatehouse::bench {

// Counts the events of a stream and reads their stamps, cut anywhere.
class EventScanner {
 public:
  std::uint64_t events = 0;
  bool done = false;

  // `on_stamp(number)` for each whole stamp.
  template <class F>
  void feed(std::string_view bytes, bool stamps, F on_stamp) {
    if (stamps) scan_stamps(bytes, on_stamp);
    while (!bytes.empty()) {
      if (line_size_ < line_.size()) {
        line_[line_size_++] = bytes.front();
        if (bytes.front() == '\n') {
          end_line(line_size_ - 1);
        }
        bytes.remove_prefix(1);
        continue;
      }
      const std::size_t newline = bytes.find('\n');
      if (newline == std::string_view::npos) return;
      end_line(line_size_);
      bytes.remove_prefix(newline + 1);
    }
  }

 private:
  void end_line(std::size_t size) {
    const std::string_view line(line_.data(), size);
    // Of OpenAI's streams, and of Anthropic's.
    if (line.starts_with("data: [DONE]") || line.starts_with("data:[DONE]") ||
        line.starts_with("event: message_stop")) {
      done = true;
    } else if (line.starts_with("data:")) {
      ++events;
    }
    line_size_ = 0;
  }
  template <class F>
  void scan_stamps(std::string_view bytes, F on_stamp) {
    while (!bytes.empty()) {
      if (stamp_size_ < 0) {
        const std::size_t tilde = bytes.find('~');
        if (tilde == std::string_view::npos) return;
        bytes.remove_prefix(tilde + 1);
        stamp_size_ = 0;
        stamp_ = 0;
        continue;
      }
      const char c = bytes.front();
      bytes.remove_prefix(1);
      if (c >= 'a' && c <= 'p' && stamp_size_ < static_cast<int>(kStampDigits)) {
        stamp_ = stamp_ << 4U | static_cast<std::uint64_t>(c - 'a');
        ++stamp_size_;
      } else {
        if (c == '~' && stamp_size_ == static_cast<int>(kStampDigits)) on_stamp(stamp_);
        stamp_size_ = -1;
      }
    }
  }
  std::array<char, 32> line_{};  // how the line began
  std::size_t line_size_ = 0;
  int stamp_size_ = -1;
  std::uint64_t stamp_ = 0;
};

}  // namespace gatehouse::bench
